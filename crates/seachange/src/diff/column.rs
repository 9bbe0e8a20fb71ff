//! Columns: added, and altered in place.

use sea_orm::sea_query::{Expr, ExprTrait};

use super::{Question, Work, column_key};
use crate::op::{BackfillSpec, ColumnChange, Op};
use crate::schema::{Column, DefaultValue, Name, Type};

/// How many rows a generated backfill fills before it commits.
const BATCH: u64 = 1_000;

/// Adds a column. One that must hold a value in rows that are there already is added nullable,
/// filled, and then required.
pub(super) fn add(work: &mut Work<'_>, table: &Name, column: &Column) {
    let mut column = column.clone();
    column.forget_hints();
    if column.nullable || is_filled(&column) {
        push_add(work, table, column);
        return;
    }
    let Some(sql) = work.answers.backfill(table, &column.name) else {
        work.plan.questions.push(Question::Backfill {
            table: table.clone(),
            column: column.name.clone(),
            new: true,
        });
        // Carried on with as if it were answered, so that no other difference hides behind it.
        push_add(work, table, column);
        return;
    };
    let name = column.name.clone();
    let required = column.clone();
    column.nullable = true;
    push_add(work, table, column);
    fill(work, table, &name, Expr::cust(sql));
    let nullable = Column {
        nullable: true,
        ..required.clone()
    };
    push_alter(
        work,
        table,
        &nullable,
        ColumnChange::between(&nullable, &required),
    );
}

/// Whether an engine gives the column a value where an INSERT does not.
fn is_filled(column: &Column) -> bool {
    let fills = |view: &Column| view.default.is_some() || view.generated.is_some();
    column.auto_increment || column.views().iter().any(fills)
}

/// A column that comes back and must hold a value, though its values are gone: a plain value of its
/// type stands in for them in the rows that are there. It is the default while the column is added.
/// `goes` tells the values of enums that are taken out behind it.
pub(super) fn with_placeholder(op: Op, goes: &dyn Fn(&Name, &str) -> bool) -> Vec<Op> {
    let Op::AddColumn { table, column } = op else {
        return vec![op];
    };
    let required = !column.nullable && !is_filled(&column);
    let placeholder = match required {
        true => placeholder(&column.ty, goes),
        false => None,
    };
    let add = |column: Column| Op::AddColumn {
        table: table.clone(),
        column: Box::new(column),
    };
    if placeholder.is_none() {
        return vec![add(*column)];
    }
    let filled = Column {
        default: placeholder,
        ..(*column).clone()
    };
    vec![
        add(filled.clone()),
        Op::AlterColumn {
            table: table.clone(),
            column: column.name.clone(),
            change: Box::new(ColumnChange::between(&filled, &column)),
            before: Some(Box::new(filled)),
        },
    ]
}

/// A value that every engine takes for the type, and that says nothing.
fn placeholder(ty: &Type, goes: &dyn Fn(&Name, &str) -> bool) -> Option<DefaultValue> {
    let text = |text: &str| Some(DefaultValue::String(text.to_owned()));
    match ty {
        ty if ty.is_integer() => Some(DefaultValue::Number("0".to_owned())),
        Type::Float | Type::Double | Type::Decimal(_) | Type::Money(_) => {
            Some(DefaultValue::Number("0".to_owned()))
        }
        Type::Boolean => Some(DefaultValue::Bool(false)),
        Type::Char(_) | Type::String(_) | Type::Text | Type::Blob => text(""),
        Type::Binary(_) | Type::VarBinary(_) | Type::VarBit(_) => text(""),
        Type::DateTime | Type::Timestamp | Type::TimestampWithTimeZone => {
            Some(DefaultValue::CurrentTimestamp)
        }
        Type::Date => text("1970-01-01"),
        Type::Time => text("00:00:00"),
        Type::Json | Type::JsonBinary => text("{}"),
        Type::Uuid => text("00000000-0000-0000-0000-000000000000"),
        Type::Interval(..) => text("0 seconds"),
        Type::Bit(bits) => {
            let bits = usize::try_from(bits.unwrap_or(1)).unwrap_or(1);
            Some(DefaultValue::String("0".repeat(bits)))
        }
        Type::Cidr | Type::Inet => text("0.0.0.0/0"),
        Type::MacAddr => text("00:00:00:00:00:00"),
        Type::Array(_) => text("{}"),
        Type::Enum { name, values } => text(values.iter().find(|value| !goes(name, value))?),
        _ => None,
    }
}

fn push_add(work: &mut Work<'_>, table: &Name, column: Column) {
    work.push(Op::AddColumn {
        table: table.clone(),
        column: Box::new(column),
    });
}

fn push_alter(work: &mut Work<'_>, table: &Name, old: &Column, change: ColumnChange) {
    work.push(Op::AlterColumn {
        table: table.clone(),
        column: old.name.clone(),
        change: Box::new(change),
        before: Some(Box::new(old.clone())),
    });
}

fn fill(work: &mut Work<'_>, table: &Name, column: &str, value: Expr) {
    work.push(Op::Backfill(Box::new(BackfillSpec {
        table: table.clone(),
        set: vec![(column.to_owned(), value)],
        filter: Some(Expr::col(column.to_owned()).is_null()),
        batch: BATCH,
    })));
}

/// Changes what differs of a column, in one operation.
pub(super) fn alter(work: &mut Work<'_>, table: &Name, old: &Column, new: &Column) {
    // Values of an enum belong to the type, which all its columns share.
    let mut old = old.clone();
    if let (Some((from, _)), Some((to, values))) = (old.ty.enumeration(), new.ty.enumeration())
        && from == to
    {
        old.ty = old.ty.with_enum_values(values);
    }
    if old.extra != new.extra {
        work.note(
            column_key(table, &new.name).to_string(),
            "its extra SQL changed, which nobody but you can read: write the change by hand, with \
             `op.execute`, and then run `snapshot --accept`",
        );
    }
    let mut change = ColumnChange::between(&old, new);
    if change.is_empty() {
        return;
    }
    let filled = new.is_computed() || change.nullable != Some(false);
    // What fills it is a value of the new type.
    if !filled && change.ty.is_some() && !is_alike(&old.ty, &new.ty) {
        let typed = ColumnChange {
            nullable: None,
            ..change
        };
        push_alter(work, table, &old, typed.clone());
        typed.apply(&mut old);
        change = ColumnChange::between(&old, new);
    }
    if !filled && !fill_nulls(work, table, new) {
        work.plan.questions.push(Question::Backfill {
            table: table.clone(),
            column: new.name.clone(),
            new: false,
        });
    }
    push_alter(work, table, &old, change);
}

/// Whether a value of one type, as SQL has it, is one of the other too.
fn is_alike(a: &Type, b: &Type) -> bool {
    let text = |ty: &Type| matches!(ty, Type::Char(_) | Type::String(_) | Type::Text);
    (text(a) && text(b)) || (a.is_integer() && b.is_integer())
}

/// Fills rows that hold NULL where it is about to be refused: by the answer, else by the default.
/// False when neither says how.
fn fill_nulls(work: &mut Work<'_>, table: &Name, new: &Column) -> bool {
    let value = match (work.answers.backfill(table, &new.name), &new.default) {
        (Some(sql), _) => Expr::cust(sql),
        (None, Some(default)) => default_expr(default),
        (None, None) => return false,
    };
    fill(work, table, &new.name, value);
    true
}

fn default_expr(default: &DefaultValue) -> Expr {
    match default {
        DefaultValue::Bool(value) => Expr::val(*value),
        DefaultValue::Number(number) => Expr::cust(number.clone()),
        DefaultValue::String(string) => Expr::val(string.clone()),
        DefaultValue::CurrentTimestamp => Expr::current_timestamp(),
        DefaultValue::Expr(sql) => Expr::cust(sql.clone()),
    }
}
