//! What a service does before it serves: connect, and see to it that the schema is right.

use std::collections::BTreeSet;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_timer::Delay;
use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
use sea_orm_migration::MigratorTrait;

use super::connect::{ConnectError, PATIENCE, connect_within};
use super::error::{RunError, UnknownRevision};
use super::event::{Direction, Event, Planned};
use super::found::unknown;
use super::record::{self, Applied};
use super::runner::{Options, upgrade};
use super::status::{State, Status, place};
use crate::config::{Ahead, Config, DatabaseUrl, Policy};
use crate::revision::{History, HistoryError};

/// The target of log lines.
const LOG: &str = "seachange::migration";

/// A service cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartupError {
    /// The modules form no history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The migration failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Something is pending and may not be applied here.
    #[error(
        "{} pending and this service only verifies (DISABLE_AUTO_MIGRATIONS=true or \
         MIGRATIONS=verify), so it does not start{}\nrun before it: migration upgrade head",
        count(.pending.len()), list(.pending)
    )]
    Behind {
        /// What is pending.
        pending: Vec<Planned>,
    },
    /// Nobody applied what is pending while this service waited for it.
    #[error(
        "{} still pending after {} s of waiting (MIGRATIONS=wait, MIGRATIONS_TIMEOUT){}\n\
         run: migration upgrade head",
        count(.pending.len()), .waited.as_secs(), list(.pending)
    )]
    StillBehind {
        /// What is pending.
        pending: Vec<Planned>,
        /// How long it waited.
        waited: Duration,
    },
    /// The database has revisions that the code does not have, and `DATABASE_AHEAD=refuse`.
    #[error(
        "the database is ahead of this code and DATABASE_AHEAD=refuse, so this service does not \
         start: {}", ids(.unknown)
    )]
    Ahead {
        /// The revisions, newest first.
        unknown: Vec<UnknownRevision>,
    },
}

impl StartupError {
    /// The exit code of a program that ends with it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::History(_) | Self::Connect(_) => 1,
            Self::Run(error) => error.exit_code(),
            Self::Behind { .. } | Self::StillBehind { .. } | Self::Ahead { .. } => 3,
        }
    }
}

fn count(pending: usize) -> String {
    match pending {
        1 => "1 migration is".to_owned(),
        n => format!("{n} migrations are"),
    }
}

fn list(pending: &[Planned]) -> String {
    let width = pending.iter().map(|planned| planned.id.len()).max();
    let width = width.unwrap_or_default();
    pending
        .iter()
        .map(|Planned { id, message }| format!("\n  {id:width$}   {message}"))
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn ids(unknown: &[UnknownRevision]) -> String {
    let ids: Vec<&str> = unknown.iter().map(|unknown| unknown.id.as_str()).collect();
    ids.join(", ")
}

/// A start that is about to begin; await it for the connection.
#[derive(Debug)]
#[must_use = "nothing happens before it is awaited"]
pub struct Startup {
    history: Result<History, HistoryError>,
    config: Config,
    status: Status,
}

/// Prepares the start of a service: awaiting the result connects and applies, verifies or waits
/// for the migrations, as the configuration says.
///
/// ```no_run
/// # use sea_orm_migration::prelude::*;
/// # struct Migrator;
/// # impl MigratorTrait for Migrator {
/// #     fn migrations() -> Vec<Box<dyn MigrationTrait>> { Vec::new() }
/// # }
/// use seachange::Config;
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let startup = seachange::startup(Migrator, Config::from_env()?);
/// let status = startup.status(); // for /readyz, served while the migration runs
/// let db = startup.await?;
/// # let _ = (status, db);
/// # Ok(())
/// # }
/// ```
pub fn startup<M: MigratorTrait>(_: M, config: Config) -> Startup {
    Startup {
        history: History::of::<M>(),
        config,
        status: Status::default(),
    }
}

impl Startup {
    /// A handle to look at the start while it is under way.
    pub fn status(&self) -> Status {
        self.status.clone()
    }
}

impl IntoFuture for Startup {
    type Output = Result<DatabaseConnection, StartupError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self {
                history,
                config,
                status,
            } = self;
            let result = match history {
                Ok(history) => start(&history, &config, &status).await,
                Err(error) => Err(error.into()),
            };
            if result.is_err() {
                status.enter(State::Failed);
            }
            result
        })
    }
}

async fn start(
    history: &History,
    config: &Config,
    status: &Status,
) -> Result<DatabaseConnection, StartupError> {
    let db = open(&config.database).await?;
    let found = look(&db, history, config).await?;
    status.change(|now| {
        now.at = Some(found.at.clone());
        now.pending = Some(found.pending.len());
    });
    if !found.unknown.is_empty() {
        let unknown = found.unknown;
        if config.ahead == Ahead::Refuse {
            return Err(StartupError::Ahead { unknown });
        }
        tracing::warn!(
            target: LOG,
            "database {} has revisions that this code does not: {}; serving all the same",
            config.database,
            ids(&unknown)
        );
    }
    if !found.pending.is_empty() {
        tracing::info!(
            target: LOG,
            "database {} at {}, {} pending",
            config.database,
            found.at,
            match found.pending.len() {
                1 => "1 migration".to_owned(),
                n => format!("{n} migrations"),
            }
        );
        match config.migrations {
            Policy::Apply => apply(&db, history, config, status).await?,
            Policy::Verify => {
                return Err(StartupError::Behind {
                    pending: found.pending,
                });
            }
            Policy::Wait => wait(&db, history, config, status).await?,
        }
    }
    status.enter(State::Ready);
    status.change(|now| now.pending = Some(0));
    Ok(db)
}

async fn open(url: &DatabaseUrl) -> Result<DatabaseConnection, StartupError> {
    let told = &mut |problem: &str| {
        tracing::info!(target: LOG, "database {url} does not answer yet: {problem}");
    };
    Ok(connect_within(url, PATIENCE, told).await?)
}

/// What a start finds.
struct Found {
    at: String,
    pending: Vec<Planned>,
    unknown: Vec<UnknownRevision>,
}

/// Reads, without the lock and without creating anything. The service's own role may not be allowed
/// to; then the migrations' role is asked.
async fn look(
    db: &DatabaseConnection,
    history: &History,
    config: &Config,
) -> Result<Found, StartupError> {
    let table = history.record_table();
    let reading = RunError::database("reading the applied revisions");
    match (applied(db, table).await, &config.migration) {
        (Ok(applied), _) => found(db, history, applied).await,
        (Err(error), None) => Err(reading(error).into()),
        (Err(_), Some(url)) => {
            let owner = open(url).await?;
            let applied = record::applied(&owner, table).await.map_err(reading)?;
            let found = found(&owner, history, applied).await;
            let _ = owner.close().await;
            found
        }
    }
}

/// The applied revisions, read over one connection: a pool takes one back only after the next query
/// has asked for it, and a second connection costs more than all the rest of a start.
async fn applied(db: &DatabaseConnection, table: &str) -> Result<Vec<Applied>, DbErr> {
    let transaction = db.begin().await?;
    let applied = record::applied(&transaction, table).await?;
    transaction.commit().await?;
    Ok(applied)
}

async fn found(
    db: &DatabaseConnection,
    history: &History,
    applied: Vec<Applied>,
) -> Result<Found, StartupError> {
    let unknown = unknown(db, history, &applied).await?;
    let applied: BTreeSet<String> = applied.into_iter().map(|row| row.id).collect();
    let at: Vec<String> = history
        .current(&applied)
        .into_iter()
        .map(|entry| entry.id.clone())
        .collect();
    let pending = history.pending(&applied);
    Ok(Found {
        at: place(&at),
        unknown,
        pending: pending
            .into_iter()
            .map(|entry| Planned {
                id: entry.id.clone(),
                message: entry.header.map_or("", |header| header.message).to_owned(),
            })
            .collect(),
    })
}

async fn apply(
    db: &DatabaseConnection,
    history: &History,
    config: &Config,
    status: &Status,
) -> Result<(), StartupError> {
    let owner = match &config.migration {
        Some(url) => Some(open(url).await?),
        None => None,
    };
    let options = Options::from(config);
    let mut listen = |event: &Event| {
        status.hear(event);
        log(event);
    };
    let on = owner.as_ref().unwrap_or(db);
    let result = upgrade(on, history, "heads", &options, &mut listen).await;
    if let Some(owner) = owner {
        let _ = owner.close().await;
    }
    result?;
    let heads = history.heads().into_iter();
    let heads: Vec<String> = heads.map(|entry| entry.id.clone()).collect();
    status.change(|now| now.at = Some(place(&heads)));
    Ok(())
}

async fn wait(
    db: &DatabaseConnection,
    history: &History,
    config: &Config,
    status: &Status,
) -> Result<(), StartupError> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(100);
    status.enter(State::Waiting);
    loop {
        let found = look(db, history, config).await?;
        status.change(|now| {
            now.at = Some(found.at.clone());
            now.pending = Some(found.pending.len());
        });
        if found.pending.is_empty() {
            tracing::info!(target: LOG, "database {} is at {}", config.database, found.at);
            return Ok(());
        }
        let waited = began.elapsed();
        if waited >= config.timeout {
            return Err(StartupError::StillBehind {
                pending: found.pending,
                waited,
            });
        }
        Delay::new(pause.min(config.timeout.saturating_sub(waited))).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// A run as log lines.
fn log(event: &Event) {
    match event {
        Event::Waiting {
            holder,
            held,
            waited,
        } => tracing::info!(
            target: LOG,
            "waiting for the migration lock for {} s: held by {}{}",
            waited.as_secs(),
            holder.as_deref().unwrap_or("somebody else"),
            match held {
                Some(held) => format!(" for {} s", held.as_secs()),
                None => String::new(),
            }
        ),
        Event::Resumed { id, step, of } => {
            tracing::info!(target: LOG, "migration {id} goes on at step {step} of {of}");
        }
        Event::RevisionFinished {
            id,
            direction: Direction::Up,
            elapsed,
            rows,
            ..
        } => {
            let milliseconds = elapsed.as_millis();
            match rows {
                0 => tracing::info!(target: LOG, "applied migration {id} in {milliseconds} ms"),
                rows => tracing::info!(
                    target: LOG,
                    "applied migration {id} in {milliseconds} ms, {rows} rows filled"
                ),
            }
        }
        _ => {}
    }
}
