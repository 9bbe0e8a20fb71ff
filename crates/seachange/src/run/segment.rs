//! The segments of a revision: a transaction, a backfill that commits by batches, a statement that
//! no transaction can hold. Each notes what it did, so that the next run goes on after it.

use std::ops::Range;

use sea_orm::{ConnectionTrait, DatabaseExecutor, DbErr};

use super::data::Filling;
use super::event::{Direction, Event};
use super::execute::{self, Cause, Failure, Heard};
use super::journal::{Run, Status};
use super::revise::{Work, Worker, milliseconds, tell};
use super::session::Transaction;
use crate::dialect;
use crate::op::{BackfillSpec, Op};
use crate::schema::Engine;

impl Worker<'_> {
    /// Steps that are done together or not at all, the record with the last ones.
    pub(super) async fn transaction(
        &mut self,
        work: &Work<'_>,
        range: Range<usize>,
        run: &mut Run,
        last: bool,
    ) -> Result<(), Failure> {
        // What is not the step's own fault is told with the last one.
        let place = range.end.saturating_sub(1);
        let failure = |cause: DbErr| Failure {
            step: place,
            statement: None,
            cause: Cause::Database(cause),
        };
        let steps = &work.steps[range.clone()];
        let keys_off = execute::keys_off(self.session.engine, steps);
        let transaction = self.session.begin(keys_off).await.map_err(failure)?;
        let result = self.in_transaction(work, range, &transaction, run, last);
        match result.await {
            Ok(after) => {
                self.session.commit(transaction).await.map_err(failure)?;
                *run = after;
                Ok(())
            }
            Err(error) => {
                // The first error is the one that explains.
                let _ = self.session.roll_back(transaction).await;
                Err(error)
            }
        }
    }

    /// What is true of the run once the transaction is committed.
    async fn in_transaction(
        &mut self,
        work: &Work<'_>,
        range: Range<usize>,
        transaction: &Transaction,
        run: &Run,
        last: bool,
    ) -> Result<Run, Failure> {
        let place = range.end.saturating_sub(1);
        let (id, of) = (&work.entry.id, work.steps.len());
        let listen = &mut *self.listen;
        let db = DatabaseExecutor::Transaction(&transaction.inner);
        let mut hear = |heard: Heard<'_>| tell(listen, id, of, &heard);
        let steps = &work.steps[range.clone()];
        execute::steps(&db, range.start, steps, self.mode, &mut hear).await?;
        let mut after = run.clone();
        after.done.extend(work.done(self.session.engine, range));
        after.duration_ms = milliseconds(work.began.elapsed());
        let noted = match last {
            false => self.note(&transaction.inner, &mut after).await,
            true => {
                after.status = Status::Done;
                after.error = None;
                after.failed_step = None;
                if work.direction == Direction::Up && self.mode.is_live() {
                    after.way_down = self.way_down(&transaction.inner, work.header).await;
                }
                self.record(&transaction.inner, &mut after).await
            }
        };
        noted.map_err(|error| Failure {
            step: place,
            statement: None,
            cause: Cause::Database(error),
        })?;
        Ok(after)
    }

    /// Fills rows batch by batch, each committed. What is filled stays filled when a batch fails,
    /// and the filter passes over it the next time.
    pub(super) async fn backfill(
        &mut self,
        work: &Work<'_>,
        at: usize,
        run: &mut Run,
    ) -> Result<(), Failure> {
        let step = &work.steps[at];
        let Op::Backfill(spec) = &step.op else {
            return Ok(());
        };
        let mut refused = None;
        let result = self.batches(work, at, spec, run, &mut refused).await;
        result.map_err(|cause| Failure {
            step: at,
            statement: refused,
            cause,
        })?;
        self.step_done(work, at, run).await
    }

    async fn batches(
        &mut self,
        work: &Work<'_>,
        at: usize,
        spec: &BackfillSpec,
        run: &mut Run,
        refused: &mut Option<String>,
    ) -> Result<(), Cause> {
        let (id, of) = (&work.entry.id, work.steps.len());
        tell(self.listen, id, of, &Heard::Step(at, &work.steps[at]));
        let filling = Filling::new(&self.session.db, spec).await?;
        let whole = filling.whole(&self.session.db).to_string();
        tell(self.listen, id, of, &Heard::Statement(&whole));
        if !self.mode.is_live() {
            return Ok(());
        }
        let total = filling.count(&self.session.db).await?;
        let mut done = 0;
        let mut mark = None;
        while let Some((statement, end)) = filling.next(&self.session.db, &mark).await? {
            let transaction = self.session.begin(false).await?;
            let mut hear = |_: Heard<'_>| {};
            let rows = execute::bound(&transaction.inner, statement, true, &mut hear, refused);
            let rows = match rows.await {
                Ok(rows) => rows,
                Err(cause) => {
                    let _ = self.session.roll_back(transaction).await;
                    return Err(cause);
                }
            };
            self.session.commit(transaction).await?;
            done += rows;
            run.rows += i64::try_from(rows).unwrap_or(i64::MAX);
            mark = end;
            (self.listen)(&Event::RowsFilled {
                id: id.clone(),
                done,
                total: total.max(done),
            });
        }
        Ok(())
    }

    /// Runs a step whose statements no transaction can hold.
    pub(super) async fn alone(
        &mut self,
        work: &Work<'_>,
        at: usize,
        run: &mut Run,
    ) -> Result<(), Failure> {
        let step = &work.steps[at];
        let (id, of) = (&work.entry.id, work.steps.len());
        let listen = &mut *self.listen;
        let mut hear = |heard: Heard<'_>| tell(listen, id, of, &heard);
        hear(Heard::Step(at, step));
        let mut refused = None;
        let online = match self.session.engine {
            Engine::Postgres => dialect::postgres::online(&step.op),
            _ => None,
        };
        let statements = match &online {
            Some(online) => Ok(online.statements.clone()),
            None => execute::sql(self.session.engine, step).map_err(Cause::Unsupported),
        };
        let live = self.mode.is_live();
        let result = match statements {
            Err(cause) => Err(cause),
            Ok(statements) => {
                let mut result = Ok(());
                for sql in statements {
                    result =
                        execute::text(&self.session.db, &sql, live, &mut hear, &mut refused).await;
                    if result.is_err() {
                        break;
                    }
                }
                result
            }
        };
        if let (Err(_), Some(online)) = (&result, online) {
            // The first error is the one that explains; what stays here is taken away by the next
            // run, which begins with the same statement.
            let _ = self.session.db.execute_unprepared(&online.undo).await;
        }
        result.map_err(|cause| Failure {
            step: at,
            statement: refused,
            cause,
        })?;
        self.step_done(work, at, run).await
    }

    /// Notes a step that is committed by itself.
    async fn step_done(
        &mut self,
        work: &Work<'_>,
        at: usize,
        run: &mut Run,
    ) -> Result<(), Failure> {
        run.done.extend(work.done(self.session.engine, at..at + 1));
        run.duration_ms = milliseconds(work.began.elapsed());
        let db = self.session.db.clone();
        self.note(&db, run).await.map_err(|error| Failure {
            step: at,
            statement: None,
            cause: Cause::Database(error),
        })
    }
}
