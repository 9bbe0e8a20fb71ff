//! Moving the record without running anything.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::error::RunError;
use super::event::{Direction, Event, Listener};
use super::journal::Status;
use super::record;
use super::runner::{Options, Report, current, lock, nothing, release, worker};
use crate::revision::History;

/// Makes the record say that the database is at these targets, without running anything. Rows of
/// revisions that the code does not have are removed with `purge` only.
///
/// # Errors
///
/// See [`RunError`].
pub async fn stamp(
    db: &DatabaseConnection,
    history: &History,
    targets: &[&str],
    purge: bool,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    let mut wanted = BTreeSet::new();
    for target in targets {
        if *target != "base" {
            let path = history.upgrade_path(&BTreeSet::new(), target)?;
            wanted.extend(path.into_iter().map(|entry| entry.id.clone()));
        }
    }
    let lock = lock(db, history, options, listen).await?;
    let result = restamp(db, history, &wanted, purge, options, listen).await;
    release(lock).await;
    result
}

async fn restamp(
    db: &DatabaseConnection,
    history: &History,
    wanted: &BTreeSet<String>,
    purge: bool,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    let stamping = || RunError::database("stamping");
    let table = history.record_table();
    let applied = record::applied(db, table).await.map_err(stamping())?;
    let before: BTreeSet<String> = applied.into_iter().map(|row| row.id).collect();
    let gone = before
        .difference(wanted)
        .filter(|id| purge || history.get(id).is_some());
    let new = history.entries().iter().map(|entry| &entry.id);
    let new = new.filter(|id| wanted.contains(*id) && !before.contains(*id));
    let changes: Vec<(&String, bool)> = gone
        .map(|id| (id, false))
        .chain(new.map(|id| (id, true)))
        .collect();
    let report = Report {
        from: current(history, &before),
        to: current(history, wanted),
        ..Report::default()
    };
    if changes.is_empty() {
        return Ok(nothing(report.to, listen));
    }
    let mut worker = worker(db, history, options, false, listen).await?;
    let transaction = worker.session.begin(false).await.map_err(stamping())?;
    for (id, up) in &changes {
        let statement = record::change(&transaction.inner, table, id, *up);
        (worker.listen)(&Event::Statement {
            id: (*id).clone(),
            sql: statement.to_string(),
        });
        if !options.dry_run {
            let changed = transaction.inner.execute_raw(statement).await;
            if changed.map_err(stamping())?.rows_affected() != 1 {
                return Err(RunError::Record { id: (*id).clone() });
            }
            let direction = if *up { Direction::Up } else { Direction::Down };
            let mut run = worker.new_run(id, direction, 0);
            run.status = Status::Stamped;
            worker
                .note(&transaction.inner, &mut run)
                .await
                .map_err(stamping())?;
        }
        (worker.listen)(&Event::Stamped {
            id: (*id).clone(),
            applied: *up,
        });
    }
    worker
        .session
        .commit(transaction)
        .await
        .map_err(stamping())?;
    worker.session.close().await;
    Ok(report)
}
