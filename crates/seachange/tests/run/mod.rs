//! Running revisions, on the real engines.

mod backfill;
mod config;
mod data;
mod drift;
mod enums;
mod fresh;
mod history;
mod lock;
mod rebuild;
mod services;
mod startup;
mod way;

use std::collections::BTreeSet;

use sea_orm::DatabaseConnection;
use sea_orm_migration::MigrationTrait;
use seachange::revision::History;
use seachange::run::{Event, Options, Report, RunError, applied, downgrade, upgrade};

use crate::support::TestDatabase;

/// A revision in a few lines: `name, "id" <- "parents", up, down`.
macro_rules! revision {
    ($name:ident, $id:tt $(<- $revises:tt)? $(, transaction = $transaction:tt)?,
     |$up:ident| $up_steps:block, |$down:ident| $down_steps:block) => {
        #[seachange::revision(id = $id $(, revises = $revises)? $(, transaction = $transaction)?)]
        pub struct $name;

        impl seachange::Revision for $name {
            #[allow(unused_variables)]
            fn up(&self, $up: &mut seachange::Operations) $up_steps
            #[allow(unused_variables)]
            fn down(&self, $down: &mut seachange::Operations) $down_steps
        }
    };
}
pub(crate) use revision;

const RECORD: &str = "seaql_migrations";

fn history(migrations: Vec<Box<dyn MigrationTrait>>) -> History {
    History::new(migrations, RECORD.to_owned()).unwrap()
}

async fn up(db: &DatabaseConnection, history: &History, to: &str) -> Result<Report, RunError> {
    upgrade(db, history, to, &Options::default(), &mut |_| {}).await
}

async fn down(db: &DatabaseConnection, history: &History, to: &str) -> Result<Report, RunError> {
    downgrade(db, history, to, &Options::default(), &mut |_| {}).await
}

/// Everything that is told in a run, and its outcome.
async fn heard(
    db: &DatabaseConnection,
    history: &History,
    to: &str,
    options: &Options,
) -> (Vec<Event>, Result<Report, RunError>) {
    let mut events = Vec::new();
    let mut listen = |event: &Event| events.push(event.clone());
    let result = upgrade(db, history, to, options, &mut listen).await;
    (events, result)
}

/// What is applied, sorted.
async fn recorded(test: &TestDatabase) -> Vec<String> {
    let ids: BTreeSet<String> = applied(test.db(), RECORD)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.id)
        .collect();
    ids.into_iter().collect()
}

fn ids(report: &Report) -> Vec<&str> {
    report
        .finished
        .iter()
        .map(|done| done.id.as_str())
        .collect()
}

/// The schema without the tables of the runner.
async fn tables(test: &TestDatabase) -> Vec<String> {
    let sql = match test.engine() {
        seachange::schema::Engine::Sqlite => {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' \
             order by name"
        }
        _ => {
            "select tablename::text from pg_tables where schemaname = current_schema() \
             order by tablename"
        }
    };
    let tables = test.strings(sql).await;
    let ours = [RECORD, seachange::run::journal::TABLE];
    tables
        .into_iter()
        .filter(|table| !ours.contains(&table.as_str()))
        .collect()
}
