//! What is written into rows: fills, values and expressions.

use sea_orm::sea_query::{BinOper, Expr, Keyword, Value};

use super::column::{self, sql};
use super::layout::Code;
use super::step::op;
use crate::op::BackfillSpec;
use crate::schema::expr_sql;

pub(super) fn backfill(spec: &BackfillSpec) -> Code {
    let BackfillSpec {
        table,
        set,
        filter,
        batch,
    } = spec;
    let mut code = op().then("backfill", [column::name(table)]);
    for (column, value) in set {
        code = code.then("set", [Code::text(column), expr(value)]);
    }
    if let Some(filter) = filter {
        code = code.then("only_where", [expr(filter)]);
    }
    code.then("batch", [Code::word(grouped(*batch))])
}

/// `1000` as `1_000`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

/// An expression: what is often written as a person writes it, all else as SQL.
fn expr(expr: &Expr) -> Code {
    let is_null = |operator: &BinOper| match operator {
        BinOper::Is => Some("is_null"),
        BinOper::IsNot => Some("is_not_null"),
        _ => None,
    };
    match expr {
        Expr::Value(constant) => literal(constant).unwrap_or_else(|| sql("NULL")),
        Expr::Binary(left, operator, right)
            if **right == Expr::Keyword(Keyword::Null)
                && matches!(**left, Expr::Column(_))
                && let Some(method) = is_null(operator) =>
        {
            let column = expr_sql(left);
            let plain = column
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            match plain.filter(|plain| !plain.contains('"')) {
                Some(plain) => Code::call("Expr::col", [Code::text(plain)]).then(method, []),
                None => sql(&expr_sql(expr)),
            }
        }
        other => sql(&expr_sql(other)),
    }
}

/// A value where a `Value` is wanted.
pub(super) fn value(value: &Value) -> Code {
    match literal(value) {
        Some(literal) => literal.then("into", []),
        None => Code::call("Value::String", [Code::word("None")]),
    }
}

/// Values where anything is wanted that becomes one: as they are, if they are of one kind.
pub(super) fn values(values: &[Value]) -> Code {
    let mut kinds = values.iter().map(std::mem::discriminant);
    let first = kinds.next();
    let literals: Option<Vec<Code>> = values.iter().map(literal).collect();
    match literals.filter(|_| kinds.all(|kind| Some(kind) == first)) {
        Some(literals) => Code::Array(literals),
        None => Code::Array(
            values
                .iter()
                .map(|one| Code::call("Value::from", [literal(one).unwrap_or_else(|| value(one))]))
                .collect(),
        ),
    }
}

/// A value as Rust writes it, so that it is the same one again; what has no literal of its own goes
/// as text. `None` is NULL.
fn literal(value: &Value) -> Option<Code> {
    let number = |n: String, ending: &str| Code::word(n + ending);
    Some(match value {
        Value::Bool(Some(value)) => Code::word(value),
        Value::TinyInt(Some(n)) => number(n.to_string(), "_i8"),
        Value::SmallInt(Some(n)) => number(n.to_string(), "_i16"),
        Value::Int(Some(n)) => number(n.to_string(), ""),
        Value::BigInt(Some(n)) => number(n.to_string(), "_i64"),
        Value::TinyUnsigned(Some(n)) => number(n.to_string(), "_u8"),
        Value::SmallUnsigned(Some(n)) => number(n.to_string(), "_u16"),
        Value::Unsigned(Some(n)) => number(n.to_string(), "_u32"),
        Value::BigUnsigned(Some(n)) => number(n.to_string(), "_u64"),
        Value::Float(Some(n)) if n.is_finite() => number(n.to_string(), "_f32"),
        Value::Double(Some(n)) if n.is_finite() => number(n.to_string(), "_f64"),
        Value::String(Some(text)) => Code::text(text),
        other if *other == other.as_null() => return None,
        other => {
            let sql = expr_sql(&Expr::Value(other.clone()));
            let text = sql
                .strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''));
            match text {
                Some(text) => Code::text(text.replace("''", "'")),
                None => Code::text(sql),
            }
        }
    })
}
