//! Revisions whose steps are not known: plain migrations, and those that the code does not have.

use std::time::Instant;

use sea_orm::{DbErr, TransactionTrait};
use sea_orm_migration::SchemaManager;

use super::error::{RunError, StepFailure};
use super::event::{Direction, Event};
use super::execute::{self, Heard, Mode};
use super::journal::{Run, Status, WayDown};
use super::revise::{Worker, milliseconds, tell};
use super::runner::Finished;
use crate::revision::Entry;
use crate::schema::Engine;

impl Worker<'_> {
    /// A plain migration, exactly as sea-orm-migration runs it.
    pub(super) async fn plain(
        &mut self,
        entry: &Entry,
        direction: Direction,
    ) -> Result<(), RunError> {
        let text = format!("run the code of `{}`", entry.id);
        (self.listen)(&Event::StepStarted {
            id: entry.id.clone(),
            step: 1,
            of: 1,
            text: text.clone(),
        });
        let mut run = self.new_run(&entry.id, direction, 1);
        run.status = Status::Done;
        if !self.mode.is_live() {
            self.statement(&entry.id, &format!("-- code: {}", entry.id));
            self.passed_over.get_or_insert_with(|| entry.id.clone());
            let db = self.session.db.clone();
            return self
                .record(&db, &mut run)
                .await
                .map_err(RunError::database("recording"));
        }
        let began = Instant::now();
        let in_transaction = entry
            .migration
            .use_transaction()
            .unwrap_or(self.session.engine == Engine::Postgres);
        let result = match in_transaction {
            true => self.plain_in_transaction(entry, &mut run, began).await,
            false => {
                let db = self.db;
                match code(entry, direction, &SchemaManager::new(db)).await {
                    Ok(()) => {
                        run.duration_ms = milliseconds(began.elapsed());
                        self.record(db, &mut run).await
                    }
                    Err(error) => Err(error),
                }
            }
        };
        let Err(error) = result else {
            return Ok(());
        };
        let message = super::server_words(&error);
        run.status = Status::Failed;
        run.failed_step = Some(1);
        run.error = Some(message.clone());
        run.duration_ms = milliseconds(began.elapsed());
        let db = self.session.db.clone();
        let _ = self.note(&db, &mut run).await;
        Err(RunError::Step(Box::new(StepFailure {
            revision: entry.id.clone(),
            step: 1,
            of: 1,
            text,
            statement: None,
            message,
            at: None,
            rolled_back: in_transaction,
            steps_done: 0,
            applied_before: self.finished.clone(),
        })))
    }

    async fn plain_in_transaction(
        &mut self,
        entry: &Entry,
        run: &mut Run,
        began: Instant,
    ) -> Result<(), DbErr> {
        let transaction = self.db.begin().await?;
        let done = code(entry, run.direction, &SchemaManager::new(&transaction)).await;
        let done = match done {
            Ok(()) => {
                run.duration_ms = milliseconds(began.elapsed());
                self.record(&transaction, run).await
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => transaction.commit().await,
            Err(error) => {
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// Takes back a revision that the code does not have, by the statements of the journal.
    pub(super) async fn take_back(
        &mut self,
        id: &str,
        way: &WayDown,
        number: usize,
        of: usize,
    ) -> Result<Finished, RunError> {
        let mut run = self.new_run(id, Direction::Down, way.statements.len());
        run.status = Status::Done;
        (self.listen)(&Event::RevisionStarted {
            id: id.to_owned(),
            message: String::new(),
            direction: Direction::Down,
            number,
            of,
        });
        let began = Instant::now();
        let failed = RunError::database("taking back a revision");
        let transaction = match self.session.begin(way.keys_off).await {
            Ok(transaction) => transaction,
            Err(error) => return Err(failed(error)),
        };
        let mut refused = None;
        for (at, sql) in way.statements.iter().enumerate() {
            let listen = &mut *self.listen;
            let mut hear = |heard: Heard<'_>| tell(listen, id, way.statements.len(), &heard);
            let live = self.mode != Mode::Hear;
            let done = execute::text(&transaction.inner, sql, live, &mut hear, &mut refused).await;
            if let Err(cause) = done {
                let _ = self.session.roll_back(transaction).await;
                return Err(RunError::Step(Box::new(StepFailure {
                    revision: id.to_owned(),
                    step: at + 1,
                    of: way.statements.len(),
                    text: sql.clone(),
                    statement: refused,
                    message: cause.to_string(),
                    at: None,
                    rolled_back: true,
                    steps_done: 0,
                    applied_before: self.finished.clone(),
                })));
            }
        }
        run.duration_ms = milliseconds(began.elapsed());
        let recorded = self.record(&transaction.inner, &mut run).await;
        let done = match recorded {
            Ok(()) => self.session.commit(transaction).await,
            Err(error) => Err(error),
        };
        done.map_err(failed)?;
        self.finished.push(id.to_owned());
        let finished = Finished {
            id: id.to_owned(),
            message: String::new(),
            elapsed: began.elapsed(),
            steps: way.statements.len(),
            rows: 0,
        };
        (self.listen)(&Event::RevisionFinished {
            id: finished.id.clone(),
            message: String::new(),
            direction: Direction::Down,
            elapsed: finished.elapsed,
            steps: finished.steps,
            rows: 0,
        });
        Ok(finished)
    }
}

async fn code(
    entry: &Entry,
    direction: Direction,
    manager: &SchemaManager<'_>,
) -> Result<(), DbErr> {
    match direction {
        Direction::Up => entry.migration.up(manager).await,
        Direction::Down => entry.migration.down(manager).await,
    }
}
