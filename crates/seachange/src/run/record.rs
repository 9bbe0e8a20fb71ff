//! The record of what is applied: the same table that sea-orm-migration keeps.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::look;
use crate::dialect::quote;
use crate::schema::Name;

/// A row of the record: a revision that is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The identifier.
    pub id: String,
    /// When it was applied, in seconds since 1970.
    pub applied_at: i64,
}

/// The applied revisions, oldest first. A table that is not there is an empty record; nothing is
/// created.
///
/// # Errors
///
/// The database refuses the query.
pub async fn applied(db: &impl ConnectionTrait, table: &str) -> Result<Vec<Applied>, DbErr> {
    if !look::has_table(db, &Name::from(table)).await? {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select version, applied_at from {} order by applied_at, version",
        quote(table)
    );
    let rows = look::rows(db, &sql, []).await?;
    rows.iter()
        .map(|row| {
            Ok(Applied {
                id: row.try_get_by_index(0)?,
                applied_at: row.try_get_by_index(1)?,
            })
        })
        .collect()
}

/// Makes the table if it is not there.
pub(super) async fn install(db: &impl ConnectionTrait, table: &str) -> Result<(), DbErr> {
    if look::has_table(db, &Name::from(table)).await? {
        return Ok(());
    }
    let sql = format!(
        "CREATE TABLE IF NOT EXISTS {} ( \"version\" varchar NOT NULL PRIMARY KEY, \
         \"applied_at\" bigint NOT NULL )",
        quote(table)
    );
    db.execute_unprepared(&sql).await.map(|_| ())
}

/// The statement that writes or removes the record of a revision.
pub(super) fn change(db: &impl ConnectionTrait, table: &str, id: &str, applied: bool) -> Statement {
    let (table, version) = (Alias::new(table), Alias::new("version"));
    let backend = db.get_database_backend();
    if applied {
        let mut insert = Query::insert();
        insert
            .into_table(table)
            .columns([version, Alias::new("applied_at")])
            .values_panic([id.into(), seconds().into()]);
        backend.build(&insert)
    } else {
        let mut delete = Query::delete();
        delete
            .from_table(table)
            .and_where(Expr::col(version).eq(id));
        backend.build(&delete)
    }
}

/// Seconds since 1970.
fn seconds() -> i64 {
    milliseconds() / 1000
}

/// Milliseconds since 1970.
pub(super) fn milliseconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}
