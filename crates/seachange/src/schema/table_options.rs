//! What an engine is told of a table besides what is in it.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use super::fact::{text, word};

/// How an engine keeps a table. Each of these belongs to one engine; the others are not told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// Nothing of it is written to the log, and a crash of the server empties it (`UNLOGGED`;
    /// PostgreSQL).
    pub unlogged: bool,
    /// Storage parameters (`fillfactor`, `toast.autovacuum_enabled`, …; PostgreSQL).
    pub storage: BTreeMap<String, String>,
    /// The tablespace, where it is not the usual one (PostgreSQL).
    pub tablespace: Option<String>,
    /// A column holds values of its type only (`STRICT`; SQLite).
    pub strict: bool,
    /// Rows have no number besides their key (`WITHOUT ROWID`; SQLite).
    pub without_rowid: bool,
}

const UNLOGGED: &str = "unlogged";
const TABLESPACE: &str = "tablespace";
const STRICT: &str = "strict";
const WITHOUT_ROWID: &str = "without_rowid";

impl TableOptions {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of it one engine gets to see.
    #[must_use]
    pub fn on(self, engine: Engine) -> Self {
        let Self {
            unlogged,
            storage,
            tablespace,
            strict,
            without_rowid,
        } = self;
        match engine {
            Engine::Postgres => Self {
                unlogged,
                storage,
                tablespace,
                ..Self::default()
            },
            Engine::Sqlite => Self {
                strict,
                without_rowid,
                ..Self::default()
            },
            Engine::MySql => Self::default(),
        }
    }

    /// What is said, each by its name, and in a snapshot's words.
    pub(super) fn said(&self) -> Vec<(String, String)> {
        let flag = |name: &str, is: bool| is.then(|| (name.to_owned(), String::new()));
        let place = self.tablespace.as_deref();
        let mut said: Vec<(String, String)> = [
            flag(UNLOGGED, self.unlogged),
            flag(STRICT, self.strict),
            flag(WITHOUT_ROWID, self.without_rowid),
            place.map(|place| (TABLESPACE.to_owned(), word(place))),
        ]
        .into_iter()
        .flatten()
        .collect();
        let storage = self.storage.iter();
        said.extend(storage.map(|(parameter, setting)| (parameter.clone(), text(setting))));
        said.sort();
        said
    }

    /// The names of what is said.
    pub fn names(&self) -> BTreeSet<String> {
        self.said().into_iter().map(|(name, _)| name).collect()
    }

    /// Makes what has this name as it is in `other`, not being said there included.
    pub fn take(&mut self, name: &str, other: &Self) {
        match name {
            UNLOGGED => self.unlogged = other.unlogged,
            STRICT => self.strict = other.strict,
            WITHOUT_ROWID => self.without_rowid = other.without_rowid,
            TABLESPACE => self.tablespace.clone_from(&other.tablespace),
            parameter => {
                self.storage.remove(parameter);
                let other = other.storage.get_key_value(parameter);
                self.storage
                    .extend(other.map(|(k, v)| (k.clone(), v.clone())));
            }
        }
    }

    /// Says what has this name and no setting.
    pub(super) fn flag(&mut self, name: &str) -> Option<()> {
        match name {
            UNLOGGED => self.unlogged = true,
            STRICT => self.strict = true,
            WITHOUT_ROWID => self.without_rowid = true,
            _ => return None,
        }
        Some(())
    }

    pub(super) fn is_place(name: &str) -> bool {
        name == TABLESPACE
    }
}
