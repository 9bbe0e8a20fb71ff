//! What only SQLite needs: one connection to hold on to, the texts of its tables, and a copy of its
//! schema to try things on.

use std::time::Duration;

use sea_orm::sqlx::sqlite::SqlitePool;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseConnectionType, DbErr, SqlxSqliteConnector,
};

use super::look;

/// One connection with the options of the user's pool, hooks included. It is never replaced by
/// another one in its life. `None` when a second connection would be to another database: one in
/// memory that is not shared.
pub(super) async fn pinned(db: &DatabaseConnection) -> Result<Option<DatabaseConnection>, DbErr> {
    let pool = pool(db)?;
    let options = (*pool.connect_options()).clone();
    let file = look::texts(
        db,
        "select file from pragma_database_list where name = 'main'",
        [],
    );
    let in_memory = file.await?.iter().all(String::is_empty);
    // The options do not tell but in this way.
    if in_memory && !format!("{options:?}").contains("shared_cache: true") {
        return Ok(None);
    }
    let options = options.busy_timeout(Duration::from_secs(30));
    connect_one(pool, options).await.map(Some)
}

/// An empty database in memory with the options of the user's pool.
async fn scratch(db: &DatabaseConnection) -> Result<DatabaseConnection, DbErr> {
    let pool = pool(db)?;
    let options = (*pool.connect_options())
        .clone()
        .filename(":memory:")
        .in_memory(true)
        .shared_cache(false)
        .read_only(false)
        .foreign_keys(false);
    connect_one(pool, options).await
}

async fn connect_one(
    pool: &SqlitePool,
    options: sea_orm::sqlx::sqlite::SqliteConnectOptions,
) -> Result<DatabaseConnection, DbErr> {
    let pool = pool
        .options()
        .clone()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

pub(super) fn pool(db: &DatabaseConnection) -> Result<&SqlitePool, DbErr> {
    match &db.inner {
        DatabaseConnectionType::SqlxSqlitePoolConnection(_) => Ok(db.get_sqlite_connection_pool()),
        _ => Err(DbErr::Custom("this is no SQLite connection".to_owned())),
    }
}

/// A database in memory with the schema of another one and no rows, or `empty`. `from` may be a
/// transaction of `db`, and is then copied as it is in it.
pub(super) async fn copy_schema(
    db: &DatabaseConnection,
    from: &impl ConnectionTrait,
    empty: bool,
) -> Result<DatabaseConnection, DbErr> {
    // Tables that a virtual table makes for itself come with it.
    let sql = "select s.sql from sqlite_schema s \
               where s.sql is not null and s.name not like 'sqlite\\_%' escape '\\' \
               and not exists (select 1 from pragma_table_list l \
                               where l.name = s.tbl_name and l.type = 'shadow') \
               order by case s.type when 'table' then 0 when 'index' then 1 when 'view' then 2 \
                        else 3 end, s.rowid";
    let texts = match empty {
        true => Vec::new(),
        false => look::texts(from, sql, []).await?,
    };
    let scratch = scratch(db).await?;
    for text in texts {
        scratch.execute_unprepared(&text).await?;
    }
    Ok(scratch)
}

/// Names of what a database holds, by kind, in the order in which it can be dropped.
pub(super) async fn droppable(db: &impl ConnectionTrait) -> Result<Vec<(String, String)>, DbErr> {
    let sql = "select s.type, s.name from sqlite_schema s \
               where s.type in ('table', 'view') and s.name not like 'sqlite\\_%' escape '\\' \
               and not exists (select 1 from pragma_table_list l \
                               where l.name = s.name and l.type = 'shadow') \
               order by case s.type when 'view' then 0 else 1 end, s.rowid";
    let rows = look::rows(db, sql, []).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
