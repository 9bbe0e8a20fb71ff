//! Running revisions on a database: the lock, the journal, the runner and what it tells, and what a
//! service does when it starts.

mod connect;
mod data;
mod error;
mod event;
mod execute;
mod foreign;
mod found;
mod fresh;
mod held;
pub mod journal;
mod lock;
mod look;
mod opaque;
mod plan;
mod record;
mod repair;
mod revise;
mod runner;
mod segment;
mod session;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stamp;
mod startup;
mod status;

pub use connect::{ConnectError, connect, connect_within};
pub use error::{HalfApplied, Loss, RunError, StepFailure, UnknownRevision};
pub use event::{Direction, Event, Listener, Planned};
pub use foreign::{apply, foreign};
pub use found::{count, losses, unknown};
pub use held::Held;
pub use look::engine;
pub use record::{Applied, applied};
pub use repair::repair;
pub use runner::{Finished, Options, Report, downgrade, fresh, upgrade};
pub use stamp::stamp;
pub use startup::{Startup, StartupError, startup};
pub use status::{Snapshot, State, Status};

use sea_orm::{DbErr, RuntimeErr};

/// What the server says, without the words that layers above it put in front; on PostgreSQL with
/// its detail and its code.
pub fn server_words(error: &DbErr) -> String {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else {
        return match error {
            DbErr::Custom(text) | DbErr::Migration(text) => text.clone(),
            other => other.to_string(),
        };
    };
    match inner {
        #[cfg(any(feature = "postgres", feature = "sqlite"))]
        RuntimeErr::SqlxError(error) => sqlx_words(error),
        other => other.to_string(),
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) fn sqlx_words(error: &sea_orm::sqlx::Error) -> String {
    let Some(error) = error.as_database_error() else {
        return error.to_string();
    };
    let mut words = error.message().to_owned();
    #[cfg(feature = "postgres")]
    if let Some(error) = error.try_downcast_ref::<sea_orm::sqlx::postgres::PgDatabaseError>() {
        for more in [error.detail(), error.hint()].into_iter().flatten() {
            words.push_str(": ");
            words.push_str(more);
        }
    }
    if let Some(code) = error.code() {
        words.push_str(&format!(" ({code})"));
    }
    words
}
