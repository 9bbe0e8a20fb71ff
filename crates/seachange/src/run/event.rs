//! What a run tells while it runs. A terminal, a log, a probe and a dry run are listeners; none of
//! them is a second loop.

use std::time::Duration;

/// Which way a revision goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is taken back.
    Down,
}

impl Direction {
    /// `up` or `down`, as the journal holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// A revision, in a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The identifier.
    pub id: String,
    /// What it is for; a plain migration does not tell.
    pub message: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Somebody else holds the migration lock.
    Waiting {
        /// The holder, as far as it can be known.
        holder: Option<String>,
        /// How long the holder has had it.
        held: Option<Duration>,
        /// How long we have waited.
        waited: Duration,
    },
    /// The lock is ours and it is known what is to be done.
    Planned {
        /// Which way.
        direction: Direction,
        /// Where the database is.
        from: Vec<String>,
        /// Where it will be.
        to: Vec<String>,
        /// What is run, in that order.
        revisions: Vec<Planned>,
    },
    /// There is nothing to do.
    NothingToDo {
        /// Where the database is.
        at: Vec<String>,
    },
    /// A revision begins.
    RevisionStarted {
        /// The identifier.
        id: String,
        /// What it is for.
        message: String,
        /// Which way.
        direction: Direction,
        /// Its number in the plan, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// A revision that was cut off goes on after the steps that are done.
    Resumed {
        /// The revision.
        id: String,
        /// The step it goes on with, from 1.
        step: usize,
        /// How many there are.
        of: usize,
    },
    /// A step begins.
    StepStarted {
        /// The revision.
        id: String,
        /// The step, from 1.
        step: usize,
        /// How many there are; a plain migration has one.
        of: usize,
        /// The step in words.
        text: String,
    },
    /// A statement is about to run, or would run if this were no dry run.
    Statement {
        /// The revision.
        id: String,
        /// The SQL.
        sql: String,
    },
    /// A batch of rows is filled and committed.
    RowsFilled {
        /// The revision.
        id: String,
        /// Rows filled so far.
        done: u64,
        /// Rows that were to be filled when the step began.
        total: u64,
    },
    /// A revision is done and recorded.
    RevisionFinished {
        /// The revision.
        id: String,
        /// What it is for.
        message: String,
        /// Which way.
        direction: Direction,
        /// How long it took.
        elapsed: Duration,
        /// How many steps it had.
        steps: usize,
        /// How many rows were filled.
        rows: u64,
    },
    /// A revision failed; the run ends with the error.
    Failed {
        /// The revision.
        id: String,
        /// The error, in words.
        error: String,
    },
    /// The record of a revision was written or removed, and nothing was run.
    Stamped {
        /// The revision.
        id: String,
        /// Whether it now counts as applied.
        applied: bool,
    },
    /// What had drifted is as history made it.
    Repaired {
        /// How many steps it took.
        steps: usize,
        /// How long it took.
        elapsed: Duration,
    },
    /// An object was dropped to make room.
    Dropped {
        /// The object: `table tasks`.
        object: String,
    },
}

/// Who hears the events.
pub type Listener<'a> = &'a mut (dyn FnMut(&Event) + Send);
