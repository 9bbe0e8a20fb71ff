//! What SeaORM reads and writes through which field.
//!
//! SQLite keeps any value in any column, but for what a column's affinity makes of it: text that
//! goes into a number's column becomes a number if it looks like one, a whole floating point number
//! becomes an integer, a number becomes text. SeaORM's decoding follows what is kept.

use super::types::{Affinity, normal, read, spell};
use crate::schema::Type;

/// What a field writes, and takes back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Integer,
    Float,
    /// Kept as floating point, but written as text.
    Decimal,
    Text,
    DateTime,
    Date,
    Time,
    Json,
    Uuid,
    Bytes,
}

fn written(declared: &Type) -> Option<Written> {
    Some(match declared {
        ty if ty.is_integer() => Written::Integer,
        Type::Boolean => Written::Integer,
        Type::Float | Type::Double => Written::Float,
        Type::Decimal(_) | Type::Money(_) => Written::Decimal,
        Type::Char(_) | Type::String(_) | Type::Text | Type::Enum { .. } => Written::Text,
        Type::DateTime | Type::Timestamp | Type::TimestampWithTimeZone => Written::DateTime,
        Type::Date => Written::Date,
        Type::Time => Written::Time,
        Type::Json | Type::JsonBinary => Written::Json,
        Type::Uuid => Written::Uuid,
        Type::Binary(_) | Type::VarBinary(_) | Type::Blob => Written::Bytes,
        _ => return None,
    })
}

/// What a column holds: as its words say, where they say something, else as its affinity makes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Integers,
    Floats,
    /// Whole numbers as integers, all others as floating point.
    Numbers,
    Text,
    DateTimes,
    Dates,
    Times,
    Json,
    Uuids,
    Bytes,
    Anything,
}

fn holds(words: &str) -> Holds {
    let words = words.to_ascii_lowercase();
    let begins = |with: &[&str]| with.iter().any(|with| words.starts_with(with));
    match Affinity::of(&words) {
        _ if begins(&["datetime", "timestamp"]) => Holds::DateTimes,
        _ if begins(&["date"]) => Holds::Dates,
        _ if begins(&["time"]) => Holds::Times,
        Affinity::Integer => Holds::Integers,
        Affinity::Real => Holds::Floats,
        Affinity::Blob if words.is_empty() => Holds::Anything,
        Affinity::Blob => Holds::Bytes,
        _ if begins(&["json"]) => Holds::Json,
        Affinity::Text => Holds::Text,
        Affinity::Numeric if begins(&["bool"]) => Holds::Integers,
        Affinity::Numeric if begins(&["uuid", "guid"]) => Holds::Uuids,
        Affinity::Numeric if begins(&["binary", "varbinary", "bytea"]) => Holds::Bytes,
        Affinity::Numeric if begins(&["string", "enum"]) => Holds::Text,
        Affinity::Numeric => Holds::Numbers,
    }
}

/// The words that a STRICT table has for what goes by these elsewhere: for whole numbers, floating
/// point, text, bytes and anything. `Err` says that it has none.
pub(super) fn strict(words: &str) -> Result<String, String> {
    let words = normal(words);
    if ["int", "integer", "real", "text", "blob", "any"].contains(&words.as_str()) {
        return Ok(words);
    }
    let word = match (written(&read(&words)), holds(&words)) {
        (Some(Written::Integer), _) | (None, Holds::Integers) => "integer",
        (Some(Written::Float | Written::Decimal), _) | (None, Holds::Floats) => "real",
        (Some(Written::Uuid | Written::Bytes), _) | (None, Holds::Uuids | Holds::Bytes) => "blob",
        (None, Holds::Numbers) => {
            return Err(format!(
                "has no `{words}` in a STRICT table; use integer, real, text, blob or any"
            ));
        }
        (None, Holds::Anything) => "any",
        _ => "text",
    };
    Ok(word.to_owned())
}

/// See [`crate::dialect::reads_as`].
pub(in crate::dialect) fn reads_as(declared: &Type, found: &Type) -> bool {
    let (Ok(said), Ok(words)) = (spell(declared), spell(found)) else {
        return declared == found;
    };
    if said.eq_ignore_ascii_case(&words) {
        return true;
    }
    let Some(written) = written(declared) else {
        return Affinity::of(&said) == Affinity::of(&words);
    };
    let holds = holds(&words);
    match written {
        Written::Integer => matches!(holds, Holds::Integers | Holds::Anything),
        Written::Float => matches!(holds, Holds::Floats | Holds::Anything),
        Written::Decimal => holds == Holds::Floats,
        Written::Text => !matches!(
            holds,
            Holds::Integers | Holds::Floats | Holds::Numbers | Holds::Bytes
        ),
        // A number is seconds since 1970, or a Julian day.
        Written::DateTime => matches!(
            holds,
            Holds::DateTimes
                | Holds::Text
                | Holds::Integers
                | Holds::Floats
                | Holds::Numbers
                | Holds::Anything
        ),
        Written::Date => matches!(holds, Holds::Dates | Holds::Text | Holds::Anything),
        Written::Time => matches!(holds, Holds::Times | Holds::Text | Holds::Anything),
        Written::Json => matches!(holds, Holds::Json | Holds::Text | Holds::Anything),
        Written::Uuid => matches!(
            holds,
            Holds::Uuids | Holds::Text | Holds::Bytes | Holds::Anything
        ),
        // Text is read as its bytes.
        Written::Bytes => !matches!(holds, Holds::Integers | Holds::Floats | Holds::Numbers),
    }
}
