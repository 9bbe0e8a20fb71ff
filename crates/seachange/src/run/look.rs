//! Looking at what a database has, one thing at a time, without changing it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_timer::Delay;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, RuntimeErr, Statement, Value};

use crate::dialect::quote;
use crate::schema::{Engine, Name};

/// The engine behind a connection.
pub fn engine(db: &impl ConnectionTrait) -> Engine {
    match db.get_database_backend() {
        DbBackend::Postgres => Engine::Postgres,
        DbBackend::Sqlite => Engine::Sqlite,
        _ => Engine::MySql,
    }
}

/// A name as SQL, qualified when it is.
pub(super) fn quoted(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

pub(super) async fn rows<const N: usize>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: [&str; N],
) -> Result<Vec<QueryResult>, DbErr> {
    let values: Vec<Value> = values.into_iter().map(Value::from).collect();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let began = Instant::now();
    loop {
        match db.query_all_raw(statement.clone()).await {
            Err(error) if schema_is_locked(&error) && began.elapsed() < BUSY => {
                Delay::new(Duration::from_millis(5)).await;
            }
            done => return done,
        }
    }
}

/// How long one waits for another connection of a database in memory, as long as for one of a file.
const BUSY: Duration = Duration::from_secs(30);

/// Connections to a shared database in memory lock each other out of its schema while one of them
/// changes it; SQLite refuses even to prepare a query then, and its busy timeout is not for that.
fn schema_is_locked(error: &DbErr) -> bool {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    const SQLITE_LOCKED_SHAREDCACHE: &str = "262";
    error.as_database_error().is_some_and(|error| {
        error.message().starts_with("database schema is locked")
            && error.code().as_deref() == Some(SQLITE_LOCKED_SHAREDCACHE)
    })
}

/// The version of a PostgreSQL server, as a number: `150004`.
pub(super) async fn server_version(db: &impl ConnectionTrait) -> Result<u32, DbErr> {
    let sql = "select pg_catalog.current_setting('server_version_num')";
    let version = texts(db, sql, []).await?.concat();
    let number = version.parse();
    number.map_err(|_| DbErr::Custom(format!("`{version}` is no version of PostgreSQL")))
}

async fn any<const N: usize>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: [&str; N],
) -> Result<bool, DbErr> {
    Ok(!rows(db, sql, values).await?.is_empty())
}

/// One column of each row, as text.
pub(super) async fn texts<const N: usize>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: [&str; N],
) -> Result<Vec<String>, DbErr> {
    let rows = rows(db, sql, values).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Whether a table is there, on the connection's search path unless it is qualified.
pub(super) async fn has_table(db: &impl ConnectionTrait, table: &Name) -> Result<bool, DbErr> {
    match engine(db) {
        Engine::Postgres => {
            let sql = "select 1 where to_regclass($1) is not null";
            any(db, sql, [&quoted(table)]).await
        }
        _ => {
            let sql = "select 1 from sqlite_schema \
                       where type in ('table', 'view') and name = ? collate nocase";
            any(db, sql, [&table.name]).await
        }
    }
}

/// What a query that counts says.
pub(super) async fn count(db: &impl ConnectionTrait, sql: &str) -> Result<u64, DbErr> {
    let rows = rows(db, sql, []).await?;
    let count: i64 = match rows.first() {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(count.unsigned_abs())
}

/// Whether a table has a column.
pub(super) async fn has_column(
    db: &impl ConnectionTrait,
    table: &Name,
    column: &str,
) -> Result<bool, DbErr> {
    match engine(db) {
        Engine::Postgres => {
            let sql = "select 1 from pg_attribute where attrelid = to_regclass($1) \
                       and attname = $2 and attnum > 0 and not attisdropped";
            any(db, sql, [&quoted(table), column]).await
        }
        _ => {
            let sql = "select 1 from pragma_table_xinfo(?) where name = ? collate nocase";
            any(db, sql, [&table.name, column]).await
        }
    }
}

/// The types of a table's columns as PostgreSQL spells them, without lengths: a cast to
/// `varchar(3)` would cut a value off that an INSERT refuses. Empty on SQLite, which converts by
/// itself.
pub(super) async fn column_types(
    db: &impl ConnectionTrait,
    table: &Name,
) -> Result<BTreeMap<String, String>, DbErr> {
    if engine(db) != Engine::Postgres {
        return Ok(BTreeMap::new());
    }
    let sql = "select attname::text, format_type(atttypid, -1) from pg_attribute \
               where attrelid = to_regclass($1) and attnum > 0 and not attisdropped";
    let rows = rows(db, sql, [&quoted(table)]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// The columns of a table's primary key, in key order. On SQLite, `rowid` for a table that has
/// one. Empty when rows cannot be told apart.
pub(super) async fn key(db: &impl ConnectionTrait, table: &Name) -> Result<Vec<String>, DbErr> {
    match engine(db) {
        Engine::Postgres => {
            let sql = "select a.attname::text from pg_index x \
                       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any(x.indkey) \
                       where x.indrelid = to_regclass($1) and x.indisprimary \
                       order by array_position(x.indkey, a.attnum)";
            texts(db, sql, [&quoted(table)]).await
        }
        _ => {
            let sql = "select 1 from pragma_table_list(?) where type = 'table' and wr = 0";
            if any(db, sql, [&table.name]).await? {
                return Ok(vec!["rowid".to_owned()]);
            }
            let sql = "select name from pragma_table_info(?) where pk > 0 order by pk";
            texts(db, sql, [&table.name]).await
        }
    }
}
