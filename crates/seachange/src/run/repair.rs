//! Operations that belong to no revision: a database that was changed outside its history is put
//! back.

use std::time::Instant;

use sea_orm::{DatabaseConnection, DatabaseExecutor};

use super::error::{RunError, StepFailure};
use super::event::{Direction, Event, Listener};
use super::execute::{self, Cause, Failure};
use super::journal::{DoneStep, Status};
use super::revise::{Worker, milliseconds, tell};
use super::runner::{Options, lock, release, worker};
use crate::op::{Op, Step};
use crate::revision::History;

/// What the journal calls it, where revisions have their identifiers.
const ID: &str = "drift";

/// Carries out operations under the lock, all of them or none, and leaves a row in the journal. No
/// revision is recorded for it. A dry run tells the statements.
///
/// # Errors
///
/// See [`RunError`]. Nothing is done then.
pub async fn repair(
    db: &DatabaseConnection,
    history: &History,
    ops: &[Op],
    options: &Options,
    listen: Listener<'_>,
) -> Result<(), RunError> {
    let lock = lock(db, history, options, listen).await?;
    let result = locked(db, history, ops, options, listen).await;
    release(lock).await;
    result
}

async fn locked(
    db: &DatabaseConnection,
    history: &History,
    ops: &[Op],
    options: &Options,
    listen: Listener<'_>,
) -> Result<(), RunError> {
    let began = Instant::now();
    let steps: Vec<Step> = ops.iter().cloned().map(Step::from).collect();
    let mut worker = worker(db, history, options, false, listen).await?;
    let result = put_back(&mut worker, &steps, began).await;
    worker.session.close().await;
    let steps = result?;
    listen(&Event::Repaired {
        steps,
        elapsed: began.elapsed(),
    });
    Ok(())
}

async fn put_back(
    worker: &mut Worker<'_>,
    steps: &[Step],
    began: Instant,
) -> Result<usize, RunError> {
    let repairing = || RunError::database("putting back what drifted");
    let engine = worker.session.engine;
    let keys_off = execute::keys_off(engine, steps);
    let transaction = worker.session.begin(keys_off).await.map_err(repairing())?;
    let executor = DatabaseExecutor::Transaction(&transaction.inner);
    let listen = &mut *worker.listen;
    let mut hear = |heard: execute::Heard<'_>| tell(listen, ID, steps.len(), &heard);
    let done = execute::steps(&executor, 0, steps, worker.mode, &mut hear).await;
    if let Err(failure) = done {
        // The first error is the one that explains.
        let _ = worker.session.roll_back(transaction).await;
        return Err(failed(steps, failure));
    }
    let mut run = worker.new_run(ID, Direction::Up, steps.len());
    run.status = Status::Repaired;
    run.duration_ms = milliseconds(began.elapsed());
    run.done = steps
        .iter()
        .map(|step| DoneStep {
            checksum: execute::fingerprint(engine, step),
            text: execute::words(step),
        })
        .collect();
    let noted = worker.note(&transaction.inner, &mut run).await;
    noted.map_err(repairing())?;
    let committed = worker.session.commit(transaction).await;
    committed.map_err(|error| {
        let cause = Cause::Database(error);
        let step = steps.len().saturating_sub(1);
        failed(
            steps,
            Failure {
                step,
                statement: None,
                cause,
            },
        )
    })?;
    Ok(steps.len())
}

fn failed(steps: &[Step], failure: Failure) -> RunError {
    let step = steps.get(failure.step);
    RunError::Step(Box::new(StepFailure {
        revision: "repair".to_owned(),
        step: failure.step + 1,
        of: steps.len(),
        text: step.map(execute::words).unwrap_or_default(),
        statement: failure.statement,
        message: failure.cause.to_string(),
        at: None,
        rolled_back: true,
        steps_done: 0,
        applied_before: Vec::new(),
    }))
}
