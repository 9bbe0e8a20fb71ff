//! Types: what becomes of a declared one, how it is read from the server's spelling, and how it is
//! written.

use super::lex::{self, Token};
use super::unsupported;
use crate::dialect::{Unsupported, quote};
use crate::schema::{Length, Name, Type};

/// The one variant that stands for what the server makes of a declared type.
///
/// Several declared types are one to the server. Of these, the reader and this function use:
///
/// | server | variant | also declared as |
/// |---|---|---|
/// | `smallint` | `SmallInteger` | `TinyInteger`, `TinyUnsigned` |
/// | `integer` | `Integer` | `SmallUnsigned`, `Unsigned` |
/// | `bigint` | `BigInteger` | `BigUnsigned` |
/// | `character varying` | `String(Unspecified)` | `String(Max)` |
/// | `character(1)` | `Char(Some(1))` | `Char(None)` |
/// | `timestamp without time zone` | `DateTime` | `Timestamp` |
/// | `bytea` | `Blob` | `Binary`, `VarBinary` |
/// | `bit(1)` | `Bit(Some(1))` | `Bit(None)` |
/// | `money` | `Money(None)` | `Money(Some(_))` |
/// | `x[]` | `Array(x)` | arrays of arrays of `x`: the server keeps no dimensions |
///
/// `Unsigned` is no `bigint`, as sea-query has it: SeaORM reads an u32 from an `integer` alone.
///
/// `Custom` is read as the server would read it, so that `Custom("int4")` is `Integer`; what is no
/// type of the list stays `Custom`, in the server's spelling.
pub(super) fn canonical_type(ty: &Type) -> Type {
    match ty {
        Type::Char(None) => Type::Char(Some(1)),
        Type::String(Length::Max) => Type::String(Length::Unspecified),
        Type::TinyInteger | Type::TinyUnsigned => Type::SmallInteger,
        Type::SmallUnsigned | Type::Unsigned => Type::Integer,
        Type::BigUnsigned => Type::BigInteger,
        Type::Timestamp => Type::DateTime,
        Type::Binary(_) | Type::VarBinary(_) => Type::Blob,
        Type::Bit(None) => Type::Bit(Some(1)),
        Type::Money(_) => Type::Money(None),
        Type::Interval(fields, precision) => Type::Interval(
            fields.as_ref().map(|fields| fields.to_ascii_uppercase()),
            *precision,
        ),
        Type::Array(element) => match canonical_type(element) {
            Type::Array(inner) => Type::Array(inner),
            element => Type::Array(Box::new(element)),
        },
        Type::Custom(sql) => parse_type(sql),
        other => other.clone(),
    }
}

/// Reads a type as the server spells it, or as people do: `int4` and `integer` are one.
///
/// ```
/// use seachange::dialect::postgres::parse_type;
/// use seachange::schema::{Length, Type};
///
/// assert_eq!(parse_type("INT4"), Type::Integer);
/// assert_eq!(parse_type("character varying(40)"), Type::String(Length::N(40)));
/// assert_eq!(parse_type("CIText[]"), Type::Array(Box::new(Type::Custom("citext".to_owned()))));
/// ```
pub fn parse_type(sql: &str) -> Type {
    match lex::tokens(sql) {
        Some(tokens) => from_tokens(&tokens),
        None => Type::Custom(sql.trim().to_owned()),
    }
}

pub(super) fn from_tokens(tokens: &[Token]) -> Type {
    if let Some(element) = array_element(tokens) {
        return match from_tokens(element) {
            Type::Array(inner) => Type::Array(inner),
            element => Type::Array(Box::new(element)),
        };
    }
    let tokens = match tokens {
        [Token::Word(schema), Token::Mark('.'), rest @ ..] if schema == "pg_catalog" => rest,
        tokens => tokens,
    };
    let (words, arguments) = parts(tokens);
    words
        .and_then(|words| built_in(&words, &arguments))
        .unwrap_or_else(|| Type::Custom(spelt(tokens)))
}

/// `x[]`, `x[3]`, `x array`, `x array[3]` → `x`
fn array_element(tokens: &[Token]) -> Option<&[Token]> {
    let element = match tokens {
        [element @ .., Token::Mark('['), Token::Mark(']')]
        | [
            element @ ..,
            Token::Mark('['),
            Token::Number(_),
            Token::Mark(']'),
        ] => element,
        [element @ .., last] if last.is_word("array") && !element.is_empty() => {
            return Some(element);
        }
        _ => return None,
    };
    match element {
        [element @ .., last] if last.is_word("array") => Some(element),
        element => Some(element),
    }
}

/// The words of a type's name and its arguments; no words when the name is not made of plain ones.
fn parts(tokens: &[Token]) -> (Option<String>, Vec<String>) {
    let mut words = Vec::new();
    let mut arguments = Vec::new();
    let mut depth = 0u32;
    for token in tokens {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth > 0 => {}
            token if depth > 0 => arguments.push(lex::spell(std::slice::from_ref(token))),
            Token::Word(word) => words.push(word.as_str()),
            _ => return (None, Vec::new()),
        }
    }
    (Some(words.join(" ")), arguments)
}

/// A type of the list that SeaORM knows; `None` when it is another one.
fn built_in(words: &str, arguments: &[String]) -> Option<Type> {
    let numbers: Option<Vec<u32>> = arguments.iter().map(|text| text.parse().ok()).collect();
    if let Some(fields) = words.strip_prefix("interval") {
        let fields = match fields.trim_start() {
            "" => None,
            fields => Some(fields.to_ascii_uppercase()),
        };
        return match numbers.as_deref() {
            Some([]) => Some(Type::Interval(fields, None)),
            Some([precision]) => Some(Type::Interval(fields, Some(*precision))),
            _ => None,
        };
    }
    Some(match (words, numbers.as_deref()?) {
        ("smallint" | "int2", []) => Type::SmallInteger,
        ("integer" | "int" | "int4", []) => Type::Integer,
        ("bigint" | "int8", []) => Type::BigInteger,
        ("real" | "float4", []) | ("float", [1..=24]) => Type::Float,
        ("double precision" | "float8" | "float", []) | ("float", [25..=53]) => Type::Double,
        ("numeric" | "decimal" | "dec", []) => Type::Decimal(None),
        ("numeric" | "decimal" | "dec", [precision]) => Type::Decimal(Some((*precision, 0))),
        ("numeric" | "decimal" | "dec", [precision, scale]) => {
            Type::Decimal(Some((*precision, *scale)))
        }
        ("character varying" | "varchar" | "char varying", []) => Type::String(Length::Unspecified),
        ("character varying" | "varchar" | "char varying", [n]) => Type::String(Length::N(*n)),
        ("character" | "char", []) => Type::Char(Some(1)),
        ("character" | "char" | "bpchar", [n]) => Type::Char(Some(*n)),
        ("text", []) => Type::Text,
        ("boolean" | "bool", []) => Type::Boolean,
        ("timestamp" | "timestamp without time zone", []) => Type::DateTime,
        ("timestamptz" | "timestamp with time zone", []) => Type::TimestampWithTimeZone,
        ("date", []) => Type::Date,
        ("time" | "time without time zone", []) => Type::Time,
        ("timestamp" | "timestamp without time zone", [n]) => {
            Type::Custom(format!("timestamp({n}) without time zone"))
        }
        ("timestamptz" | "timestamp with time zone", [n]) => {
            Type::Custom(format!("timestamp({n}) with time zone"))
        }
        ("time" | "time without time zone", [n]) => {
            Type::Custom(format!("time({n}) without time zone"))
        }
        ("timetz" | "time with time zone", []) => Type::Custom("time with time zone".to_owned()),
        ("timetz" | "time with time zone", [n]) => {
            Type::Custom(format!("time({n}) with time zone"))
        }
        ("bytea", []) => Type::Blob,
        ("bit", []) => Type::Bit(Some(1)),
        ("bit", [n]) => Type::Bit(Some(*n)),
        ("bit varying" | "varbit", []) => Type::Custom("bit varying".to_owned()),
        ("bit varying" | "varbit", [n]) => Type::VarBit(*n),
        ("json", []) => Type::Json,
        ("jsonb", []) => Type::JsonBinary,
        ("uuid", []) => Type::Uuid,
        ("cidr", []) => Type::Cidr,
        ("inet", []) => Type::Inet,
        ("macaddr", []) => Type::MacAddr,
        ("money", []) => Type::Money(None),
        ("ltree", []) => Type::LTree,
        ("vector", []) => Type::Vector(None),
        ("vector", [n]) => Type::Vector(Some(*n)),
        _ => return None,
    })
}

/// Another type in the server's spelling: no blank space within arguments, whose letter case no
/// type minds.
fn spelt(tokens: &[Token]) -> String {
    lex::spell(tokens).replace(", ", ",")
}

/// The type as `CREATE TABLE` takes it.
///
/// # Errors
///
/// PostgreSQL has no such type.
pub fn type_sql(ty: &Type) -> Result<String, Unsupported> {
    Ok(match ty {
        Type::Char(None) => "char".to_owned(),
        Type::Char(Some(n)) => format!("char({n})"),
        Type::String(Length::N(n)) => format!("varchar({n})"),
        Type::String(_) => "varchar".to_owned(),
        Type::Text => "text".to_owned(),
        Type::TinyInteger | Type::TinyUnsigned | Type::SmallInteger => "smallint".to_owned(),
        Type::Integer | Type::SmallUnsigned | Type::Unsigned => "integer".to_owned(),
        Type::BigInteger | Type::BigUnsigned => "bigint".to_owned(),
        Type::Float => "real".to_owned(),
        Type::Double => "double precision".to_owned(),
        Type::Decimal(None) => "decimal".to_owned(),
        Type::Decimal(Some((precision, scale))) => format!("decimal({precision}, {scale})"),
        Type::DateTime | Type::Timestamp => "timestamp without time zone".to_owned(),
        Type::TimestampWithTimeZone => "timestamp with time zone".to_owned(),
        Type::Time => "time".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Year => {
            return Err(unsupported(
                "type year",
                "has no type for years; use SmallInteger",
            ));
        }
        Type::Interval(fields, precision) => {
            let mut sql = "interval".to_owned();
            if let Some(fields) = fields {
                sql.push(' ');
                sql.push_str(&fields.to_ascii_lowercase());
            }
            if let Some(precision) = precision {
                sql.push_str(&format!("({precision})"));
            }
            sql
        }
        Type::Binary(_) | Type::VarBinary(_) | Type::Blob => "bytea".to_owned(),
        Type::Bit(None) => "bit".to_owned(),
        Type::Bit(Some(n)) => format!("bit({n})"),
        Type::VarBit(n) => format!("varbit({n})"),
        Type::Boolean => "boolean".to_owned(),
        Type::Money(_) => "money".to_owned(),
        Type::Json => "json".to_owned(),
        Type::JsonBinary => "jsonb".to_owned(),
        Type::Uuid => "uuid".to_owned(),
        Type::Enum { name, .. } => qualified(name),
        Type::Array(element) => format!("{}[]", type_sql(element)?),
        Type::Vector(None) => "vector".to_owned(),
        Type::Vector(Some(n)) => format!("vector({n})"),
        Type::Cidr => "cidr".to_owned(),
        Type::Inet => "inet".to_owned(),
        Type::MacAddr => "macaddr".to_owned(),
        Type::LTree => "ltree".to_owned(),
        Type::Custom(sql) => sql.clone(),
    })
}

/// A name in quotes, with its schema where it has one.
pub(super) fn qualified(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// How values of a column get from one type to another, where the server does not know by itself
/// or where what it does depends on the session.
///
/// An explicit cast cuts strings that are too long and says nothing, so there is none where an
/// assignment does: that one refuses them. Types that the server has no cast for have a text in
/// common: a value whose text the new type does not read is refused, and named.
///
/// # Errors
///
/// PostgreSQL has no such type.
pub fn using_clause(
    column: &str,
    from: Option<&Type>,
    to: &Type,
) -> Result<Option<String>, Unsupported> {
    let sql = type_sql(to)?;
    let column = quote(column);
    let cast = || Some(format!("{column}::{sql}"));
    let by = |between: &str| Some(format!("{column}::{between}::{sql}"));
    let to = canonical_type(to);
    let Some(from) = from.map(canonical_type) else {
        let by_assignment = is_text(&to) || matches!(to, Type::Bit(_) | Type::VarBit(_));
        return Ok(match &to {
            _ if by_assignment => None,
            // What it was may be another enum, from which only text leads here.
            Type::Enum { .. } => Some(format!("{column}::text::{sql}")),
            Type::Array(_) if to.enumeration().is_some() => {
                Some(format!("{column}::text[]::{sql}"))
            }
            _ => cast(),
        });
    };
    Ok(match (&from, &to) {
        (from, to) if from == to => None,
        (_, to) if is_text(to) => None,
        (from, _) if is_text(from) => cast(),
        (from, to) if is_numeric(from) && is_numeric(to) => None,
        (from, Type::Boolean) if is_numeric(from) => Some(format!("{column} <> 0")),
        (Type::Boolean, to) if is_numeric(to) => Some(format!("{column}::integer")),
        // The server would take the session's zone; rows of SeaORM are in UTC.
        (from, to) if zoned(from).is_some() && zoned(to).is_some() => {
            match zoned(from) == zoned(to) {
                true => None,
                false => Some(format!("{column} AT TIME ZONE 'UTC'")),
            }
        }
        (from, Type::Date | Type::Time) if zoned(from) == Some(true) => {
            Some(format!("({column} AT TIME ZONE 'UTC')::{sql}"))
        }
        (Type::Date, to) if zoned(to) == Some(true) => {
            Some(format!("{column}::timestamp AT TIME ZONE 'UTC'"))
        }
        (Type::Date, to) if zoned(to).is_some() => None,
        (from, Type::Date | Type::Time) if zoned(from).is_some() => None,
        (Type::Bit(_) | Type::VarBit(_), Type::Bit(_) | Type::VarBit(_)) => None,
        (Type::Integer | Type::BigInteger, Type::Bit(_))
        | (Type::Bit(_), Type::Integer | Type::BigInteger) => cast(),
        (Type::Json, Type::JsonBinary) | (Type::JsonBinary, Type::Json) => None,
        (Type::Json | Type::JsonBinary, _) => Some(format!("({column} #>> '{{}}')::{sql}")),
        (_, Type::Json) => Some(format!("to_json({column})")),
        (_, Type::JsonBinary) => Some(format!("to_jsonb({column})")),
        (Type::Money(_), to) if is_numeric(to) => by("numeric"),
        (from, Type::Money(_)) if is_numeric(from) => by("numeric"),
        (Type::Interval(..), Type::Interval(..)) => None,
        (Type::Interval(..), Type::Time) | (Type::Time, Type::Interval(..)) => cast(),
        (Type::Cidr | Type::Inet, Type::Cidr | Type::Inet) => cast(),
        (Type::Array(from), Type::Array(to)) if is_numeric(from) && is_numeric(to) => cast(),
        (Type::Array(_), Type::Array(_)) => by("text[]"),
        _ => by("text"),
    })
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::String(_) | Type::Char(_))
}

fn is_numeric(ty: &Type) -> bool {
    ty.is_integer() || matches!(ty, Type::Float | Type::Double | Type::Decimal(_))
}

/// Whether a date and time has a zone; `None` for every other type.
fn zoned(ty: &Type) -> Option<bool> {
    match ty {
        Type::DateTime => Some(false),
        Type::TimestampWithTimeZone => Some(true),
        Type::Custom(sql) if sql.starts_with("timestamp(") => Some(sql.ends_with("with time zone")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_type_are_read_as_one() {
        for (left, right) in [
            ("int4", "INTEGER"),
            ("pg_catalog.int8", "bigint"),
            ("varchar ( 5 )", "character varying(5)"),
            ("decimal(10)", "numeric(10,0)"),
            ("float(24)", "real"),
            ("float", "float8"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("bpchar(3)", "char(3)"),
            ("integer[3][]", "int array"),
            ("interval second ( 3 )", "INTERVAL SECOND(3)"),
            ("\"citext\"", "CITEXT"),
            ("geometry(Point, 4326)", "geometry(point,4326)"),
        ] {
            assert_eq!(parse_type(left), parse_type(right), "{left}");
        }
    }

    #[test]
    fn types_that_differ_stay_different() {
        for (left, right) in [
            ("\"char\"", "char"),
            ("bpchar", "char"),
            ("numeric(10,-2)", "numeric(10,2)"),
            ("\"Mood\"", "mood"),
            ("sys.mood", "mood"),
            ("time", "timetz"),
            ("timestamp(3)", "timestamp"),
        ] {
            assert_ne!(parse_type(left), parse_type(right), "{left}");
        }
    }
}
