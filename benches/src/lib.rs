//! The schemas that are measured, and the databases that hold them; see `benches/`.
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a benchmark that cannot set itself up has nothing to say"
)]

use std::hint::black_box;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use seachange::compare::{Asking, Scratch, ask, compare, settle};
use seachange::dialect::{postgres, sqlite};
use seachange::diff::{Answers, diff};
use seachange::op::Op;
use seachange::schema::{
    Action, Column, DefaultValue, Engine, ForeignKey, Index, Length, PrimaryKey, Schema, Table,
    Type, Unique,
};
use seachange::source::catalog;
use tokio::runtime::Runtime;

/// How many tables the schemas have.
pub const SIZES: [usize; 3] = [100, 1_000, 5_000];

/// A schema of so many tables: 12 columns each, a primary key, a unique constraint, two indexes and
/// two foreign keys.
pub fn schema(tables: usize) -> Schema {
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
pub fn edited(schema: &Schema) -> Schema {
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
pub struct Place {
    /// Which engine holds it.
    pub engine: Engine,
    /// Where it is.
    pub url: String,
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

    /// A new connection, whose caches are empty.
    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    /// Takes it away.
    pub async fn drop(self) {
        if let Some((server, name)) = &self.admin {
            let admin = Database::connect(server).await.unwrap();
            let sql = format!("drop database {name} with (force)");
            admin.execute_unprepared(&sql).await.unwrap();
        }
    }
}

/// The schema on SQLite, and on PostgreSQL when `TEST_POSTGRES_URL` is set.
pub fn places(runtime: &Runtime, schema: &Schema) -> Vec<Place> {
    let mut places = vec![runtime.block_on(Place::sqlite(schema))];
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => places.push(runtime.block_on(Place::postgres(schema, &server))),
        Err(_) => eprintln!("SKIPPED on PostgreSQL: set TEST_POSTGRES_URL"),
    }
    places
}

/// What a check needs besides the database.
pub struct Checking {
    recorded: Schema,
    cache: PathBuf,
    _folder: tempfile::TempDir,
}

impl Checking {
    /// History's revisions made all of this schema.
    pub fn of(schema: &Schema) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            recorded: schema.clone(),
            cache: folder.path().join("answers"),
            _folder: folder,
        }
    }

    /// All that `check` does between connecting and printing.
    pub async fn check(
        &self,
        db: &DatabaseConnection,
        engine: Engine,
        want: &Schema,
        base: Schema,
    ) {
        let mut catalog = catalog::read(db, &[]).await.unwrap();
        let asking = Asking {
            db,
            scratch: Scratch::Here,
            cache: Some(&self.cache),
        };
        let mut want = want.clone();
        let asked = ask(asking, engine, &mut catalog, Some(&base), &mut want);
        asked.await.unwrap();
        settle(&base, &self.recorded, engine, &mut catalog).unwrap();
        let database = Some((engine, &catalog));
        black_box(compare(&want, base, database, &Answers::default()).unwrap());
    }
}
