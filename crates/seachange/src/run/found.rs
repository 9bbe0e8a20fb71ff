//! What a database has that matters to a decision: rows that would be lost, revisions that the code
//! does not know.

use sea_orm::{DatabaseConnection, DbErr};

use super::error::{Loss, RunError, UnknownRevision};
use super::event::Direction;
use super::execute;
use super::journal::{self, Status};
use super::look;
use super::record::Applied;
use crate::dialect;
use crate::op::{Op, Step};
use crate::revision::History;
use crate::schema::{Engine, Name};

/// What these operations would take away from rows that are there: rows of dropped tables, values
/// of dropped columns. What is not there loses nothing.
///
/// # Errors
///
/// The database refuses to count.
pub async fn losses(db: &DatabaseConnection, ops: &[Op]) -> Result<Vec<Loss>, RunError> {
    let mut losses = Vec::new();
    for op in ops {
        let (Some((what, column)), Some(table)) = (Loss::of(op), op.table()) else {
            continue;
        };
        if matches!(op, Op::AlterColumn { .. }) && look::engine(db) == Engine::Sqlite {
            // SQLite keeps what fits, so only what does not is lost.
            continue;
        }
        if let Some(count) = count(db, table, column).await? {
            losses.push(Loss {
                what,
                count,
                values: column.is_some(),
            });
        }
    }
    if look::engine(db) == Engine::Sqlite {
        losses.extend(
            cast(db, ops)
                .await
                .map_err(RunError::database("counting what would be lost"))?,
        );
    }
    Ok(losses)
}

/// Values that SQLite would make something else of, in a column that gets another type or in a table
/// that is held to its types. What the operations before make of the table is not known here, and
/// the runner counts again.
async fn cast(db: &DatabaseConnection, ops: &[Op]) -> Result<Vec<Loss>, DbErr> {
    let mut losses = Vec::new();
    for op in ops {
        let table = match op {
            Op::AlterColumn { table, change, .. } if change.ty.is_some() => table,
            Op::AlterTable { table, change, .. } if change.strict.is_some() => table,
            _ => continue,
        };
        let Some(source) = execute::source(db, table).await? else {
            continue;
        };
        // What is not there loses nothing.
        let rebuild = dialect::sqlite::rebuild(&source, &[&Step::from(op.clone())]);
        for loss in rebuild.map(|rebuild| rebuild.losses).unwrap_or_default() {
            losses.push(Loss {
                what: loss.object.trim_start_matches("column ").to_owned(),
                count: look::count(db, &loss.count).await?,
                values: true,
            });
        }
    }
    Ok(losses)
}

/// How many rows a table has, or values that are not NULL a column of it; `None` when it is not
/// there.
///
/// # Errors
///
/// The database refuses to count.
pub async fn count(
    db: &DatabaseConnection,
    table: &Name,
    column: Option<&str>,
) -> Result<Option<u64>, RunError> {
    let failed = || RunError::database("counting what would be lost");
    let there = match column {
        Some(column) => look::has_column(db, table, column).await,
        None => look::has_table(db, table).await,
    };
    if !there.map_err(failed())? {
        return Ok(None);
    }
    let counted = column.map_or_else(|| "*".to_owned(), dialect::quote);
    let sql = format!("select count({counted}) from {}", look::quoted(table));
    let rows = look::rows(db, &sql, []).await.map_err(failed())?;
    let count: i64 = match rows.first() {
        Some(row) => row.try_get_by_index(0).map_err(failed())?,
        None => 0,
    };
    Ok(Some(count.unsigned_abs()))
}

/// The revisions of the record that the history does not have, newest first.
///
/// # Errors
///
/// The database refuses to be read.
pub async fn unknown(
    db: &DatabaseConnection,
    history: &History,
    applied: &[Applied],
) -> Result<Vec<UnknownRevision>, RunError> {
    let strangers: Vec<&Applied> = applied
        .iter()
        .filter(|row| history.get(&row.id).is_none())
        .collect();
    if strangers.is_empty() {
        return Ok(Vec::new());
    }
    let runs = journal::read(db, history.record_table())
        .await
        .map_err(RunError::database("reading the journal"))?;
    let mut numbered: Vec<(i64, UnknownRevision)> = strangers
        .into_iter()
        .map(|row| {
            let run = runs.iter().rev().find(|run| {
                run.id == row.id && run.direction == Direction::Up && run.status == Status::Done
            });
            let by = run.map(|run| match (run.login.as_str(), run.host.as_str()) {
                ("", host) => host.to_owned(),
                (login, "") => login.to_owned(),
                (login, host) => format!("{login}@{host}"),
            });
            let unknown = UnknownRevision {
                id: row.id.clone(),
                applied_at: row.applied_at,
                by: by.filter(|by| !by.is_empty()),
                tool: run.map(|run| run.tool.clone()),
                has_way_down: run.is_some_and(|run| run.way_down.is_some()),
            };
            (run.map_or(0, |run| run.number), unknown)
        })
        .collect();
    numbered.sort_by(|(a_number, a), (b_number, b)| {
        (b_number, b.applied_at, &b.id).cmp(&(a_number, a.applied_at, &a.id))
    });
    Ok(numbered.into_iter().map(|(_, unknown)| unknown).collect())
}
