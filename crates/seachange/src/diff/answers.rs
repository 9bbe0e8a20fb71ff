//! What a person has to say, and has said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::op::EnumUse;
use crate::schema::{Name, Schema};

/// Something that a revision cannot be written without knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A table disappears, and tables of the same columns appear.
    RenameTable {
        /// The one that disappears.
        from: Name,
        /// The ones that appear.
        to: Vec<Name>,
    },
    /// A sequence disappears, and sequences that count in the same way appear.
    RenameSequence {
        /// The one that disappears.
        from: Name,
        /// The ones that appear.
        to: Vec<Name>,
    },
    /// A column disappears, and columns of the same type appear.
    RenameColumn {
        /// The table.
        table: Name,
        /// The one that disappears.
        from: String,
        /// The ones that appear.
        to: Vec<String>,
        /// The type of all of them.
        ty: String,
    },
    /// A value of an enum disappears, and others appear.
    RenameEnumValue {
        /// The enum.
        name: Name,
        /// The one that disappears.
        from: String,
        /// The ones that appear.
        to: Vec<String>,
        /// The columns that use the enum.
        used_by: Vec<EnumUse>,
    },
    /// A column becomes NOT NULL, and nothing says what rows without a value get.
    Backfill {
        /// The table.
        table: Name,
        /// The column.
        column: String,
        /// Whether the column itself is new.
        new: bool,
    },
}

/// What an answer is about, as flags and answers name it: `table:tasks`, `column:tasks.title`,
/// `enum:task_status`, `value:task_status.done`, `sequence:invoice_number`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A table.
    Table(Name),
    /// A column of a table.
    Column(Name, String),
    /// An enum.
    Enum(Name),
    /// A sequence.
    Sequence(Name),
    /// A value of an enum: the enum's name, a dot, the value. Either may hold dots of its own.
    Value(String),
}

impl Subject {
    pub(super) fn value(name: &Name, value: &str) -> Self {
        Self::Value(format!("{name}.{value}"))
    }
}

/// Answers to [`Question`]s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// New name by what is renamed.
    renames: BTreeMap<Subject, String>,
    /// What is dropped, though something like it appears.
    drops: BTreeSet<Subject>,
    /// SQL by the column that it fills.
    backfills: BTreeMap<(Name, String), String>,
}

/// A flag or a line of an answers file that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no answer; write {form}")]
pub struct ParseAnswerError {
    text: String,
    form: &'static str,
}

impl Answers {
    /// Takes `column:tasks.title=name`, `table:tasks=todos`, `value:task_status.done=finished`,
    /// `enum:task_state=task_status` or `sequence:invoice_no=invoice_number`; a sequence may move to
    /// another schema (`sequence:invoice_no=billing.invoice_no`).
    ///
    /// # Errors
    ///
    /// The text has another form.
    pub fn rename(&mut self, text: &str) -> Result<(), ParseAnswerError> {
        let error = || ParseAnswerError {
            text: text.to_owned(),
            form: "`column:<table>.<column>=<new name>`, `table:<table>=<new name>`, \
                   `sequence:<sequence>=<new name>` or `value:<enum>.<value>=<new value>`",
        };
        let (subject, to) = text.split_once('=').ok_or_else(error)?;
        let to = to.trim();
        if to.is_empty() {
            return Err(error());
        }
        let subject = subject.parse().map_err(|_| error())?;
        self.renames.insert(subject, to.to_owned());
        Ok(())
    }

    /// Takes `column:tasks.title`, `table:tasks`, `value:task_status.done`, `enum:task_state` or
    /// `sequence:invoice_no`.
    ///
    /// # Errors
    ///
    /// The text has another form.
    pub fn drop(&mut self, text: &str) -> Result<(), ParseAnswerError> {
        self.drops.insert(text.parse()?);
        Ok(())
    }

    /// Takes `users.full_name=first_name || ' ' || last_name`.
    ///
    /// # Errors
    ///
    /// The text has another form.
    pub fn fill(&mut self, text: &str) -> Result<(), ParseAnswerError> {
        let error = || ParseAnswerError {
            text: text.to_owned(),
            form: "`<table>.<column>=<SQL expression>`",
        };
        let (column, sql) = text.split_once('=').ok_or_else(error)?;
        let (table, column) = split_column(column).ok_or_else(error)?;
        if sql.trim().is_empty() {
            return Err(error());
        }
        self.backfills
            .insert((table, column), sql.trim().to_owned());
        Ok(())
    }

    /// The answers, as flags give them, to which there is no question any more: what they speak of
    /// is neither in `from` nor to be changed into `to`.
    pub fn idle(&self, from: &Schema, to: &Schema) -> Vec<String> {
        let was = |subject: &Subject| match subject {
            Subject::Table(name) => from.table(name).is_some(),
            Subject::Column(table, column) => {
                // The table may be renamed at the same time.
                let old = self.renamed_table(table);
                let old = old.or_else(|| to.table(table)?.renamed_from.clone());
                let tables = [Some(table), old.as_ref()];
                let mut tables = tables.into_iter().flatten();
                tables.any(|table| {
                    from.table(table)
                        .is_some_and(|t| t.column(column).is_some())
                })
            }
            Subject::Enum(name) => from.enums.contains_key(name),
            Subject::Sequence(name) => from.sequences.contains_key(name),
            // The type may be renamed at the same time, and is then called as it will be.
            Subject::Value(path) => from.enums.values().any(|ty| {
                let mut names = [&ty.name].into_iter().chain(to.enums.keys());
                names.any(|name| {
                    let mut values = ty.values.iter();
                    values.any(|value| *path == format!("{name}.{value}"))
                })
            }),
        };
        let renames = self
            .renames
            .iter()
            .filter(|(subject, _)| !was(subject))
            .map(|(subject, new)| format!("{subject}={new}"));
        let drops = self
            .drops
            .iter()
            .filter(|subject| !was(subject))
            .map(ToString::to_string);
        let fills = self.backfills.iter().filter_map(|((table, column), sql)| {
            let required = |schema: &Schema| {
                let column = schema.table(table)?.column(column)?;
                Some(!column.nullable)
            };
            let needed = required(to) == Some(true) && required(from) != Some(true);
            (!needed).then(|| format!("{table}.{column}={sql}"))
        });
        renames.chain(drops).chain(fills).collect()
    }

    /// As [`drop`](Self::drop), for names of any letters.
    pub fn drop_subject(&mut self, subject: Subject) {
        self.drops.insert(subject);
    }

    /// As [`fill`](Self::fill), for names of any letters.
    pub fn fill_column(&mut self, table: Name, column: impl Into<String>, sql: impl Into<String>) {
        self.backfills.insert((table, column.into()), sql.into());
    }

    pub(super) fn backfill(&self, table: &Name, column: &str) -> Option<String> {
        self.backfills
            .get(&(table.clone(), column.to_owned()))
            .cloned()
    }

    pub(super) fn dropped(&self, subject: &Subject) -> bool {
        self.drops.contains(subject)
    }

    pub(super) fn renamed_table(&self, to: &Name) -> Option<Name> {
        self.renames
            .iter()
            .find_map(|(subject, new)| match subject {
                Subject::Table(from) if from.schema == to.schema && *new == to.name => {
                    Some(from.clone())
                }
                _ => None,
            })
    }

    pub(super) fn renamed_column(&self, table: &Name, to: &str) -> Option<String> {
        self.renames
            .iter()
            .find_map(|(subject, new)| match subject {
                Subject::Column(owner, from) if owner == table && new == to => Some(from.clone()),
                _ => None,
            })
    }

    pub(super) fn renamed_enum(&self, to: &Name) -> Option<Name> {
        self.renames
            .iter()
            .find_map(|(subject, new)| match subject {
                Subject::Enum(from) if from.schema == to.schema && *new == to.name => {
                    Some(from.clone())
                }
                _ => None,
            })
    }

    pub(super) fn renamed_sequence(&self, to: &Name) -> Option<Name> {
        let in_full = to.to_string();
        self.renames
            .iter()
            .find_map(|(subject, new)| match subject {
                Subject::Sequence(from)
                    if *new == in_full || from.schema == to.schema && *new == to.name =>
                {
                    Some(from.clone())
                }
                _ => None,
            })
    }

    pub(super) fn renamed_value(&self, name: &Name, from: &str) -> Option<String> {
        self.renames.get(&Subject::value(name, from)).cloned()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "table:{name}"),
            Self::Column(table, column) => write!(f, "column:{table}.{column}"),
            Self::Enum(name) => write!(f, "enum:{name}"),
            Self::Sequence(name) => write!(f, "sequence:{name}"),
            Self::Value(path) => write!(f, "value:{path}"),
        }
    }
}

impl FromStr for Subject {
    type Err = ParseAnswerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseAnswerError {
            text: text.to_owned(),
            form: "`column:<table>.<column>`, `table:<table>`, `sequence:<sequence>` or \
                   `value:<enum>.<value>`",
        };
        match text.trim().split_once(':') {
            Some(("table", name)) if !name.is_empty() => Ok(Self::Table(table_name(name))),
            Some(("column", path)) => {
                let (table, column) = split_column(path).ok_or_else(error)?;
                Ok(Self::Column(table, column))
            }
            Some(("enum", name)) if !name.is_empty() => Ok(Self::Enum(table_name(name))),
            Some(("sequence", name)) if !name.is_empty() => Ok(Self::Sequence(table_name(name))),
            Some(("value", path)) if split_column(path).is_some() => {
                Ok(Self::Value(path.trim().to_owned()))
            }
            _ => Err(error()),
        }
    }
}

fn split_column(path: &str) -> Option<(Name, String)> {
    let (table, column) = path.trim().rsplit_once('.')?;
    (!table.is_empty() && !column.is_empty()).then(|| (table_name(table), column.to_owned()))
}

fn table_name(text: &str) -> Name {
    match text.split_once('.') {
        Some((schema, name)) => Name::from((schema, name)),
        None => Name::from(text),
    }
}
