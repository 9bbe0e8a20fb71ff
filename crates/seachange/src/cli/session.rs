//! What a command works with: the history, the settings, and the database when it asks for one.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::{Database, DatabaseConnection};

use super::args::Global;
use super::error::Failure;
use super::print::note;
use crate::config::{Config, DatabaseUrl};
use crate::revision::{Entry, History};
use crate::run::{self, Applied};

/// How long a person at a prompt waits for a server that is starting.
const PATIENCE: Duration = Duration::from_secs(5);

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
        self.config
            .migration
            .as_ref()
            .unwrap_or(&self.config.database)
    }

    /// Connects and reads what is applied; nothing is created, so a SQLite file that is not there
    /// is looked at as an empty database.
    pub(super) async fn open(&self) -> Result<Place, Failure> {
        let missing = self.url().file().is_some_and(|file| !file.exists());
        let db = if missing {
            Database::connect("sqlite::memory:").await?
        } else {
            self.connect().await?
        };
        let applied = run::applied(&db, self.history.record_table()).await?;
        Ok(Place { db, applied })
    }

    pub(super) async fn connect(&self) -> Result<DatabaseConnection, Failure> {
        let url = match &self.global.database_schema {
            Some(schema) => self.url().in_schema(schema),
            None => self.url().clone(),
        };
        let mut said = false;
        let mut told = |problem: &str| {
            if !std::mem::replace(&mut said, true) {
                note(format!("waiting for {url}: {problem}"));
            }
        };
        Ok(run::connect_within(&url, PATIENCE, &mut told).await?)
    }

    pub(super) fn options(&self, dry_run: bool) -> run::Options {
        run::Options {
            wait: self.global.wait,
            dry_run,
            allow_data_loss: false,
            identity: self.config.identity.clone(),
        }
    }
}

impl Place {
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.applied.iter().map(|row| row.id.clone()).collect()
    }

    /// Applied revisions that the code does not have.
    pub(super) fn unknown<'a>(&'a self, history: &'a History) -> impl Iterator<Item = &'a Applied> {
        self.applied
            .iter()
            .filter(|row| history.get(&row.id).is_none())
    }

    /// Where the database is: the applied revisions that no other applied one follows.
    pub(super) fn at(&self, history: &History) -> Vec<String> {
        let current = history.current(&self.ids());
        current.iter().map(|entry| entry.id.clone()).collect()
    }
}

/// What a revision is for, as a part of a line: `add tags` of `Add tags.`; a plain migration does
/// not say.
pub(super) fn message(entry: &Entry) -> String {
    lower(entry.header.map_or("", |header| header.message))
}

/// A sentence as a part of a line. A word in capitals stays as it is.
pub(super) fn lower(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut chars = sentence.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => sentence.to_owned(),
    }
}
