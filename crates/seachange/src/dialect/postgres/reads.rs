//! What SeaORM reads and writes through which field.

use super::types::canonical_type;
use crate::schema::Type;

/// Types that the driver takes for one another: it decodes each of them into the same Rust types,
/// and the server assigns values of one to columns of the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Text,
    Decimal,
    Json,
    Bytes,
    DateTime,
    Zoned,
    Time,
    Interval,
}

fn family(ty: &Type) -> Option<Family> {
    Some(match ty {
        Type::Char(_) | Type::String(_) | Type::Text => Family::Text,
        Type::Decimal(_) => Family::Decimal,
        Type::Json | Type::JsonBinary => Family::Json,
        Type::Blob | Type::Binary(_) | Type::VarBinary(_) => Family::Bytes,
        Type::DateTime | Type::Timestamp => Family::DateTime,
        Type::TimestampWithTimeZone => Family::Zoned,
        Type::Time => Family::Time,
        Type::Interval(..) => Family::Interval,
        Type::Custom(words) => match words.as_str() {
            "citext" | "name" => Family::Text,
            words => precise(words)?,
        },
        _ => return None,
    })
}

/// A time with a precision (`timestamp(3) with time zone`).
fn precise(words: &str) -> Option<Family> {
    let (word, rest) = words.split_once('(')?;
    let (_, zone) = rest.split_once(')')?;
    match (word, zone.trim()) {
        ("timestamp", "without time zone") => Some(Family::DateTime),
        ("timestamp", "with time zone") => Some(Family::Zoned),
        ("time", "without time zone") => Some(Family::Time),
        _ => None,
    }
}

/// See [`crate::dialect::reads_as`].
pub(in crate::dialect) fn reads_as(declared: &Type, found: &Type) -> bool {
    let as_found = canonical_type(declared);
    if as_found == *found {
        return true;
    }
    match (declared, found) {
        // The driver has no unsigned numbers; SeaORM reads this one instead.
        (Type::Unsigned, Type::Custom(words)) if words == "oid" => return true,
        (Type::TinyInteger, Type::Custom(words)) if words == "\"char\"" => return true,
        // It reads a `Decimal` from a number, never from money.
        (Type::Money(_), Type::Decimal(_)) => return true,
        _ => {}
    }
    match (&as_found, found) {
        (Type::Array(declared), Type::Array(found)) => reads_as(declared, found),
        (Type::Enum { name: declared, .. }, Type::Enum { name: found, .. }) => declared == found,
        (declared, found) => family(declared).is_some_and(|one| family(found) == Some(one)),
    }
}
