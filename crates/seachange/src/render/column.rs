//! Columns and types as the helpers of `sea_orm_migration::schema`, else as sea-query's own words.

use super::layout::Code;
use crate::schema::{
    Column, Counting, DefaultValue, Length, Name, Numbering, Sequence, Type, Unique, Variant,
};

/// What the table says about a column.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Role {
    /// It is the primary key by itself.
    pub(super) primary_key: bool,
    /// It is unique by itself.
    pub(super) unique: bool,
}

/// A name, or a pair when it is qualified.
pub(super) fn name(name: &Name) -> Code {
    match &name.schema {
        Some(schema) => Code::call("", [Code::text(schema), Code::text(&name.name)]),
        None => Code::text(&name.name),
    }
}

/// SQL as an expression.
pub(super) fn sql(sql: &str) -> Code {
    Code::call("Expr::cust", [Code::text(sql)])
}

/// What one engine gets instead.
pub(super) fn variant(variant: &Variant) -> Code {
    let Variant {
        default,
        generated,
        collation,
    } = variant;
    let mut code = Code::call("Variant::new", []);
    code = match default {
        Some(Some(default)) => code.then("default_value", [default_value(default)]),
        Some(None) => code.then("no_default", []),
        None => code,
    };
    code = match generated {
        Some(Some(generated)) => {
            let arguments = [sql(&generated.expr), Code::word(generated.stored)];
            code.then("generated", arguments)
        }
        Some(None) => code.then("not_generated", []),
        None => code,
    };
    match collation {
        Some(Some(collation)) => code.then("collation", [Code::text(collation)]),
        Some(None) => code.then("default_collation", []),
        None => code,
    }
}

/// Whether a column's definition can say that it is unique.
pub(super) fn is_inline(unique: &Unique) -> bool {
    unique.name.is_none() && unique.columns.len() == 1 && !unique.nulls_not_distinct
}

/// A column's definition.
pub(super) fn column(column: &Column, role: Role) -> Code {
    let Column {
        name,
        ty,
        nullable,
        default,
        auto_increment,
        // Said by the step, since a definition has no word for it.
        numbering: _,
        generated,
        // Said by the step, since a definition has no word for it.
        collation: _,
        extra,
        comment,
        // Said by the rename that it led to.
        renamed_from: _,
        enum_hints: _,
        // Said by the step, since a definition has no word for it.
        variants: _,
    } = column;
    let first = || Code::text(name);
    let mut code;
    let mut open = Open {
        auto_increment: *auto_increment,
        primary_key: role.primary_key,
        unique: role.unique,
        now: false,
    };
    match (ty, helper(ty)) {
        (Type::Integer, _) if role.primary_key && *auto_increment && !nullable => {
            code = Code::call("pk_auto", [first()]);
            open.auto_increment = false;
            open.primary_key = false;
        }
        (Type::BigInteger, _) if role.primary_key && *auto_increment && !nullable => {
            code = Code::call("big_pk_auto", [first()]);
            open.auto_increment = false;
            open.primary_key = false;
        }
        (Type::Uuid, _) if role.primary_key && !nullable => {
            code = Code::call("pk_uuid", [first()]);
            open.primary_key = false;
        }
        (_, Some((helper, rest))) => {
            let has_now = matches!(
                helper,
                "timestamp" | "timestamp_with_time_zone" | "date_time"
            );
            let ending = if *nullable {
                "_null"
            } else if has_now && *default == Some(DefaultValue::CurrentTimestamp) {
                open.now = true;
                "_default_now"
            } else if role.unique && helper != "custom" {
                open.unique = false;
                "_uniq"
            } else {
                ""
            };
            code = Code::call(
                format!("{helper}{ending}"),
                [first()].into_iter().chain(rest),
            );
        }
        (ty, None) => {
            code = Code::call("ColumnDef::new_with_type", [first(), column_type(ty)])
                .then(if *nullable { "null" } else { "not_null" }, []);
        }
    }
    if open.auto_increment {
        code = code.then("auto_increment", []);
    }
    if open.primary_key {
        code = code.then("primary_key", []);
    }
    if open.unique {
        code = code.then("unique_key", []);
    }
    if let Some(default) = default
        && !open.now
    {
        code = code.then("default", [default_value(default)]);
    }
    if let Some(generated) = generated {
        code = code.then(
            "generated",
            [sql(&generated.expr), Code::word(generated.stored)],
        );
    }
    if let Some(extra) = extra {
        code = code.then("extra", [Code::text(extra)]);
    }
    if let Some(comment) = comment {
        code = code.then("comment", [Code::text(comment)]);
    }
    code
}

/// What the helper did not say yet.
struct Open {
    auto_increment: bool,
    primary_key: bool,
    unique: bool,
    now: bool,
}

/// The helper of `sea_orm_migration::schema` for a type, and its arguments after the name.
fn helper(ty: &Type) -> Option<(&'static str, Vec<Code>)> {
    let number = |n: &u32| Code::word(n);
    Some(match ty {
        Type::Char(None) => ("char", vec![]),
        Type::Char(Some(n)) => ("char_len", vec![number(n)]),
        Type::String(Length::Unspecified) => ("string", vec![]),
        Type::String(Length::N(n)) => ("string_len", vec![number(n)]),
        Type::Text => ("text", vec![]),
        Type::TinyInteger => ("tiny_integer", vec![]),
        Type::SmallInteger => ("small_integer", vec![]),
        Type::Integer => ("integer", vec![]),
        Type::BigInteger => ("big_integer", vec![]),
        Type::TinyUnsigned => ("tiny_unsigned", vec![]),
        Type::SmallUnsigned => ("small_unsigned", vec![]),
        Type::Unsigned => ("unsigned", vec![]),
        Type::BigUnsigned => ("big_unsigned", vec![]),
        Type::Float => ("float", vec![]),
        Type::Double => ("double", vec![]),
        Type::Decimal(None) => ("decimal", vec![]),
        Type::Decimal(Some((p, s))) => ("decimal_len", vec![number(p), number(s)]),
        Type::DateTime => ("date_time", vec![]),
        Type::Timestamp => ("timestamp", vec![]),
        Type::TimestampWithTimeZone => ("timestamp_with_time_zone", vec![]),
        Type::Time => ("time", vec![]),
        Type::Date => ("date", vec![]),
        Type::Year => ("year", vec![]),
        Type::Interval(fields, precision) => (
            "interval",
            vec![interval(fields.as_deref())?, option(*precision)],
        ),
        Type::Binary(n) => ("binary_len", vec![number(n)]),
        Type::VarBinary(Length::N(n)) => ("var_binary", vec![number(n)]),
        Type::Blob => ("blob", vec![]),
        Type::Bit(n) => ("bit", vec![option(*n)]),
        Type::VarBit(n) => ("varbit", vec![number(n)]),
        Type::Boolean => ("boolean", vec![]),
        Type::Money(None) => ("money", vec![]),
        Type::Money(Some((p, s))) => ("money_len", vec![number(p), number(s)]),
        Type::Json => ("json", vec![]),
        Type::JsonBinary => ("json_binary", vec![]),
        Type::Uuid => ("uuid", vec![]),
        Type::Enum {
            name: name @ Name { schema: None, .. },
            values,
        } if !name.name.starts_with('"') => (
            "enumeration",
            vec![Code::text(&name.name), Code::texts(values)],
        ),
        Type::Array(element) => ("array", vec![column_type(element)]),
        Type::Custom(sql) => ("custom", vec![Code::text(sql)]),
        _ => return None,
    })
}

/// A type as `ColumnType`, or the call that makes one.
pub(super) fn column_type(ty: &Type) -> Code {
    let plain = |name: &str| Code::word(format!("ColumnType::{name}"));
    let with =
        |name: &str, arguments: Vec<Code>| Code::call(format!("ColumnType::{name}"), arguments);
    let length = |length: &Length| match length {
        Length::Unspecified => Code::word("StringLen::None"),
        Length::N(n) => Code::call("StringLen::N", [Code::word(n)]),
        Length::Max => Code::word("StringLen::Max"),
    };
    let pair = |pair: &Option<(u32, u32)>| match pair {
        Some((p, s)) => Code::call("Some", [Code::call("", [Code::word(p), Code::word(s)])]),
        None => Code::word("None"),
    };
    match ty {
        Type::Char(n) => with("Char", vec![option(*n)]),
        Type::String(n) => with("String", vec![length(n)]),
        Type::Text => plain("Text"),
        Type::TinyInteger => plain("TinyInteger"),
        Type::SmallInteger => plain("SmallInteger"),
        Type::Integer => plain("Integer"),
        Type::BigInteger => plain("BigInteger"),
        Type::TinyUnsigned => plain("TinyUnsigned"),
        Type::SmallUnsigned => plain("SmallUnsigned"),
        Type::Unsigned => plain("Unsigned"),
        Type::BigUnsigned => plain("BigUnsigned"),
        Type::Float => plain("Float"),
        Type::Double => plain("Double"),
        Type::Decimal(p) => with("Decimal", vec![pair(p)]),
        Type::DateTime => plain("DateTime"),
        Type::Timestamp => plain("Timestamp"),
        Type::TimestampWithTimeZone => plain("TimestampWithTimeZone"),
        Type::Time => plain("Time"),
        Type::Date => plain("Date"),
        Type::Year => plain("Year"),
        Type::Interval(fields, precision) => match interval(fields.as_deref()) {
            Some(fields) => with("Interval", vec![fields, option(*precision)]),
            None => custom(&ty.to_string()),
        },
        Type::Binary(n) => with("Binary", vec![Code::word(n)]),
        Type::VarBinary(n) => with("VarBinary", vec![length(n)]),
        Type::Blob => plain("Blob"),
        Type::Bit(n) => with("Bit", vec![option(*n)]),
        Type::VarBit(n) => with("VarBit", vec![Code::word(n)]),
        Type::Boolean => plain("Boolean"),
        Type::Money(p) => with("Money", vec![pair(p)]),
        Type::Json => plain("Json"),
        Type::JsonBinary => plain("JsonBinary"),
        Type::Uuid => plain("Uuid"),
        Type::Enum { name, values } => {
            Code::call("enum_type", [self::name(name), Code::texts(values)])
        }
        Type::Array(element) => with(
            "Array",
            vec![Code::call("RcOrArc::new", [column_type(element)])],
        ),
        Type::Vector(n) => with("Vector", vec![option(*n)]),
        Type::Cidr => plain("Cidr"),
        Type::Inet => plain("Inet"),
        Type::MacAddr => plain("MacAddr"),
        Type::LTree => plain("LTree"),
        Type::Custom(sql) => custom(sql),
    }
}

fn custom(sql: &str) -> Code {
    Code::call("ColumnType::custom", [Code::text(sql)])
}

fn option(n: Option<u32>) -> Code {
    match n {
        Some(n) => Code::call("Some", [Code::word(n)]),
        None => Code::word("None"),
    }
}

/// The fields of an interval as sea-query names them.
fn interval(fields: Option<&str>) -> Option<Code> {
    let Some(fields) = fields else {
        return Some(Code::word("None"));
    };
    let name = match fields {
        "YEAR" => "Year",
        "MONTH" => "Month",
        "DAY" => "Day",
        "HOUR" => "Hour",
        "MINUTE" => "Minute",
        "SECOND" => "Second",
        "YEAR TO MONTH" => "YearToMonth",
        "DAY TO HOUR" => "DayToHour",
        "DAY TO MINUTE" => "DayToMinute",
        "DAY TO SECOND" => "DayToSecond",
        "HOUR TO MINUTE" => "HourToMinute",
        "HOUR TO SECOND" => "HourToSecond",
        "MINUTE TO SECOND" => "MinuteToSecond",
        _ => return None,
    };
    Some(Code::call(
        "Some",
        [Code::word(format!("PgInterval::{name}"))],
    ))
}

/// How rows are numbered.
pub(super) fn numbering(numbering: &Numbering) -> Code {
    let Numbering::Identity(identity) = numbering else {
        return Code::call("Numbering::serial", []);
    };
    let mut code = Code::call("Numbering::identity", []);
    if identity.always {
        code = code.then("always", []);
    }
    counting(code, &identity.counting)
}

/// A sequence that no column owns.
pub(super) fn sequence(sequence: &Sequence) -> Code {
    let code = Code::call("Sequence::new", [name(&sequence.name)]);
    let code = match sequence.ty {
        Type::SmallInteger => code.then("small_integer", []),
        Type::Integer => code.then("integer", []),
        _ => code,
    };
    counting(code, &sequence.counting)
}

fn counting(mut code: Code, counting: &Counting) -> Code {
    for (word, number) in counting.numbers() {
        code = code.then(word, [Code::word(number)]);
    }
    match counting.cycle {
        true => code.then("cycle", []),
        false => code,
    }
}

/// A default, so that it is read back as the same one.
pub(super) fn default_value(default: &DefaultValue) -> Code {
    match default {
        DefaultValue::Bool(value) => Code::word(value),
        DefaultValue::String(text) => Code::text(text),
        DefaultValue::CurrentTimestamp => Code::call("Expr::current_timestamp", []),
        DefaultValue::Expr(expr) => sql(expr),
        DefaultValue::Number(number) => match literal(number) {
            Some(literal) => Code::word(literal),
            None => sql(number),
        },
    }
}

/// The number as Rust writes it, if it then prints as the same text again.
fn literal(number: &str) -> Option<String> {
    if let Ok(n) = number.parse::<i64>()
        && n.to_string() == number
    {
        let ending = if i32::try_from(n).is_ok() { "" } else { "_i64" };
        return Some(format!("{number}{ending}"));
    }
    if let Ok(n) = number.parse::<u64>()
        && n.to_string() == number
    {
        return Some(format!("{number}_u64"));
    }
    let n: f64 = number.parse().ok()?;
    (n.is_finite() && n.to_string() == number && number.contains('.')).then(|| number.to_owned())
}
