//! Column types, and their words in a snapshot.

use std::fmt;
use std::str::FromStr;

use super::Name;
use super::fact::{qualified, text, unquoted, unquoted_name};

/// A column type, as SeaORM declares it.
///
/// Its [`Display`](fmt::Display) form is what a snapshot holds; [`FromStr`] reads it back:
///
/// ```
/// use seachange::schema::{Length, Type};
///
/// let ty: Type = "string(40)".parse()?;
/// assert_eq!(ty, Type::String(Length::N(40)));
/// assert_eq!(ty.to_string(), "string(40)");
/// # Ok::<(), seachange::schema::ParseTypeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// Fixed-length text; one character when no length is given.
    Char(Option<u32>),
    /// Text with a limit in characters.
    String(Length),
    /// Text.
    Text,
    /// 8 bits, signed.
    TinyInteger,
    /// 16 bits, signed.
    SmallInteger,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    BigInteger,
    /// 8 bits, unsigned.
    TinyUnsigned,
    /// 16 bits, unsigned.
    SmallUnsigned,
    /// 32 bits, unsigned.
    Unsigned,
    /// 64 bits, unsigned.
    BigUnsigned,
    /// 32-bit floating point.
    Float,
    /// 64-bit floating point.
    Double,
    /// Exact decimal: digits in all, digits after the point.
    Decimal(Option<(u32, u32)>),
    /// Date and time without zone.
    DateTime,
    /// Date and time; without zone on PostgreSQL, the row's session zone on MySQL.
    Timestamp,
    /// A point in time.
    TimestampWithTimeZone,
    /// Time of day.
    Time,
    /// Day.
    Date,
    /// Year (MySQL).
    Year,
    /// A span of time (PostgreSQL): its fields as SQL spells them, digits of the seconds.
    Interval(Option<String>, Option<u32>),
    /// Fixed-length bytes.
    Binary(u32),
    /// Bytes with a limit.
    VarBinary(Length),
    /// Bytes.
    Blob,
    /// Fixed-length bit string.
    Bit(Option<u32>),
    /// Bit string with a limit.
    VarBit(u32),
    /// True or false.
    Boolean,
    /// Money: digits in all, digits after the point.
    Money(Option<(u32, u32)>),
    /// JSON, kept as text.
    Json,
    /// JSON, kept parsed.
    JsonBinary,
    /// UUID.
    Uuid,
    /// One of a list of strings. PostgreSQL names the type; MySQL keeps the list in the column.
    Enum {
        /// The type's name.
        name: Name,
        /// Values in sort order.
        values: Vec<String>,
    },
    /// An array (PostgreSQL).
    Array(Box<Type>),
    /// A vector of that many dimensions (pgvector).
    Vector(Option<u32>),
    /// A network (PostgreSQL).
    Cidr,
    /// A host (PostgreSQL).
    Inet,
    /// A hardware address (PostgreSQL).
    MacAddr,
    /// A label path (PostgreSQL).
    LTree,
    /// Any other type, in the engine's own words.
    Custom(String),
}

/// How long a string may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// The engine's default (255 on MySQL, no limit elsewhere).
    Unspecified,
    /// That many characters or bytes.
    N(u32),
    /// As long as the engine allows.
    Max,
}

impl Type {
    /// Name and values of the enum that the type is, or is an array of.
    pub fn enumeration(&self) -> Option<(&Name, &[String])> {
        match self {
            Self::Enum { name, values } => Some((name, values)),
            Self::Array(element) => element.enumeration(),
            _ => None,
        }
    }

    /// Whether the type is the enum of that name, or an array of it.
    pub fn is_enum(&self, name: &Name) -> bool {
        self.enumeration().is_some_and(|(used, _)| used == name)
    }

    /// The same type with other values for its enum, if it has one.
    pub fn with_enum_values(&self, new: &[String]) -> Self {
        match self {
            Self::Enum { name, .. } => Self::Enum {
                name: name.clone(),
                values: new.to_vec(),
            },
            Self::Array(element) => Self::Array(Box::new(element.with_enum_values(new))),
            other => other.clone(),
        }
    }

    /// The same type with another name for its enum, if it has one.
    pub fn with_enum_name(&self, new: &Name) -> Self {
        match self {
            Self::Enum { values, .. } => Self::Enum {
                name: new.clone(),
                values: values.clone(),
            },
            Self::Array(element) => Self::Array(Box::new(element.with_enum_name(new))),
            other => other.clone(),
        }
    }

    /// Whether the type is a whole number.
    pub fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::TinyInteger
                | Self::SmallInteger
                | Self::Integer
                | Self::BigInteger
                | Self::TinyUnsigned
                | Self::SmallUnsigned
                | Self::Unsigned
                | Self::BigUnsigned
        )
    }
}

const PLAIN: &[(&str, Type)] = &[
    ("text", Type::Text),
    ("tiny_integer", Type::TinyInteger),
    ("small_integer", Type::SmallInteger),
    ("integer", Type::Integer),
    ("big_integer", Type::BigInteger),
    ("tiny_unsigned", Type::TinyUnsigned),
    ("small_unsigned", Type::SmallUnsigned),
    ("unsigned", Type::Unsigned),
    ("big_unsigned", Type::BigUnsigned),
    ("float", Type::Float),
    ("double", Type::Double),
    ("date_time", Type::DateTime),
    ("timestamp", Type::Timestamp),
    ("timestamp_with_time_zone", Type::TimestampWithTimeZone),
    ("time", Type::Time),
    ("date", Type::Date),
    ("year", Type::Year),
    ("blob", Type::Blob),
    ("boolean", Type::Boolean),
    ("json", Type::Json),
    ("json_binary", Type::JsonBinary),
    ("uuid", Type::Uuid),
    ("cidr", Type::Cidr),
    ("inet", Type::Inet),
    ("mac_addr", Type::MacAddr),
    ("ltree", Type::LTree),
];

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |f: &mut fmt::Formatter<'_>, word: &str, pair: &Option<(u32, u32)>| match pair {
            Some((precision, scale)) => write!(f, "{word}({precision}, {scale})"),
            None => f.write_str(word),
        };
        let length = |f: &mut fmt::Formatter<'_>, word: &str, length: &Length| match length {
            Length::Unspecified => f.write_str(word),
            Length::N(n) => write!(f, "{word}({n})"),
            Length::Max => write!(f, "{word}(max)"),
        };
        let number = |f: &mut fmt::Formatter<'_>, word: &str, n: &Option<u32>| match n {
            Some(n) => write!(f, "{word}({n})"),
            None => f.write_str(word),
        };
        match self {
            Self::Char(n) => number(f, "char", n),
            Self::String(n) => length(f, "string", n),
            Self::Decimal(p) => pair(f, "decimal", p),
            Self::Interval(fields, precision) => {
                number(f, "interval", precision)?;
                match fields {
                    Some(fields) => write!(f, " {}", fields.to_ascii_lowercase()),
                    None => Ok(()),
                }
            }
            Self::Binary(n) => write!(f, "binary({n})"),
            Self::VarBinary(n) => length(f, "var_binary", n),
            Self::Bit(n) => number(f, "bit", n),
            Self::VarBit(n) => write!(f, "varbit({n})"),
            Self::Money(p) => pair(f, "money", p),
            Self::Enum { name, .. } => write!(f, "enum {}", qualified(name)),
            Self::Array(element) => write!(f, "{element}[]"),
            Self::Vector(n) => number(f, "vector", n),
            Self::Custom(sql) => write!(f, "custom {}", text(sql)),
            plain => match PLAIN.iter().find(|(_, ty)| ty == plain) {
                Some((word, _)) => f.write_str(word),
                None => write!(f, "{self:?}"),
            },
        }
    }
}

/// The text is no type of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a type that a snapshot can hold")]
pub struct ParseTypeError(String);

impl FromStr for Type {
    type Err = ParseTypeError;

    /// Reads the [`Display`](fmt::Display) form. The values of an enum stand elsewhere in a
    /// snapshot, so they come back empty.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseTypeError(text.to_owned());
        if let Some(element) = text.strip_suffix("[]") {
            return Ok(Self::Array(Box::new(element.parse()?)));
        }
        if let Some(sql) = text.strip_prefix("custom ") {
            return unquoted(sql).map(Self::Custom).ok_or_else(error);
        }
        if let Some(name) = text.strip_prefix("enum ") {
            return Ok(Self::Enum {
                name: unquoted_name(name).ok_or_else(error)?,
                values: Vec::new(),
            });
        }
        if let Some((_, ty)) = PLAIN.iter().find(|(word, _)| *word == text) {
            return Ok(ty.clone());
        }
        let end = text.find(['(', ' ']).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let (arguments, tail) = match rest.strip_prefix('(') {
            Some(rest) => {
                let (inside, tail) = rest.split_once(')').ok_or_else(error)?;
                (Some(inside), tail)
            }
            None => (None, rest),
        };
        if !tail.is_empty() && word != "interval" {
            return Err(error());
        }
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| error());
        let optional = || arguments.map(number).transpose();
        let required = || optional()?.ok_or_else(error);
        let pair = || match arguments {
            None => Ok(None),
            Some(arguments) => {
                let (precision, scale) = arguments.split_once(',').ok_or_else(error)?;
                Ok(Some((number(precision)?, number(scale)?)))
            }
        };
        let length = || match arguments {
            None => Ok(Length::Unspecified),
            Some("max") => Ok(Length::Max),
            Some(n) => number(n).map(Length::N),
        };
        match word {
            "char" => Ok(Self::Char(optional()?)),
            "string" => Ok(Self::String(length()?)),
            "decimal" => Ok(Self::Decimal(pair()?)),
            "interval" => Ok(Self::Interval(
                match tail.trim() {
                    "" => None,
                    fields => Some(fields.to_ascii_uppercase()),
                },
                optional()?,
            )),
            "binary" => Ok(Self::Binary(required()?)),
            "var_binary" => Ok(Self::VarBinary(length()?)),
            "bit" => Ok(Self::Bit(optional()?)),
            "varbit" => Ok(Self::VarBit(required()?)),
            "money" => Ok(Self::Money(pair()?)),
            "vector" => Ok(Self::Vector(optional()?)),
            _ => Err(error()),
        }
    }
}
