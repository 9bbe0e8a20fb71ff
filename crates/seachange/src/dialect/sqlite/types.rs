//! Column types in SQLite's words.
//!
//! SQLite takes any words for a type and makes an affinity of them. SeaORM writes words that keep
//! its types apart and decodes values by them (`uuid_text`, `json_text`), so the words are what is
//! compared, not the affinity.

use super::lex::{Kind, Token, tokens};
use crate::schema::{Length, Type};

/// What SQLite makes of a value on its way into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affinity {
    /// Numbers become text.
    Text,
    /// What looks like a number becomes one; CAST cuts the fraction off.
    Integer,
    /// What looks like a number becomes one.
    Numeric,
    /// What looks like a number becomes a floating point one.
    Real,
    /// Values stay as they are.
    Blob,
}

impl Affinity {
    /// The affinity of a column, by the words of its type.
    pub fn of(ty: &str) -> Self {
        let ty = ty.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| ty.contains(word));
        if has(&["INT"]) {
            Self::Integer
        } else if has(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if ty.is_empty() || has(&["BLOB"]) {
            Self::Blob
        } else if has(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Numeric
        }
    }

    /// A type of this affinity, as CAST takes it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Numeric => "numeric",
            Self::Real => "real",
            Self::Blob => "blob",
        }
    }
}

/// Words without arguments, and the type that each is read as.
const WORDS: &[(&str, Type)] = &[
    ("char", Type::Char(None)),
    ("varchar", Type::String(Length::Unspecified)),
    ("text", Type::Text),
    ("tinyint", Type::TinyInteger),
    ("smallint", Type::SmallInteger),
    ("integer", Type::Integer),
    ("float", Type::Float),
    ("double", Type::Double),
    ("real_decimal", Type::Decimal(None)),
    ("datetime_text", Type::DateTime),
    ("timestamp_text", Type::Timestamp),
    ("timestamp_with_timezone_text", Type::TimestampWithTimeZone),
    ("time_text", Type::Time),
    ("date_text", Type::Date),
    ("varbinary_blob", Type::VarBinary(Length::Unspecified)),
    ("blob", Type::Blob),
    ("boolean", Type::Boolean),
    ("real_money", Type::Money(None)),
    ("json_text", Type::Json),
    ("jsonb_text", Type::JsonBinary),
    ("uuid_text", Type::Uuid),
];

/// The words for a type, those that SeaORM writes and decodes by. `Err` says what SQLite has not,
/// and what to use instead.
pub(super) fn spell(ty: &Type) -> Result<String, String> {
    let none = |what: &str, instead: &str| Err(format!("has no {what}; use {instead}"));
    Ok(match ty {
        Type::Char(Some(n)) => format!("char({n})"),
        Type::String(Length::N(n)) => format!("varchar({n})"),
        Type::String(_) => "varchar".to_owned(),
        Type::TinyUnsigned => "tinyint".to_owned(),
        Type::SmallUnsigned => "smallint".to_owned(),
        Type::BigInteger | Type::Unsigned | Type::BigUnsigned => "integer".to_owned(),
        Type::Decimal(Some((p, s))) => format!("real({p}, {s})"),
        Type::Money(Some((p, s))) => format!("real_money({p}, {s})"),
        Type::Binary(n) => format!("blob({n})"),
        Type::VarBinary(Length::N(n)) => format!("varbinary_blob({n})"),
        Type::VarBinary(_) => "varbinary_blob".to_owned(),
        Type::Enum { .. } => "enum_text".to_owned(),
        Type::Custom(words) => words.clone(),
        Type::Year => return none("years", "SmallInteger"),
        Type::Interval(..) => return none("intervals", "BigInteger (seconds) or String"),
        Type::Bit(_) | Type::VarBit(_) => return none("bit strings", "VarBinary or BigInteger"),
        Type::Array(_) => return none("arrays", "Json"),
        Type::Vector(_) => return none("vectors", "Json or Blob"),
        Type::Cidr => return none("networks", "String"),
        Type::Inet => return none("network addresses", "String"),
        Type::MacAddr => return none("hardware addresses", "String"),
        Type::LTree => return none("label paths", "String"),
        plain => match WORDS.iter().find(|(_, ty)| ty == plain) {
            Some((word, _)) => (*word).to_owned(),
            None => return none(&format!("type `{plain}`"), "Custom with SQLite's own words"),
        },
    })
}

/// The type that words stand for: the one of SeaORM's that is written so, and the plainest one
/// when several are; words that SeaORM does not write stay what they are, in lower case.
pub(super) fn read(words: &str) -> Type {
    let words = normal(words);
    if let Some((_, ty)) = WORDS.iter().find(|(word, _)| *word == words) {
        return ty.clone();
    }
    portable(&words).unwrap_or(Type::Custom(words))
}

fn portable(words: &str) -> Option<Type> {
    let (word, arguments) = words.strip_suffix(')')?.split_once('(')?;
    let number = |text: &str| text.parse::<u32>().ok();
    let pair = || {
        let (first, second) = arguments.split_once(", ")?;
        Some(Some((number(first)?, number(second)?)))
    };
    Some(match word {
        "char" => Type::Char(Some(number(arguments)?)),
        "varchar" => Type::String(Length::N(number(arguments)?)),
        "real" => Type::Decimal(pair()?),
        "real_money" => Type::Money(pair()?),
        "blob" => Type::Binary(number(arguments)?),
        "varbinary_blob" => Type::VarBinary(Length::N(number(arguments)?)),
        _ => return None,
    })
}

/// A quoted piece of a type without its quotes, unless it is no type without them.
fn unquoted(token: &Token<'_>) -> String {
    let inner = token.name().unwrap_or_default();
    let bare = |token: &Token<'_>| {
        matches!(token.kind, Kind::Word | Kind::Number)
            || ["(", ")", ",", "+", "-"].contains(&token.text)
    };
    match tokens(&inner) {
        Ok(tokens) if !tokens.is_empty() && tokens.iter().all(bare) => inner,
        _ => crate::dialect::quote(&inner),
    }
}

/// Lower case, one space between words, none before a bracket.
pub(super) fn normal(words: &str) -> String {
    let plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
    if words.bytes().all(plain) {
        return words.to_owned();
    }
    let Ok(tokens) = tokens(words) else {
        return words.to_ascii_lowercase();
    };
    let mut out = String::new();
    for token in tokens {
        let word = match token.kind {
            Kind::Quoted | Kind::String => unquoted(&token),
            _ => token.text.to_owned(),
        };
        let glued = ["(", ")", ",", ""].contains(&word.as_str())
            || out.is_empty()
            || out.ends_with(['(', '-', '+']);
        if !glued {
            out.push(' ');
        }
        out.push_str(&word.to_ascii_lowercase());
    }
    out
}
