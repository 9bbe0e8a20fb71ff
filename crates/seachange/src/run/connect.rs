//! Connecting: patient with a server that is still starting, at once with a wrong password.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_timer::Delay;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use super::server_words;
use crate::config::DatabaseUrl;
use crate::schema::Engine;

/// How long `connect` waits for a server that does not answer yet.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// No connection could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot connect to `{url}`: {problem}\n  from {origin}")]
pub struct ConnectError {
    /// The URL, without its password.
    pub url: String,
    /// Where the URL came from.
    pub origin: String,
    /// What the server or the system says.
    pub problem: String,
}

impl ConnectError {
    fn new(url: &DatabaseUrl, problem: &str) -> Self {
        Self {
            url: url.to_string(),
            origin: url.origin().to_owned(),
            problem: url.mask(problem),
        }
    }
}

/// Connects. A server that is still starting is waited for; a wrong password, an unknown database
/// and the like fail at once. A SQLite file that is not there is made.
///
/// Over PostgreSQL, `sslmode` of the URL says whether the connection is encrypted and how far the
/// server's certificate is checked.
///
/// # Errors
///
/// The server refuses, or does not answer for half a minute.
pub async fn connect(url: &DatabaseUrl) -> Result<DatabaseConnection, ConnectError> {
    connect_within(url, PATIENCE, &mut |_| {}).await
}

/// Connects, with another patience; each failed attempt is told with what was wrong.
///
/// # Errors
///
/// The server refuses, or does not answer for as long as that.
pub async fn connect_within(
    url: &DatabaseUrl,
    patience: Duration,
    told: &mut (dyn FnMut(&str) + Send),
) -> Result<DatabaseConnection, ConnectError> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        let left = patience.saturating_sub(began.elapsed());
        // A host that drops packets answers nothing at all.
        let attempt = within(left.max(Duration::from_secs(1)), open(url)).await;
        let (problem, passing) = match attempt {
            Some(Ok(db)) => return Ok(db),
            Some(Err(error)) => (server_words(&error), passes(&error)),
            None => ("the server does not answer".to_owned(), true),
        };
        if !passing {
            return Err(ConnectError::new(url, &problem));
        }
        if began.elapsed() + pause > patience {
            let waited = began.elapsed().as_secs();
            let problem = format!("{problem} (tried for {waited} s)");
            return Err(ConnectError::new(url, &problem));
        }
        told(&url.mask(&problem));
        Delay::new(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

async fn open(url: &DatabaseUrl) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.as_str());
    options.connect_timeout(Duration::from_secs(10));
    // Statements are of interest to who looks for them, not to everybody who reads a log.
    if let Ok(level) = "debug".parse() {
        options.sqlx_logging_level(level);
    }
    match url.engine() {
        #[cfg(feature = "postgres")]
        Engine::Postgres => {
            options.connect_lazy(true);
            let db = Database::connect(options).await?;
            first(&db, url)
                .await
                .map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))?;
            Ok(db)
        }
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => {
            options.map_sqlx_sqlite_opts(|options| options.busy_timeout(Duration::from_secs(10)));
            Database::connect(options).await
        }
        engine => Err(DbErr::Custom(format!(
            "{engine} is not compiled in; add the feature of seachange that is called after it"
        ))),
    }
}

/// Makes the first connection of a pool. A start costs little but its connections, so it is the
/// only one: it is back in the pool before the first query asks for one.
#[cfg(feature = "postgres")]
async fn first(db: &DatabaseConnection, url: &DatabaseUrl) -> Result<(), sea_orm::sqlx::Error> {
    use sea_orm::sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
    let pool = db.get_postgres_connection_pool();
    let connection = match within(Duration::from_secs(1), pool.acquire()).await {
        Some(Ok(connection)) => Ok(connection),
        // A pool hides why it has no connection; one that is made without it tells.
        _ => {
            let options: PgConnectOptions = url.as_str().parse()?;
            options.connect().await?.close().await?;
            pool.acquire().await
        }
    };
    connection?.return_to_pool().await;
    Ok(())
}

/// Whether the next attempt may well succeed.
fn passes(error: &DbErr) -> bool {
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    if let DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error)) = error {
        use sea_orm::sqlx::Error;
        // Starting up, shutting down for a restart, too many clients at the moment.
        const PASSING: [&str; 4] = ["57P03", "57P01", "57P02", "53300"];
        return match &**error {
            Error::Io(_) | Error::PoolTimedOut => true,
            Error::Database(error) => error
                .code()
                .is_some_and(|code| PASSING.contains(&code.as_ref())),
            _ => false,
        };
    }
    matches!(error, DbErr::ConnectionAcquire(_))
}

/// The outcome of a future, unless it takes too long.
async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut delay = pin!(Delay::new(limit));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => delay.as_mut().poll(context).map(|()| None),
    })
    .await
}
