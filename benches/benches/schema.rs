//! What comparing costs, on generated schemas of 100, 1,000 and 5,000 tables: 12 columns each, a
//! primary key, a unique constraint, two indexes and two foreign keys.
//!
//! `cargo bench -p benches --bench schema`; PostgreSQL takes part when `TEST_POSTGRES_URL` is set.
//! `bare` is the reader's own catalog queries with nothing made of their answers: the floor that
//! the reader is measured against. Connections are made anew for each pass, since a catalog's cache
//! is filled once a connection. `discovery` is how SeaORM's own schema-sync reads 200 tables, beside
//! our reader on the same ones. The most memory that one comparison holds is printed.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot set itself up has nothing to say"
)]

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use peak_alloc::PeakAlloc;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use sea_orm_migration::prelude::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
};
use seachange::compare::{Asking, Scratch, ask, compare, settle};
use seachange::config::{Config, Environment};
use seachange::dialect::{postgres, sqlite};
use seachange::diff::{Answers, diff};
use seachange::op::Op;
use seachange::run::connect;
use seachange::schema::{
    Action, Column, DefaultValue, Engine, ForeignKey, Index, Key, Length, PrimaryKey, Schema,
    Table, Type, Unique, facts,
};
use seachange::source::catalog;
use tokio::runtime::Runtime;

const SIZES: [usize; 3] = [100, 1_000, 5_000];

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn schema(tables: usize) -> Schema {
    let mut schema = Schema::default();
    for number in 0..tables {
        schema.insert(table(number));
    }
    schema
}

fn table(number: usize) -> Table {
    let name = format!("table_{number:04}");
    let mut table = Table::new(name.as_str());
    let mut id = Column::new("id", Type::Integer);
    id.auto_increment = true;
    table.columns.push(id);
    let types = [
        Type::String(Length::N(80)),
        Type::Text,
        Type::Integer,
        Type::BigInteger,
        Type::Boolean,
        Type::TimestampWithTimeZone,
        Type::Decimal(Some((10, 2))),
        Type::JsonBinary,
        Type::SmallInteger,
    ];
    for (at, ty) in types.into_iter().enumerate() {
        let mut column = Column::new(format!("c{at}"), ty);
        column.nullable = at % 2 == 0;
        column.default = match at {
            3 => Some(DefaultValue::Number("0".to_owned())),
            4 => Some(DefaultValue::Bool(false)),
            5 => Some(DefaultValue::CurrentTimestamp),
            _ => None,
        };
        table.columns.push(column);
    }
    for parent in ["left_id", "right_id"] {
        let mut column = Column::new(parent, Type::Integer);
        column.nullable = true;
        table.columns.push(column);
        let target = format!("table_{:04}", number / 2);
        table.foreign_keys.push(ForeignKey {
            name: Some(format!("fk-{name}-{parent}")),
            columns: vec![parent.to_owned()],
            ref_table: target.into(),
            ref_columns: vec!["id".to_owned()],
            on_delete: Action::SetNull,
            on_update: Action::NoAction,
            ..ForeignKey::default()
        });
        table
            .indexes
            .push(Index::new(format!("idx-{name}-{parent}"), [parent]));
    }
    table.primary_key = Some(PrimaryKey {
        name: None,
        columns: vec!["id".to_owned()],
        ..PrimaryKey::default()
    });
    table.uniques.push(Unique {
        name: None,
        columns: vec!["c0".to_owned()],
        ..Unique::default()
    });
    table
}

/// One more column, as after an edit of one entity.
fn edited(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    if let Some(table) = schema.tables.values_mut().last() {
        let mut column = Column::new("added", Type::Integer);
        column.nullable = true;
        table.columns.push(column);
    }
    schema
}

fn creating(schema: &Schema) -> Vec<Op> {
    diff(&Schema::default(), schema, &Answers::default()).ops
}

/// A database that holds the schema, and how to take it away.
struct Place {
    engine: Engine,
    url: String,
    admin: Option<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    async fn sqlite(schema: &Schema) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let db = Database::connect(&url).await.unwrap();
        let statements = creating(schema)
            .iter()
            .flat_map(|op| sqlite::statements(op).unwrap())
            .collect::<Vec<_>>();
        db.execute_unprepared(&format!("begin;{};commit", statements.join(";")))
            .await
            .unwrap();
        Self {
            engine: Engine::Sqlite,
            url,
            admin: None,
            _folder: Some(folder),
        }
    }

    async fn postgres(schema: &Schema, server: &str) -> Self {
        let name = format!(
            "seachange_bench_{}_{}",
            std::process::id(),
            schema.tables.len()
        );
        let admin = Database::connect(server).await.unwrap();
        admin
            .execute_unprepared(&format!("create database {name}"))
            .await
            .unwrap();
        let url = match server.rsplit_once('/') {
            Some((host, _)) => format!("{host}/{name}"),
            None => server.to_owned(),
        };
        let db = Database::connect(&url).await.unwrap();
        for op in creating(schema) {
            for sql in postgres::statements(&op).unwrap() {
                db.execute_unprepared(&sql).await.unwrap();
            }
        }
        db.execute_unprepared("analyze").await.unwrap();
        db.close().await.unwrap();
        Self {
            engine: Engine::Postgres,
            url,
            admin: Some((server.to_owned(), name)),
            _folder: None,
        }
    }

    async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    async fn drop(self) {
        if let Some((server, name)) = &self.admin {
            let admin = Database::connect(server).await.unwrap();
            let sql = format!("drop database {name} with (force)");
            admin.execute_unprepared(&sql).await.unwrap();
        }
    }
}

fn places(runtime: &Runtime, schema: &Schema) -> Vec<Place> {
    let mut places = vec![runtime.block_on(Place::sqlite(schema))];
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => places.push(runtime.block_on(Place::postgres(schema, &server))),
        Err(_) => eprintln!("SKIPPED on PostgreSQL: set TEST_POSTGRES_URL"),
    }
    places
}

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
        let recorded: BTreeSet<Key> = facts(&schema).into_iter().map(|fact| fact.key).collect();
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
            let folder = tempfile::tempdir().unwrap();
            let cache = folder.path().join("answers");
            let check = |db: &DatabaseConnection, want: &Schema, base: Schema| {
                let mut catalog = runtime.block_on(catalog::read(db, &[])).unwrap();
                let asking = Asking {
                    db,
                    scratch: Scratch::Here,
                    cache: Some(&cache),
                };
                let mut want = want.clone();
                let asked = ask(asking, place.engine, &mut catalog, Some(&base), &mut want);
                runtime.block_on(asked).unwrap();
                settle(&base, &recorded, place.engine, &mut catalog).unwrap();
                let want = &want;
                let database = Some((place.engine, &catalog));
                black_box(compare(want, base, database, &Answers::default()).unwrap());
            };
            for (name, want) in [
                ("check, unchanged", &schema),
                ("check, one column", &edited),
            ] {
                group.bench_function(name, |b| {
                    b.iter_batched(
                        || (fresh(), schema.clone()),
                        |(db, base)| {
                            check(&db, want, base);
                            db
                        },
                        BatchSize::PerIteration,
                    );
                });
            }
            let (db, base) = (fresh(), schema.clone());
            MEMORY.reset_peak_usage();
            let before = MEMORY.current_usage_as_mb();
            check(&db, &schema, base);
            let most = MEMORY.peak_usage_as_mb() - before;
            println!(
                "{} {size} tables/check, unchanged: at most {most:.1} MB",
                place.engine
            );
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
