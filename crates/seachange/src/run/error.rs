//! Why a run ended before its end.

use std::time::Duration;

use sea_orm::DbErr;

use crate::op::Op;
use crate::revision::{HistoryError, TargetError};
use crate::schema::UnreadableError;

use super::server_words;

/// A run ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The modules form no history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The target is not there, or ambiguous.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The database refused something that is not a step of a revision.
    #[error("{what}: {}", server_words(.error))]
    Database {
        /// What was being done (`reading the applied revisions`).
        what: &'static str,
        /// The refusal.
        error: DbErr,
    },
    /// The engine cannot be migrated yet.
    #[error("{0} is not supported yet; use PostgreSQL or SQLite")]
    Engine(crate::schema::Engine),
    /// The database has revisions that the code has not.
    #[error("this database has {} that this code does not: {}{}", noun(.unknown.len()), names(.unknown), details(.unknown))]
    Unknown {
        /// The revisions, newest first.
        unknown: Vec<UnknownRevision>,
    },
    /// A revision that the code does not have left no way down in the journal.
    #[error("the way down of `{id}` is not known: this code does not have the revision, and {why}")]
    NoWayDown {
        /// The revision.
        id: String,
        /// Why the journal does not help.
        why: String,
    },
    /// Somebody else held the lock for too long.
    #[error("the lock was still held{} after {} s; nothing was done", by(.holder.as_deref()), .waited.as_secs())]
    Locked {
        /// The holder, as far as it can be known.
        holder: Option<String>,
        /// How long we waited.
        waited: Duration,
    },
    /// The lock cannot be taken at all.
    #[error("the lock file `{path}` cannot be opened: {error}")]
    LockFile {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A step failed.
    #[error(transparent)]
    Step(Box<StepFailure>),
    /// A value of an enum cannot be removed while rows hold it. Nothing of the revision has run.
    #[error("{revision} cannot run: {held}\n  at      {at}")]
    Held {
        /// The revision.
        revision: String,
        /// The source line: `migration/src/m….rs:24`.
        at: String,
        /// The value, and the rows.
        held: Box<super::Held>,
    },
    /// A definition in a module cannot be read.
    #[error("{file}:{line}: {error}")]
    Definition {
        /// The revision.
        revision: String,
        /// The source file.
        file: String,
        /// The line.
        line: u32,
        /// What is wrong with it.
        error: UnreadableError,
    },
    /// A revision was cut off, and a step that is done has changed in the file since.
    #[error(transparent)]
    HalfApplied(Box<HalfApplied>),
    /// Another hand changed the record table while we held the lock.
    #[error(
        "the record of `{id}` was changed by somebody else during the run; look with `current`"
    )]
    Record {
        /// The revision.
        id: String,
    },
}

impl RunError {
    pub(super) fn database(what: &'static str) -> impl FnOnce(DbErr) -> Self {
        move |error| Self::Database { what, error }
    }

    /// The exit code of a program that ends with it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Locked { .. } => 5,
            Self::HalfApplied(_) => 6,
            _ => 1,
        }
    }
}

/// A revision that is applied but that the code does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRevision {
    /// The identifier.
    pub id: String,
    /// When it was applied, in seconds since 1970.
    pub applied_at: i64,
    /// By whom (`mia@laptop`), when the journal knows.
    pub by: Option<String>,
    /// With what version of this library.
    pub tool: Option<String>,
    /// Whether its way down is in the journal.
    pub has_way_down: bool,
}

/// A step of a revision failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// The revision.
    pub revision: String,
    /// The step, from 1.
    pub step: usize,
    /// How many steps the revision has.
    pub of: usize,
    /// The step in words.
    pub text: String,
    /// The statement that failed, if it was one.
    pub statement: Option<String>,
    /// What the server, or the step's code, says.
    pub message: String,
    /// The source line: `migration/src/m….rs:24`.
    pub at: Option<String>,
    /// Whether nothing of the revision remains.
    pub rolled_back: bool,
    /// How many steps of the revision stay done.
    pub steps_done: usize,
    /// Revisions that this run finished before; they stay.
    pub applied_before: Vec<String>,
}

impl std::error::Error for StepFailure {}

impl std::fmt::Display for StepFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} failed at step {} of {}",
            self.revision, self.step, self.of
        )?;
        match (self.rolled_back, self.steps_done) {
            (true, _) => f.write_str(" and was rolled back; nothing of it remains")?,
            (false, 0) => {
                f.write_str("; it ran without a transaction, so parts of it may remain")?
            }
            (false, 1) => f.write_str("; step 1 stays done, the next run goes on after it")?,
            (false, n) => write!(
                f,
                "; steps 1 to {n} stay done, the next run goes on after them"
            )?,
        }
        let step = self.statement.as_deref().unwrap_or(&self.text);
        write!(f, "\n  step    {}", step.replace('\n', "\n          "))?;
        write!(
            f,
            "\n  server  {}",
            self.message.replace('\n', "\n          ")
        )?;
        if let Some(at) = &self.at {
            write!(f, "\n  at      {at}")?;
        }
        match self.applied_before.as_slice() {
            [] => Ok(()),
            [one] => write!(
                f,
                "\n  before  1 revision was run before it and stays: {one}"
            ),
            several => write!(
                f,
                "\n  before  {} revisions were run before it and stay: {}",
                several.len(),
                several.join(", ")
            ),
        }
    }
}

/// A revision stopped between its segments, and what is done no longer is what the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfApplied {
    /// The revision.
    pub revision: String,
    /// When it stopped, in milliseconds since 1970.
    pub stopped_at: i64,
    /// How many steps are done.
    pub steps_done: usize,
    /// How many steps there are.
    pub of: usize,
    /// The first step that has changed, from 1.
    pub changed: usize,
    /// The step as it was done.
    pub done: String,
    /// The step as the file has it now; `None` when it is gone.
    pub now: Option<String>,
}

impl std::error::Error for HalfApplied {}

impl std::fmt::Display for HalfApplied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let when = chrono::DateTime::from_timestamp_millis(self.stopped_at)
            .map(|when| format!(" on {}", when.format("%Y-%m-%d %H:%M UTC")))
            .unwrap_or_default();
        write!(
            f,
            "{} stopped after step {} of {}{when}, and step {} has changed in the file since",
            self.revision, self.steps_done, self.of, self.changed
        )?;
        write!(f, "\n  done    {}", self.done)?;
        write!(
            f,
            "\n  now     {}",
            self.now.as_deref().unwrap_or("(no such step)")
        )
    }
}

fn noun(count: usize) -> String {
    match count {
        1 => "a revision".to_owned(),
        n => format!("{n} revisions"),
    }
}

fn names(unknown: &[UnknownRevision]) -> String {
    let names: Vec<&str> = unknown.iter().map(|unknown| unknown.id.as_str()).collect();
    names.join(", ")
}

fn details(unknown: &[UnknownRevision]) -> String {
    unknown
        .iter()
        .map(|unknown| {
            let when = chrono::DateTime::from_timestamp(unknown.applied_at, 0)
                .map(|when| when.format("%Y-%m-%d %H:%M UTC").to_string())
                .unwrap_or_default();
            let by = by(unknown.by.as_deref());
            let with = match &unknown.tool {
                Some(tool) => format!(" with {tool}"),
                None => String::new(),
            };
            let down = match unknown.has_way_down {
                true => "; its way down is in the journal",
                false => "; its way down is not in the journal",
            };
            format!("\n  applied {when}{by}{with}{down}")
        })
        .collect()
}

fn by(holder: Option<&str>) -> String {
    holder
        .map(|holder| format!(" by {holder}"))
        .unwrap_or_default()
}

/// What would be lost by an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The table or column: `users.full_name`.
    pub what: String,
    /// How many rows, or values that are not NULL.
    pub count: u64,
    /// Whether it is a column, so that `count` counts values and not rows.
    pub values: bool,
}

impl Loss {
    pub(super) fn of(op: &Op) -> Option<(String, Option<&str>)> {
        match op {
            Op::DropTable { name, .. } => Some((name.to_string(), None)),
            Op::DropColumn { table, column, .. } => {
                Some((format!("{table}.{column}"), Some(column)))
            }
            Op::AlterColumn { table, column, .. } if crate::op::destroys(op).is_some() => {
                Some((format!("{table}.{column}"), Some(column)))
            }
            _ => None,
        }
    }
}
