//! Exclusion constraints.

use super::{Deferrable, Engine, IndexKey};

/// An exclusion constraint: no two rows for which all operators say yes (PostgreSQL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The constraint's name.
    pub name: String,
    /// What is compared, and by which operator.
    pub elements: Vec<Excluded>,
    /// The access method of its index (`gist`, …); `None` is the engine's default.
    pub method: Option<String>,
    /// The predicate that says which rows it is about, as SQL.
    pub predicate: Option<String>,
    /// When it is checked, if not at once.
    pub deferrable: Option<Deferrable>,
    /// The only engine that it is for, if it is not for all.
    pub only: Option<Engine>,
}

/// One part of an exclusion constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// What is compared.
    pub key: IndexKey,
    /// The operator (`=`, `&&`, …).
    pub operator: String,
}

impl Exclusion {
    /// An exclusion constraint that has no parts yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            elements: Vec::new(),
            method: None,
            predicate: None,
            deferrable: None,
            only: None,
        }
    }
}
