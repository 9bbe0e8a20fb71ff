//! The history of a project: its migrations as a graph.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

use super::Header;
use super::graph::{Graph, HistoryError, Node};
use super::target::{Question, TargetError};

/// One migration of a history.
pub struct Entry {
    /// The identifier, as the record table holds it.
    pub id: String,
    /// What it follows.
    pub parents: Vec<String>,
    /// What the module says about itself; a plain `MigrationTrait` says nothing.
    pub header: Option<&'static Header>,
    /// The migration.
    pub migration: Box<dyn MigrationTrait>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .field("parents", &self.parents)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// All migrations of a project.
///
/// Each path below takes the identifiers that are applied. Those that the history does not know
/// are passed over: what becomes of them is the caller's business.
#[derive(Debug)]
pub struct History {
    entries: Vec<Entry>,
    graph: Graph,
    record_table: String,
}

impl History {
    /// The history of a migrator.
    ///
    /// # Errors
    ///
    /// The revisions form no graph.
    pub fn of<M: MigratorTrait>() -> Result<Self, HistoryError> {
        Self::new(M::migrations(), M::migration_table_name().to_string())
    }

    /// The history of these migrations, recorded in that table. One with a header follows what its
    /// header names, one without follows the one before it in the list.
    ///
    /// # Errors
    ///
    /// The revisions form no graph.
    pub fn new(
        migrations: Vec<Box<dyn MigrationTrait>>,
        record_table: String,
    ) -> Result<Self, HistoryError> {
        let headers: HashMap<*const u8, &'static Header> = inventory::iter::<Header>()
            .map(|header| (header.name.as_ptr(), header))
            .collect();
        let mut entries: Vec<Entry> = Vec::with_capacity(migrations.len());
        for migration in migrations {
            let name = migration.name();
            let header = headers.get(&name.as_ptr()).copied();
            let parents = match header {
                Some(header) => header.revises.iter().map(|&id| id.to_owned()).collect(),
                None => entries
                    .last()
                    .map(|entry| entry.id.clone())
                    .into_iter()
                    .collect(),
            };
            entries.push(Entry {
                id: name.to_owned(),
                parents,
                header,
                migration,
            });
        }
        let nodes: Vec<Node> = entries
            .iter()
            .map(|entry| Node {
                id: entry.id.clone(),
                file: entry.header.map(|header| header.file.to_owned()),
                parents: entry.parents.clone(),
            })
            .collect();
        let graph = Graph::new(&nodes)?;
        entries.sort_by_cached_key(|entry| graph.place(&entry.id));
        Ok(Self {
            entries,
            graph,
            record_table,
        })
    }

    /// The table that holds what is applied.
    pub fn record_table(&self) -> &str {
        &self.record_table
    }

    /// Migrations in topological order: parents come first, and ties keep the order of the list.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The graph of their identifiers.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The migration of that identifier.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.graph.place(id).map(|at| &self.entries[at])
    }

    /// The migrations that none follows.
    pub fn heads(&self) -> Vec<&Entry> {
        self.at(self.graph.heads())
    }

    /// The only head; `None` when there are no migrations.
    ///
    /// # Errors
    ///
    /// There are several heads.
    pub fn head(&self) -> Result<Option<&Entry>, TargetError> {
        self.resolve("head", &BTreeSet::new())
    }

    /// What a migration builds on, itself not included.
    pub fn ancestors(&self, id: &str) -> Vec<&Entry> {
        let place = self.graph.place(id);
        let found = self.graph.ancestors(place);
        self.at(found.into_iter().filter(|at| Some(*at) != place))
    }

    /// What builds on a migration, itself not included.
    pub fn descendants(&self, id: &str) -> Vec<&Entry> {
        let place = self.graph.place(id);
        let found = self.graph.descendants(place);
        self.at(found.into_iter().filter(|at| Some(*at) != place))
    }

    /// Where a database is: the applied migrations that no applied one follows.
    pub fn current(&self, applied: &BTreeSet<String>) -> Vec<&Entry> {
        self.at(self.graph.tips(&self.places(applied)))
    }

    /// What is not applied, in order of application.
    pub fn pending(&self, applied: &BTreeSet<String>) -> Vec<&Entry> {
        self.entries
            .iter()
            .filter(|entry| !applied.contains(&entry.id))
            .collect()
    }

    /// The migration that a word names: `head`, `current`, `-1`, `add_tags`, `m2026…+2`; `None` is
    /// base.
    ///
    /// # Errors
    ///
    /// It names none, or more than one.
    pub fn resolve(
        &self,
        text: &str,
        applied: &BTreeSet<String>,
    ) -> Result<Option<&Entry>, TargetError> {
        let found = self.ask(text, applied, |question| question.resolve())?;
        Ok(found.map(|at| &self.entries[at]))
    }

    /// What to apply to come up to a target, in order of application.
    ///
    /// # Errors
    ///
    /// The target is not there, ambiguous, or below where the database is.
    pub fn upgrade_path(
        &self,
        applied: &BTreeSet<String>,
        target: &str,
    ) -> Result<Vec<&Entry>, TargetError> {
        self.ask(target, applied, |question| question.upgrade_path())
            .map(|path| self.at(path))
    }

    /// What to take back to come down to a target, newest first; the target itself stays.
    ///
    /// # Errors
    ///
    /// The target is not there, ambiguous, or not applied.
    pub fn downgrade_path(
        &self,
        applied: &BTreeSet<String>,
        target: &str,
    ) -> Result<Vec<&Entry>, TargetError> {
        self.ask(target, applied, |question| question.downgrade_path())
            .map(|path| self.at(path))
    }

    /// The migrations of a range `FROM:TO`, newest first, both ends included. Either end may be
    /// left out; one that is too far off is the end of the history.
    ///
    /// # Errors
    ///
    /// It is no range, or an end of it is not there or ambiguous.
    pub fn range(
        &self,
        text: &str,
        applied: &BTreeSet<String>,
    ) -> Result<Vec<&Entry>, TargetError> {
        self.ask(text, applied, |question| question.range())
            .map(|range| self.at(range))
    }

    fn ask<T>(
        &self,
        text: &str,
        applied: &BTreeSet<String>,
        answer: impl FnOnce(&Question<'_>) -> Result<T, TargetError>,
    ) -> Result<T, TargetError> {
        answer(&Question {
            graph: &self.graph,
            applied: &self.places(applied),
            text,
        })
    }

    fn places(&self, ids: &BTreeSet<String>) -> BTreeSet<usize> {
        self.entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| ids.contains(&entry.id))
            .map(|(at, _)| at)
            .collect()
    }

    fn at(&self, places: impl IntoIterator<Item = usize>) -> Vec<&Entry> {
        places.into_iter().map(|at| &self.entries[at]).collect()
    }
}
