//! One revision, up or down: its record, its row in the journal, and what is told of a failure.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr, Statement,
};

use super::error::{HalfApplied, RunError, StepFailure};
use super::event::{Direction, Event, Listener};
use super::execute::{self, Failure, Heard, Mode};
use super::held;
use super::journal::{self, DoneStep, Run, Status, WayDown};
use super::plan::{self, Segment};
use super::record;
use super::runner::{Finished, Options};
use super::session::Session;
use crate::op::{Op, Operations, Step};
use crate::revision::{Entry, Header};
use crate::schema::Engine;

/// What the revisions of one run have in common.
pub(super) struct Worker<'a> {
    /// The user's own connection.
    pub(super) db: &'a DatabaseConnection,
    /// The one for steps; in a dry run on SQLite, a copy of the schema.
    pub(super) session: Session,
    pub(super) record_table: &'a str,
    pub(super) options: &'a Options,
    pub(super) mode: Mode,
    pub(super) listen: Listener<'a>,
    /// The newest row of the journal for each revision.
    pub(super) latest: BTreeMap<String, Run>,
    /// Revisions that this run has finished.
    pub(super) finished: Vec<String>,
    /// A plain migration that a dry run passed over: from there on the schema is not known.
    pub(super) passed_over: Option<String>,
}

/// The steps of a revision, and what is told about it.
pub(super) struct Work<'e> {
    pub(super) entry: &'e Entry,
    pub(super) header: &'e Header,
    pub(super) direction: Direction,
    pub(super) steps: Vec<Step>,
    pub(super) began: Instant,
}

impl Work<'_> {
    /// What the journal keeps of steps that are done.
    pub(super) fn done(&self, engine: Engine, range: Range<usize>) -> Vec<DoneStep> {
        self.steps[range]
            .iter()
            .map(|step| DoneStep {
                checksum: execute::fingerprint(engine, step),
                text: execute::words(step),
            })
            .collect()
    }
}

impl Worker<'_> {
    /// Runs a revision and tells about it.
    pub(super) async fn revise(
        &mut self,
        entry: &Entry,
        direction: Direction,
        number: usize,
        of: usize,
    ) -> Result<Finished, RunError> {
        let message = entry.header.map_or("", |header| header.message).to_owned();
        (self.listen)(&Event::RevisionStarted {
            id: entry.id.clone(),
            message: message.clone(),
            direction,
            number,
            of,
        });
        let began = Instant::now();
        let done = match entry.header {
            Some(header) => self.recorded(entry, header, direction).await,
            None => self.plain(entry, direction).await.map(|()| (1, 0)),
        };
        let (steps, rows) = done.inspect_err(|error| {
            (self.listen)(&Event::Failed {
                id: entry.id.clone(),
                error: error.to_string(),
            });
        })?;
        let elapsed = began.elapsed();
        (self.listen)(&Event::RevisionFinished {
            id: entry.id.clone(),
            message: message.clone(),
            direction,
            elapsed,
            steps,
            rows,
        });
        self.finished.push(entry.id.clone());
        Ok(Finished {
            id: entry.id.clone(),
            message,
            elapsed,
            steps,
            rows,
        })
    }

    async fn recorded(
        &mut self,
        entry: &Entry,
        header: &Header,
        direction: Direction,
    ) -> Result<(usize, u64), RunError> {
        let work = Work {
            entry,
            header,
            direction,
            steps: recorded_steps(header, direction, self.session.engine)?,
            began: Instant::now(),
        };
        let mut run = self.begin_run(&work)?;
        let done = run.done.len();
        self.refuse_held(&work, done).await?;
        if done > 0 {
            (self.listen)(&Event::Resumed {
                id: entry.id.clone(),
                step: done + 1,
                of: work.steps.len(),
            });
        }
        let mut segments: Vec<Segment> =
            plan::segments(self.session.engine, &work.steps, header.transaction)
                .into_iter()
                .filter(|segment| segment.range().end > done || work.steps.is_empty())
                .collect();
        if let Some(Segment::Transaction(range)) = segments.first_mut() {
            range.start = range.start.max(done);
        }
        if !matches!(segments.last(), Some(Segment::Transaction(_))) {
            // A transaction for the record and the journal.
            let end = work.steps.len();
            segments.push(Segment::Transaction(end..end));
        }
        let count = segments.len();
        for (at, segment) in segments.into_iter().enumerate() {
            let last = at + 1 == count;
            let range = segment.range();
            let atomic = !matches!(segment, Segment::Alone(_));
            let result = match segment {
                Segment::Transaction(range) => self.transaction(&work, range, &mut run, last).await,
                Segment::Backfill(at) => self.backfill(&work, at, &mut run).await,
                Segment::Alone(at) => self.alone(&work, at, &mut run).await,
            };
            if let Err(failure) = result {
                if !self.mode.is_live() && self.passed_over.is_some() {
                    let passed = self.passed_over.as_deref().unwrap_or_default();
                    let sql = format!("-- step {}: not known before `{passed}` has run", range.end);
                    self.statement(&work.entry.id, &sql);
                    continue;
                }
                return Err(self.failed(&work, run, failure, atomic).await);
            }
        }
        Ok((work.steps.len(), run.rows.unsigned_abs()))
    }

    /// Looks for rows that would stop the revision halfway.
    async fn refuse_held(&mut self, work: &Work<'_>, done: usize) -> Result<(), RunError> {
        if self.mode != Mode::Live {
            return Ok(());
        }
        let left = work.steps.get(done..).unwrap_or_default();
        let found = held::first(&self.session.db, left).await;
        match found.map_err(RunError::database(
            "looking for rows that hold an enum value",
        ))? {
            None => Ok(()),
            Some((at, held)) => Err(RunError::Held {
                revision: work.entry.id.clone(),
                at: format!("{}:{}", work.header.file, left[at].line),
                held: Box::new(held),
            }),
        }
    }

    /// The row of this run: a new one, or that of a run which was cut off between its segments.
    fn begin_run(&mut self, work: &Work<'_>) -> Result<Run, RunError> {
        let latest = self.latest.remove(&work.entry.id).filter(|run| {
            run.direction == work.direction
                && matches!(run.status, Status::Partial | Status::Failed)
                && !run.done.is_empty()
        });
        let fresh = self.new_run(&work.entry.id, work.direction, work.steps.len());
        let checksum = Some(work.header.checksum.to_owned()).filter(|sum| !sum.is_empty());
        let Some(cut_off) = latest else {
            return Ok(Run { checksum, ..fresh });
        };
        let now = work.done(self.session.engine, 0..work.steps.len());
        for (at, done) in cut_off.done.iter().enumerate() {
            let now = now.get(at);
            if now.is_none_or(|now| now.checksum != done.checksum) {
                return Err(RunError::HalfApplied(Box::new(HalfApplied {
                    revision: work.entry.id.clone(),
                    stopped_at: cut_off.started_at + cut_off.duration_ms,
                    steps_done: cut_off.done.len(),
                    of: work.steps.len(),
                    changed: at + 1,
                    done: done.text.clone(),
                    now: now.map(|now| now.text.clone()),
                })));
            }
        }
        Ok(Run {
            checksum,
            number: cut_off.number,
            done: cut_off.done,
            rows: cut_off.rows,
            ..fresh
        })
    }

    pub(super) fn new_run(&self, id: &str, direction: Direction, steps: usize) -> Run {
        let identity = &self.options.identity;
        Run {
            number: 0,
            id: id.to_owned(),
            direction,
            status: Status::Partial,
            checksum: None,
            started_at: record::milliseconds(),
            duration_ms: 0,
            tool: concat!("seachange ", env!("CARGO_PKG_VERSION")).to_owned(),
            host: identity.host.clone(),
            login: identity.user.clone(),
            steps: i32::try_from(steps).unwrap_or(i32::MAX),
            done: Vec::new(),
            rows: 0,
            failed_step: None,
            error: None,
            way_down: None,
        }
    }

    /// Writes the record of a revision that is done, and its row in the journal.
    pub(super) async fn record(
        &mut self,
        db: &impl ConnectionTrait,
        run: &mut Run,
    ) -> Result<(), DbErr> {
        let up = run.direction == Direction::Up;
        let statement: Statement = record::change(db, self.record_table, &run.id, up);
        if !self.mode.is_live() {
            self.statement(&run.id, &statement.to_string());
            return Ok(());
        }
        let changed = db.execute_raw(statement).await?.rows_affected();
        if changed != 1 {
            return Err(DbErr::Custom(format!(
                "the record of `{}` was changed by somebody else during the run",
                run.id
            )));
        }
        self.note(db, run).await
    }

    /// Writes the row of the journal.
    pub(super) async fn note(
        &mut self,
        db: &impl ConnectionTrait,
        run: &mut Run,
    ) -> Result<(), DbErr> {
        if self.mode.is_live() {
            run.number = journal::write(db, self.record_table, run).await?;
        }
        Ok(())
    }

    async fn failed(
        &mut self,
        work: &Work<'_>,
        mut run: Run,
        failure: Failure,
        atomic: bool,
    ) -> RunError {
        let message = failure.cause.to_string();
        run.status = Status::Failed;
        run.failed_step = i32::try_from(failure.step + 1).ok();
        run.error = Some(message.clone());
        run.duration_ms = milliseconds(work.began.elapsed());
        // In a transaction of its own, after the other one was rolled back. When this fails too,
        // the database is gone, and the first error says so.
        let db = self.session.db.clone();
        let _ = self.note(&db, &mut run).await;
        let step = work.steps.get(failure.step);
        RunError::Step(Box::new(StepFailure {
            revision: work.entry.id.clone(),
            step: failure.step + 1,
            of: work.steps.len(),
            text: step.map(execute::words).unwrap_or_default(),
            statement: failure.statement,
            message,
            at: step.map(|step| format!("{}:{}", work.header.file, step.line)),
            rolled_back: atomic && run.done.is_empty() && run.rows == 0,
            steps_done: run.done.len(),
            applied_before: self.finished.clone(),
        }))
    }

    /// The statements that will take the revision back, for a time when its code is not there.
    pub(super) async fn way_down(
        &mut self,
        db: &DatabaseTransaction,
        header: &Header,
    ) -> Option<WayDown> {
        let steps = recorded_steps(header, Direction::Down, self.session.engine).ok()?;
        if steps.iter().any(|step| matches!(step.op, Op::Run(_))) {
            return None;
        }
        let keys_off = execute::keys_off(self.session.engine, &steps);
        let mut statements = Vec::new();
        let mut hear = |heard: Heard<'_>| {
            if let Heard::Statement(sql) = heard {
                statements.push(sql.to_owned());
            }
        };
        #[cfg(feature = "sqlite")]
        if execute::rebuilds(self.session.engine, &steps) {
            let copy = super::sqlite::copy_schema(self.db, db, false).await.ok()?;
            let executor = DatabaseExecutor::Connection(&copy);
            let done = execute::steps(&executor, 0, &steps, Mode::SchemaOnly, &mut hear).await;
            let _ = copy.close().await;
            return done.ok().map(|()| WayDown {
                statements,
                keys_off,
            });
        }
        let executor = DatabaseExecutor::Transaction(db);
        execute::steps(&executor, 0, &steps, Mode::Hear, &mut hear)
            .await
            .ok()?;
        Some(WayDown {
            statements,
            keys_off,
        })
    }

    pub(super) fn statement(&mut self, id: &str, sql: &str) {
        (self.listen)(&Event::Statement {
            id: id.to_owned(),
            sql: sql.to_owned(),
        });
    }
}

/// The steps that a module records for the engine.
fn recorded_steps(
    header: &Header,
    direction: Direction,
    engine: Engine,
) -> Result<Vec<Step>, RunError> {
    let mut operations = Operations::default();
    match direction {
        Direction::Up => (header.up)(&mut operations),
        Direction::Down => (header.down)(&mut operations),
    }
    let steps = operations
        .into_steps()
        .map_err(|(line, error)| RunError::Definition {
            revision: header.name.to_owned(),
            file: header.file.to_owned(),
            line,
            error,
        })?;
    Ok(execute::here(engine, steps))
}

pub(super) fn tell(
    listen: &mut (dyn FnMut(&Event) + Send),
    id: &str,
    of: usize,
    heard: &Heard<'_>,
) {
    listen(&match heard {
        Heard::Step(at, step) => Event::StepStarted {
            id: id.to_owned(),
            step: at + 1,
            of,
            text: execute::words(step),
        },
        Heard::Statement(sql) => Event::Statement {
            id: id.to_owned(),
            sql: (*sql).to_owned(),
        },
    });
}

pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
