//! How long a reader waits while a column of a million rows becomes required, on PostgreSQL.
//!
//! `TEST_POSTGRES_URL=… cargo bench -p benches --bench readers`. A connection selects one row after
//! the other by the primary key; its longest wait is what counts. The revision that autogenerate
//! writes (add, fill, require: three segments) is measured against the same three statements in one
//! transaction.
#![allow(
    missing_docs,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot set itself up has nothing to say"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, TransactionTrait};
use sea_orm_migration::prelude::{Expr, ExprTrait, MigrationTrait};
use sea_orm_migration::schema::string_null;
use seachange::revision::History;
use seachange::run::{Options, upgrade};
use seachange::{Operations, Revision};
use tokio::runtime::Runtime;

const ROWS: u64 = 1_000_000;

#[seachange::revision(id = "m1_require_name", transaction = "per segment")]
pub struct RequireName;

impl Revision for RequireName {
    fn up(&self, op: &mut Operations) {
        op.add_column("people", string_null("name"));

        op.backfill("people")
            .set("name", Expr::cust("first || ' ' || last"))
            .only_where(Expr::col("name").is_null())
            .batch(1_000);

        op.alter_column("people", "name").set_not_null();
    }

    fn down(&self, op: &mut Operations) {
        op.drop_column("people", "name");
    }
}

async fn in_segments(db: &DatabaseConnection) {
    let migrations: Vec<Box<dyn MigrationTrait>> = vec![Box::new(RequireName)];
    let history = History::new(migrations, "seaql_migrations".to_owned()).unwrap();
    upgrade(db, &history, "head", &Options::default(), &mut |_| {})
        .await
        .unwrap();
}

async fn in_one_transaction(db: &DatabaseConnection) {
    let transaction = db.begin().await.unwrap();
    for sql in [
        "alter table people add column name varchar",
        "update people set name = first || ' ' || last where name is null",
        "alter table people alter column name set not null",
    ] {
        transaction.execute_unprepared(sql).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn fill(db: &DatabaseConnection) {
    for sql in [
        "drop table if exists people",
        "create table people (id bigint primary key, first text not null, last text not null)",
        &format!(
            "insert into people select n, 'a' || n, 'b' || n from generate_series(1, {ROWS}) n"
        ),
        "vacuum analyze people",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
}

/// Reads until it is told to stop, and gives the longest wait and how often it read.
async fn read(db: DatabaseConnection, stop: Arc<AtomicBool>) -> (Duration, u64) {
    let (mut longest, mut reads) = (Duration::ZERO, 0);
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let sql = format!(
            "select first from people where id = {}",
            reads * 7919 % ROWS + 1
        );
        db.execute_unprepared(&sql).await.unwrap();
        longest = longest.max(began.elapsed());
        reads += 1;
    }
    (longest, reads)
}

async fn measure(url: &str, name: &str, change: impl AsyncFnOnce(&DatabaseConnection)) -> Duration {
    let db = Database::connect(url).await.unwrap();
    fill(&db).await;
    let stop = Arc::new(AtomicBool::new(false));
    // To connect is no wait for the table, so it is done before, and once.
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    let other = Database::connect(options).await.unwrap();
    let reader = tokio::spawn(read(other, Arc::clone(&stop)));
    let began = Instant::now();
    change(&db).await;
    let took = began.elapsed();
    stop.store(true, Ordering::Relaxed);
    let (longest, reads) = reader.await.unwrap();
    println!("{name:24} took {took:8.1?}   {reads:7} reads   longest wait {longest:8.1?}");
    longest
}

fn main() {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        eprintln!("SKIPPED: set TEST_POSTGRES_URL");
        return;
    };
    Runtime::new().unwrap().block_on(async {
        let name = format!("seachange_readers_{}", std::process::id());
        let admin = Database::connect(&server).await.unwrap();
        admin
            .execute_unprepared(&format!("create database {name}"))
            .await
            .unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        let url = format!("{host}/{name}");
        let whole = measure(&url, "in one transaction", in_one_transaction).await;
        let cut = measure(&url, "in three segments", in_segments).await;
        println!(
            "a reader waits {:.0} times less in segments",
            whole.as_secs_f64() / cut.as_secs_f64()
        );
        admin
            .execute_unprepared(&format!("drop database {name} with (force)"))
            .await
            .unwrap();
    });
}
