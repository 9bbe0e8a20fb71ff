//! Patterns of filters, and the names that they fit.

use crate::schema::{Kind, Name};

/// A pattern of a filter that says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{pattern}` is no filter: `{kind}` is no kind; write `<name>` for a table and all that it has, \
     or `<kind>:<name>` with table, option, enum, sequence, column, type, default, comment, primary key, \
     unique, index, \
     foreign key, check or exclusion"
)]
pub struct ParseFilterError {
    pattern: String,
    kind: String,
}

/// What a pattern is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A table and all that it has, an enum or a sequence.
    Any,
    Of(Kind),
    /// The type of a column.
    Type,
    Default,
    Comment,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) what: What,
    name: String,
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, ParseFilterError> {
        let Some((kind, name)) = text.split_once(':') else {
            return Ok(Self {
                what: What::Any,
                name: text.trim().to_owned(),
            });
        };
        let kinds = [
            Kind::Enum,
            Kind::Sequence,
            Kind::Table,
            Kind::Option,
            Kind::Column,
            Kind::PrimaryKey,
            Kind::Unique,
            Kind::Index,
            Kind::ForeignKey,
            Kind::Check,
            Kind::Exclusion,
        ];
        let what = match kind.trim() {
            "type" => What::Type,
            "default" => What::Default,
            "comment" => What::Comment,
            word => match kinds.into_iter().find(|kind| kind.as_str() == word) {
                Some(kind) => What::Of(kind),
                None => {
                    return Err(ParseFilterError {
                        pattern: text.to_owned(),
                        kind: word.to_owned(),
                    });
                }
            },
        };
        Ok(Self {
            what,
            name: name.trim().to_owned(),
        })
    }

    pub(super) fn fits(&self, what: What, names: &[String]) -> bool {
        self.what == what && names.iter().any(|name| self.is_called(name))
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        glob(&self.name, name)
    }
}

/// The ways in which a pattern may name an object: with and without the schema of its table.
pub(super) fn paths(table: &Name, part: Option<&str>) -> Vec<String> {
    let schema = table.schema.as_deref().unwrap_or("public");
    let mut owners = vec![format!("{schema}.{}", table.name)];
    if table.schema.is_none() {
        owners.push(table.name.clone());
    }
    match part {
        Some(part) => owners
            .iter()
            .map(|owner| format!("{owner}.{part}"))
            .collect(),
        None => owners,
    }
}

/// Whether a name fits a pattern of `*` and `?`.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands, and how much of the name it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || name.get(n) == Some(c) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}
