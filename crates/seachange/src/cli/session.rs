//! What a command works with: the history, the settings, and the database when it asks for one.

use std::collections::BTreeSet;

use sea_orm::DatabaseConnection;

use super::args::Global;
use super::error::Failure;
use crate::config::{Config, DatabaseUrl};
use crate::revision::{Entry, History};
use crate::run::{self, Applied};

pub(super) struct Session {
    pub(super) history: History,
    pub(super) global: Global,
    pub(super) config: Config,
}

/// A database and what it says of itself.
pub(super) struct Place {
    pub(super) db: DatabaseConnection,
    /// The revisions that are recorded, oldest first.
    pub(super) applied: Vec<Applied>,
}

impl Session {
    pub(super) fn new(history: History, global: Global) -> Result<Self, Failure> {
        let config = Config::from_env_with(global.database_url.as_deref())?;
        Ok(Self {
            history,
            global,
            config,
        })
    }

    /// The database that commands work on: as the owner of its schema, where that is another role.
    pub(super) fn url(&self) -> &DatabaseUrl {
        self.config.migration.as_ref().unwrap_or(&self.config.database)
    }

    /// Connects and reads what is applied; nothing is created.
    pub(super) async fn open(&self) -> Result<Place, Failure> {
        let db = self.connect().await?;
        let applied = run::applied(&db, self.history.record_table()).await?;
        Ok(Place { db, applied })
    }

    pub(super) async fn connect(&self) -> Result<DatabaseConnection, Failure> {
        let schema = self.global.database_schema.as_deref();
        Ok(run::connect(self.url(), &self.config.identity, schema).await?)
    }

    pub(super) fn options(&self, dry_run: bool) -> run::Options {
        run::Options {
            wait: self.global.wait,
            dry_run,
            identity: self.config.identity.clone(),
        }
    }
}

impl Place {
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.applied.iter().map(|row| row.version.clone()).collect()
    }

    /// Applied revisions that the code does not have.
    pub(super) fn unknown<'a>(&'a self, history: &'a History) -> impl Iterator<Item = &'a Applied> {
        self.applied
            .iter()
            .filter(|row| history.get(&row.version).is_none())
    }

    /// Where the database is: the applied revisions that no other applied one follows.
    pub(super) fn at(&self, history: &History) -> Vec<String> {
        let current = history.current(&self.ids());
        current.iter().map(|entry| entry.id.clone()).collect()
    }
}

/// What a revision is for: its message, or that it does not say.
pub(super) fn message(entry: &Entry) -> &str {
    match entry.header {
        Some(header) if !header.message.is_empty() => header.message.trim_end_matches('.'),
        _ => "",
    }
}
