//! Up, down, and what else moves a database through its history.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sea_orm::DatabaseConnection;

use super::error::{RunError, UnknownRevision};
use super::event::{Direction, Event, Listener, Planned};
use super::execute::Mode;
use super::found::unknown;
use super::journal::{self, WayDown};
use super::lock::{Lock, Waiting};
use super::look;
use super::record;
use super::revise::Worker;
use super::session::Session;
use crate::config::{Config, Identity};
use crate::revision::{Entry, History};
use crate::schema::Engine;

/// How to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for the lock.
    pub wait: Duration,
    /// Tells what would be done and does nothing. On PostgreSQL no statement runs; on SQLite they
    /// run on a copy of the schema.
    pub dry_run: bool,
    /// Lets values go that another type cannot hold; else SQLite refuses a step that would make
    /// something else of them. (PostgreSQL refuses by itself.)
    pub allow_data_loss: bool,
    /// Who runs, for the journal and for those who wait.
    pub identity: Identity,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(60),
            dry_run: false,
            allow_data_loss: false,
            identity: Identity::default(),
        }
    }
}

impl From<&Config> for Options {
    fn from(config: &Config) -> Self {
        Self {
            wait: config.timeout,
            dry_run: false,
            allow_data_loss: false,
            identity: config.identity.clone(),
        }
    }
}

/// A revision that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The identifier.
    pub id: String,
    /// What it is for.
    pub message: String,
    /// How long it took.
    pub elapsed: Duration,
    /// How many steps it had.
    pub steps: usize,
    /// How many rows were filled.
    pub rows: u64,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Where the database was.
    pub from: Vec<String>,
    /// Where it is.
    pub to: Vec<String>,
    /// The revisions, in the order in which they were run.
    pub finished: Vec<Finished>,
    /// How long it took, the wait for the lock not counted.
    pub elapsed: Duration,
}

/// Applies what leads up to a target: `head`, `heads`, `+1`, a revision.
///
/// # Errors
///
/// See [`RunError`]. Revisions that were finished before the error stay.
pub async fn upgrade(
    db: &DatabaseConnection,
    history: &History,
    target: &str,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    let way = Way::Up(target);
    go(db, history, way, options, listen).await
}

/// Takes back what stands above a target: `-1`, `base`, a revision, which stays. A revision that
/// the code does not have goes first, by the way down that its journal holds.
///
/// # Errors
///
/// See [`RunError`]. Revisions that were taken back before the error stay so.
pub async fn downgrade(
    db: &DatabaseConnection,
    history: &History,
    target: &str,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    let way = Way::Down(target);
    go(db, history, way, options, listen).await
}

/// Drops what is in the database's current schema (tables, views, types; functions and what belongs
/// to an extension stay) and applies the whole history.
///
/// # Errors
///
/// See [`RunError`].
pub async fn fresh(
    db: &DatabaseConnection,
    history: &History,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    let lock = lock(db, history, options, listen).await?;
    let mut result = super::fresh::drop_everything(db, options.dry_run, listen).await;
    let mut report = Report::default();
    if result.is_ok() {
        let way = Way::Up("heads");
        let all = BTreeSet::new();
        let applied = options.dry_run.then_some(&all);
        match locked(db, history, way, applied, options, listen).await {
            Ok(done) => report = done,
            Err(error) => result = Err(error),
        }
    }
    release(lock).await;
    result.map(|()| report)
}

#[derive(Clone, Copy)]
enum Way<'t> {
    Up(&'t str),
    Down(&'t str),
}

/// What is to be done, in order.
struct Path<'h> {
    from: BTreeSet<String>,
    unknown: Vec<UnknownRevision>,
    entries: Vec<&'h Entry>,
}

async fn path<'h>(
    db: &DatabaseConnection,
    history: &'h History,
    way: Way<'_>,
) -> Result<Path<'h>, RunError> {
    let applied = record::applied(db, history.record_table())
        .await
        .map_err(RunError::database("reading the applied revisions"))?;
    let mut strangers = unknown(db, history, &applied).await?;
    let from: BTreeSet<String> = applied.into_iter().map(|row| row.id).collect();
    match way {
        Way::Up(_) if !strangers.is_empty() => Err(RunError::Unknown { unknown: strangers }),
        Way::Up(target) => Ok(Path {
            entries: history.upgrade_path(&from, target)?,
            unknown: Vec::new(),
            from,
        }),
        Way::Down(target) => {
            let steps = target
                .strip_prefix('-')
                .and_then(|steps| steps.parse::<usize>().ok());
            let entries = match steps {
                Some(steps) if steps <= strangers.len() => {
                    strangers.truncate(steps);
                    Vec::new()
                }
                Some(steps) => {
                    let rest = format!("-{}", steps - strangers.len());
                    history.downgrade_path(&from, &rest)?
                }
                None => history.downgrade_path(&from, target)?,
            };
            Ok(Path {
                from,
                unknown: strangers,
                entries,
            })
        }
    }
}

async fn go(
    db: &DatabaseConnection,
    history: &History,
    way: Way<'_>,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    // Without the lock first: most of the time there is nothing to do, and who waited for somebody
    // else to do it need not wait in line to find that out.
    let mut waiting = None;
    let lock = loop {
        let plan = path(db, history, way).await?;
        if plan.entries.is_empty() && plan.unknown.is_empty() {
            return Ok(nothing(current(history, &plan.from), listen));
        }
        if options.dry_run {
            break None;
        }
        let waiting = match &mut waiting {
            Some(waiting) => waiting,
            None => {
                let (table, identity) = (history.record_table(), &options.identity);
                let new = Waiting::new(db, table, identity, options.wait).await?;
                waiting.insert(new)
            }
        };
        if let Some(lock) = waiting.again(listen).await? {
            break Some(lock);
        }
    };
    let result = locked(db, history, way, None, options, listen).await;
    release(lock).await;
    result
}

pub(super) fn nothing(at: Vec<String>, listen: Listener<'_>) -> Report {
    listen(&Event::NothingToDo { at: at.clone() });
    Report {
        from: at.clone(),
        to: at,
        ..Report::default()
    }
}

/// The lock; a dry run needs none.
pub(super) async fn lock(
    db: &DatabaseConnection,
    history: &History,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Option<Lock>, RunError> {
    if options.dry_run {
        return Ok(None);
    }
    let (table, identity) = (history.record_table(), &options.identity);
    Lock::take(db, table, identity, options.wait, listen)
        .await
        .map(Some)
}

pub(super) async fn release(lock: Option<Lock>) {
    if let Some(lock) = lock {
        lock.release().await;
    }
}

/// With the lock held. `assumed` is what counts as applied, where a dry run is to pretend.
async fn locked(
    db: &DatabaseConnection,
    history: &History,
    way: Way<'_>,
    assumed: Option<&BTreeSet<String>>,
    options: &Options,
    listen: Listener<'_>,
) -> Result<Report, RunError> {
    let plan = match (assumed, way) {
        (Some(applied), Way::Up(target)) => Path {
            from: applied.clone(),
            unknown: Vec::new(),
            entries: history.upgrade_path(applied, target)?,
        },
        _ => path(db, history, way).await?,
    };
    let from = current(history, &plan.from);
    if plan.entries.is_empty() && plan.unknown.is_empty() {
        return Ok(nothing(from, listen));
    }
    let direction = match way {
        Way::Up(_) => Direction::Up,
        Way::Down(_) => Direction::Down,
    };
    let ways = ways_down(db, history, &plan.unknown).await?;
    let mut after = plan.from.clone();
    for id in ids(&plan) {
        match direction {
            Direction::Up => after.insert(id.to_owned()),
            Direction::Down => after.remove(id),
        };
    }
    let to = current(history, &after);
    let planned = |id: &str| Planned {
        id: id.to_owned(),
        message: history
            .get(id)
            .and_then(|entry| entry.header)
            .map_or("", |header| header.message)
            .to_owned(),
    };
    listen(&Event::Planned {
        direction,
        from: from.clone(),
        to: to.clone(),
        revisions: ids(&plan).map(planned).collect(),
    });
    let began = Instant::now();
    let mut worker = worker(db, history, options, assumed.is_some(), listen).await?;
    let of = plan.unknown.len() + plan.entries.len();
    let finished = run_all(&mut worker, &plan, &ways, direction, of).await;
    worker.session.close().await;
    Ok(Report {
        from,
        to,
        finished: finished?,
        elapsed: began.elapsed(),
    })
}

fn ids<'p>(plan: &'p Path<'_>) -> impl Iterator<Item = &'p str> {
    let unknown = plan.unknown.iter().map(|unknown| unknown.id.as_str());
    unknown.chain(plan.entries.iter().map(|entry| entry.id.as_str()))
}

async fn run_all(
    worker: &mut Worker<'_>,
    plan: &Path<'_>,
    ways: &BTreeMap<String, WayDown>,
    direction: Direction,
    of: usize,
) -> Result<Vec<Finished>, RunError> {
    let mut finished = Vec::with_capacity(of);
    for unknown in &plan.unknown {
        let number = finished.len() + 1;
        let way = ways.get(&unknown.id).cloned().unwrap_or_default();
        finished.push(worker.take_back(&unknown.id, &way, number, of).await?);
    }
    for entry in &plan.entries {
        let number = finished.len() + 1;
        finished.push(worker.revise(entry, direction, number, of).await?);
    }
    Ok(finished)
}

/// The ways down of revisions that the code does not have; all of them are known before the first
/// one goes.
async fn ways_down(
    db: &DatabaseConnection,
    history: &History,
    unknown: &[UnknownRevision],
) -> Result<BTreeMap<String, WayDown>, RunError> {
    let mut ways = BTreeMap::new();
    for UnknownRevision { id, .. } in unknown {
        let run = journal::applied_by(db, history.record_table(), id)
            .await
            .map_err(RunError::database("reading the journal"))?;
        let why = match &run {
            None => "the journal does not know it",
            Some(_) => "it ran code, so the journal could not keep a way down",
        };
        let Some(way) = run.and_then(|run| run.way_down) else {
            return Err(RunError::NoWayDown {
                id: id.clone(),
                why: why.to_owned(),
            });
        };
        ways.insert(id.clone(), way);
    }
    Ok(ways)
}

pub(super) async fn worker<'a>(
    db: &'a DatabaseConnection,
    history: &'a History,
    options: &'a Options,
    from_nothing: bool,
    listen: Listener<'a>,
) -> Result<Worker<'a>, RunError> {
    let preparing = || RunError::database("preparing the run");
    #[cfg(not(feature = "sqlite"))]
    let _ = from_nothing;
    let engine = look::engine(db);
    let (session, mode) = match (engine, options.dry_run) {
        #[cfg(feature = "sqlite")]
        (Engine::Sqlite, true) => {
            let copy = super::sqlite::copy_schema(db, db, from_nothing).await;
            (Session::of(copy.map_err(preparing())?), Mode::SchemaOnly)
        }
        (Engine::MySql, _) => return Err(RunError::Engine(engine)),
        (_, true) => (Session::open(db).await.map_err(preparing())?, Mode::Hear),
        (_, false) => {
            let mode = match options.allow_data_loss {
                true => Mode::Lossy,
                false => Mode::Live,
            };
            (Session::open(db).await.map_err(preparing())?, mode)
        }
    };
    let table = history.record_table();
    if mode.is_live() {
        record::install(&session.db, table)
            .await
            .map_err(preparing())?;
        journal::install(&session.db).await.map_err(preparing())?;
    }
    let latest = journal::latest(db, table).await.map_err(preparing())?;
    Ok(Worker {
        db,
        session,
        record_table: table,
        options,
        mode,
        listen,
        latest,
        finished: Vec::new(),
        passed_over: None,
    })
}

pub(super) fn current(history: &History, applied: &BTreeSet<String>) -> Vec<String> {
    let entries = history.current(applied);
    entries.into_iter().map(|entry| entry.id.clone()).collect()
}
