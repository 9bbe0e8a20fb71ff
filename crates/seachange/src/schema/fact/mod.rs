//! A schema as facts: one line of text each, complete in itself.
//!
//! Facts are what a snapshot file holds, and the grain at which entities, snapshot and database
//! are compared. [`facts`] writes a schema as facts, [`from_facts`] reads it back.
//!
//! ```text
//! enum task_status: todo, doing, done
//! sequence invoice_number: big_integer start 1000
//! tasks table
//! tasks column id integer not null auto_increment
//! tasks column title string(200) not null default 'untitled'
//! tasks primary key (id)
//! tasks index idx-tasks-owner_id (owner_id)
//! tasks foreign key (owner_id) -> users (id) name fk-tasks-owner_id on delete cascade
//! ```
mod read;
mod write;

use std::fmt;

use super::{Check, Engine, Exclusion, ForeignKey, Index, Name, Unique};

pub use read::{ParseFactError, from_facts};
pub(super) use read::{unquoted, unquoted_name};
pub use write::facts;
use write::{dotted, list};
pub(super) use write::{qualified, text, word};

/// What sort of thing a fact is about, in the order in which a snapshot lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A named enum type.
    Enum,
    /// A sequence that no column owns.
    Sequence,
    /// A table as such.
    Table,
    /// How an engine keeps a table.
    Option,
    /// A column.
    Column,
    /// A primary key.
    PrimaryKey,
    /// A unique constraint.
    Unique,
    /// An index.
    Index,
    /// A foreign key.
    ForeignKey,
    /// A check constraint.
    Check,
    /// An exclusion constraint.
    Exclusion,
}

impl Kind {
    /// The words of a snapshot and of messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enum => "enum",
            Self::Sequence => "sequence",
            Self::Table => "table",
            Self::Option => "option",
            Self::Column => "column",
            Self::PrimaryKey => "primary key",
            Self::Unique => "unique",
            Self::Index => "index",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
            Self::Exclusion => "exclusion",
        }
    }
}

/// What a fact is about: two facts with one key say something about the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The table, or the enum or sequence itself.
    pub owner: Name,
    /// The sort of object.
    pub kind: Kind,
    /// Which one of the owner's: a column's or index's name; for keys and constraints what they
    /// are on, since engines name them as they like. Empty where there can be only one.
    pub id: String,
    /// The only engine that it is for: two engines may each have their own under one name.
    pub only: Option<Engine>,
}

impl Key {
    /// A key.
    pub fn new(owner: impl Into<Name>, kind: Kind, id: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            kind,
            id: id.into(),
            only: None,
        }
    }

    /// The key of what is for this engine only.
    #[must_use]
    pub fn only(mut self, engine: Option<Engine>) -> Self {
        self.only = engine;
        self
    }

    /// The key of an index.
    pub fn index(table: &Name, index: &Index) -> Self {
        Self::new(table, Kind::Index, &index.name).only(index.only)
    }

    /// The key of an exclusion constraint.
    pub fn exclusion(table: &Name, exclusion: &Exclusion) -> Self {
        Self::new(table, Kind::Exclusion, &exclusion.name).only(exclusion.only)
    }

    /// The key of a unique constraint.
    pub fn unique(table: &Name, unique: &Unique) -> Self {
        Self::new(table, Kind::Unique, list(&unique.columns)).only(unique.only)
    }

    /// The key of a foreign key.
    pub fn foreign_key(table: &Name, key: &ForeignKey) -> Self {
        Self::new(
            table,
            Kind::ForeignKey,
            format!(
                "{} -> {} {}",
                list(&key.columns),
                qualified(&key.ref_table),
                list(&key.ref_columns)
            ),
        )
    }

    /// The key of a check: its name, else its text.
    pub fn check(table: &Name, check: &Check) -> Self {
        let id = match &check.name {
            Some(name) => word(name),
            None => text(&check.expr),
        };
        Self::new(table, Kind::Check, id).only(check.only)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Enum => write!(f, "enum {}", self.owner),
            Kind::Sequence => write!(f, "sequence {}", self.owner),
            Kind::Table => write!(f, "table {}", self.owner),
            Kind::Option => write!(f, "option {} of {}", self.id, self.owner),
            Kind::Column => write!(f, "column {}.{}", self.owner, self.id),
            Kind::PrimaryKey => write!(f, "primary key of {}", self.owner),
            Kind::Unique => write!(f, "unique {} on {}", self.id, self.owner),
            Kind::Index => write!(f, "index {} on {}", self.id, self.owner),
            Kind::ForeignKey => write!(f, "foreign key {} {}", self.owner, self.id),
            Kind::Check => write!(f, "check {} on {}", self.id, self.owner),
            Kind::Exclusion => write!(f, "exclusion {} on {}", self.id, self.owner),
        }?;
        match self.only {
            Some(engine) => write!(f, ", {engine} only"),
            None => Ok(()),
        }
    }
}

/// One fact: what it is about, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub key: Key,
    /// What it says, in a snapshot's words.
    pub value: String,
}

impl fmt::Display for Fact {
    /// The line of a snapshot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key {
            owner,
            kind,
            id,
            only,
        } = &self.key;
        let owner = qualified(owner);
        match kind {
            Kind::Enum | Kind::Sequence => {
                return write!(f, "{} {owner}: {}", kind.as_str(), self.value);
            }
            Kind::Table => write!(f, "{owner} table")?,
            Kind::PrimaryKey => write!(f, "{owner} primary key")?,
            Kind::Option => write!(f, "{owner} option {}", dotted(id))?,
            Kind::Column | Kind::Index | Kind::Exclusion => {
                write!(f, "{owner} {} {}", kind.as_str(), word(id))?
            }
            Kind::Unique | Kind::ForeignKey | Kind::Check => {
                write!(f, "{owner} {} {id}", kind.as_str())?;
            }
        }
        if let Some(engine) = only {
            write!(f, " only {}", engine.word())?;
        }
        if self.value.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.value)
        }
    }
}
