//! What comparing costs, on generated schemas of 100, 1,000 and 5,000 tables: 12 columns each, a
//! primary key, a unique constraint, two indexes and two foreign keys.
//!
//! `cargo bench -p benches --bench schema`; PostgreSQL takes part when `TEST_POSTGRES_URL` is set.
//! `bare` is the reader's own catalog queries with nothing made of their answers: the floor that
//! the reader is measured against. Connections are made anew for each pass, since a catalog's cache
//! is filled once a connection. `discovery` is how SeaORM's own schema-sync reads 200 tables, beside
//! our reader on the same ones. `memory` tells how much a comparison holds.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark that cannot set itself up has nothing to say"
)]

use std::hint::black_box;

use benches::{Checking, SIZES, edited, places, schema};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::prelude::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
};
use seachange::compare::compare;
use seachange::config::{Config, Environment};
use seachange::diff::{Answers, diff};
use seachange::run::connect;
use seachange::schema::{Engine, Schema};
use seachange::source::catalog;
use tokio::runtime::Runtime;

/// The reader's queries, their answers thrown away.
async fn bare(db: &DatabaseConnection, engine: Engine) {
    let sql = match engine {
        Engine::Postgres => {
            include_str!("../../crates/seachange/src/source/catalog/postgres/queries.sql")
                .replace(":schemas", "current_schema()")
        }
        _ => "select type, name, tbl_name, sql from sqlite_schema".to_owned(),
    };
    db.execute_unprepared(&sql).await.unwrap();
}

fn against_a_database(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for size in SIZES {
        let schema = schema(size);
        let edited = edited(&schema);
        for place in places(&runtime, &schema) {
            let mut group = c.benchmark_group(format!("{} {size} tables", place.engine));
            group.sample_size(if size > 1_000 { 10 } else { 20 });
            let fresh = || runtime.block_on(place.connect());
            group.bench_function("bare catalog queries", |b| {
                b.iter_batched(
                    fresh,
                    |db| {
                        runtime.block_on(bare(&db, place.engine));
                        db
                    },
                    BatchSize::PerIteration,
                );
            });
            group.bench_function("read", |b| {
                b.iter_batched(
                    fresh,
                    |db| {
                        black_box(runtime.block_on(catalog::read(&db, &[])).unwrap());
                        db
                    },
                    BatchSize::PerIteration,
                );
            });
            let checking = Checking::of(&schema);
            for (name, want) in [
                ("check, unchanged", &schema),
                ("check, one column", &edited),
            ] {
                group.bench_function(name, |b| {
                    b.iter_batched(
                        || (fresh(), schema.clone()),
                        |(db, base)| {
                            runtime.block_on(checking.check(&db, place.engine, want, base));
                            db
                        },
                        BatchSize::PerIteration,
                    );
                });
            }
            group.finish();
            runtime.block_on(place.drop());
        }
    }
}

/// A project's first revision: everything is new, and the database is empty.
fn from_nothing(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for place in places(&runtime, &Schema::default()) {
        let mut group = c.benchmark_group(format!("{} all new", place.engine));
        group.sample_size(20);
        for size in SIZES {
            let schema = schema(size);
            group.bench_function(BenchmarkId::new("check", size), |b| {
                b.iter_batched(
                    || runtime.block_on(place.connect()),
                    |db| {
                        let catalog = runtime.block_on(catalog::read(&db, &[])).unwrap();
                        let database = Some((place.engine, &catalog));
                        let found =
                            compare(&schema, Schema::default(), database, &Answers::default());
                        black_box(found.unwrap());
                        db
                    },
                    BatchSize::PerIteration,
                );
            });
        }
        group.finish();
        runtime.block_on(place.drop());
    }
}

/// How SeaORM itself reads a schema, and how we do.
fn discovery(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let schema = schema(200);
    for place in places(&runtime, &schema) {
        let mut group = c.benchmark_group(format!("{} 200 tables", place.engine));
        group.sample_size(10);
        group.bench_function("read", |b| {
            b.iter_batched(
                || runtime.block_on(place.connect()),
                |db| {
                    black_box(runtime.block_on(catalog::read(&db, &[])).unwrap());
                    db
                },
                BatchSize::PerIteration,
            );
        });
        group.bench_function("discovery", |b| {
            b.iter_batched(
                || runtime.block_on(place.connect()),
                |db| {
                    runtime.block_on(discover(&db, place.engine));
                    db
                },
                BatchSize::PerIteration,
            );
        });
        group.finish();
        runtime.block_on(place.drop());
    }
}

async fn discover(db: &DatabaseConnection, engine: Engine) {
    match engine {
        Engine::Postgres => {
            let discovery = sea_schema::postgres::discovery::SchemaDiscovery::new_no_exec("public");
            black_box(discovery.discover_with(db).await.unwrap());
        }
        _ => {
            let found = sea_schema::sqlite::discovery::SchemaDiscovery::discover_with(db).await;
            black_box(found.unwrap());
        }
    }
}

fn without_a_database(c: &mut Criterion) {
    let mut group = c.benchmark_group("diff alone");
    for size in [100, 1_000, 5_000] {
        let schema = schema(size);
        let edited = edited(&schema);
        let empty = Schema::default();
        for (name, from) in [
            ("unchanged", &edited),
            ("one column", &schema),
            ("all new", &empty),
        ] {
            group.bench_with_input(BenchmarkId::new(name, size), from, |b, from| {
                b.iter(|| black_box(diff(from, &edited, &Answers::default())));
            });
        }
    }
    group.finish();
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        (0..200)
            .map(|number| Box::new(Plain(format!("m{number:04}"))) as _)
            .collect()
    }
}

struct Plain(String);

impl MigrationName for Plain {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Plain {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// The start of a service with 200 revisions and nothing to do, against connecting alone.
fn start_up(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    for place in places(&runtime, &Schema::default()) {
        let config = Config::read(&Environment {
            database_url: Some(place.url.clone()),
            ..Environment::default()
        })
        .unwrap();
        let start = || {
            let startup = seachange::startup(Migrator, config.clone());
            runtime.block_on(startup.into_future()).unwrap()
        };
        start();
        let mut group = c.benchmark_group(format!("{} start-up", place.engine));
        group.bench_function("connect", |b| {
            b.iter(|| runtime.block_on(connect(&config.database)).unwrap());
        });
        group.bench_function("nothing to do", |b| b.iter(start));
        group.finish();
        runtime.block_on(place.drop());
    }
}

criterion_group!(
    benches,
    without_a_database,
    start_up,
    discovery,
    from_nothing,
    against_a_database
);
criterion_main!(benches);
