//! End-to-end tests of the template: the three people it is for, with the real programs and the
//! real engines.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod bad_input;
mod features;
mod history;
mod runner;
mod service;
mod template;

use tests::TestDatabase;

/// The revisions that are recorded, oldest first.
async fn record(test: &TestDatabase) -> Vec<String> {
    test.strings("select version from seaql_migrations order by version")
        .await
}

/// The tables, by name.
async fn tables(test: &TestDatabase) -> Vec<String> {
    test.strings(match test.engine() {
        seachange::schema::Engine::Sqlite => {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by 1"
        }
        _ => "select tablename::text from pg_tables where schemaname = 'public' order by 1",
    })
    .await
}
