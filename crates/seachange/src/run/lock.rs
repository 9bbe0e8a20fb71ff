//! The migration lock: one run at a time for a database and a record table.
//!
//! It dies with its holder. On PostgreSQL it is an advisory lock of a connection of its own, which
//! has no transaction open, neither while it waits nor while it holds; on SQLite it is a lock on a
//! file beside the database; for a database in memory it is held within the process.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use futures_timer::Delay;
use sea_orm::DatabaseConnection;

use super::error::RunError;
use super::event::{Event, Listener};
use super::look;
use crate::config::Identity;
use crate::schema::Engine;

/// The lock. Dropping it lets go.
pub(super) struct Lock(Held);

enum Held {
    #[cfg(feature = "postgres")]
    Connection(postgres::Locked),
    #[cfg(feature = "sqlite")]
    File(sqlite::Locked),
    #[cfg(feature = "sqlite")]
    Memory(sqlite::Name),
}

/// Somebody else holds the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holder {
    name: Option<String>,
    held: Option<Duration>,
}

/// A wait for the lock.
pub(super) struct Waiting {
    attempts: Attempts,
    began: Instant,
    wait: Duration,
    pause: Duration,
    told: Option<Instant>,
}

impl Waiting {
    pub(super) async fn new(
        db: &DatabaseConnection,
        record_table: &str,
        identity: &Identity,
        wait: Duration,
    ) -> Result<Self, RunError> {
        Ok(Self {
            attempts: Attempts::new(db, record_table, identity).await?,
            began: Instant::now(),
            wait,
            pause: Duration::from_millis(20),
            told: None,
        })
    }

    /// Tries once. `None` comes after a pause, in which there may have become nothing left to do.
    pub(super) async fn again(&mut self, listen: Listener<'_>) -> Result<Option<Lock>, RunError> {
        if let Some(lock) = self.attempts.again().await? {
            return Ok(Some(lock));
        }
        let waited = self.began.elapsed();
        if waited >= self.wait {
            let holder = self.attempts.holder().await.name;
            return Err(RunError::Locked { holder, waited });
        }
        if self
            .told
            .is_none_or(|told| told.elapsed() >= Duration::from_secs(10))
        {
            let Holder { name, held } = self.attempts.holder().await;
            listen(&Event::Waiting {
                holder: name,
                held,
                waited,
            });
            self.told = Some(Instant::now());
        }
        let pause = self.pause.mul_f64(spread());
        Delay::new(pause.min(self.wait.saturating_sub(waited))).await;
        self.pause = (self.pause * 2).min(Duration::from_millis(500));
        Ok(None)
    }
}

/// A random factor around one: those who began to wait together are not to knock together.
fn spread() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    #[allow(clippy::cast_precision_loss)]
    let part = (random % 1000) as f64 / 1000.0;
    0.5 + part
}

impl Lock {
    /// Takes the lock, or waits for it for as long as is allowed.
    pub(super) async fn take(
        db: &DatabaseConnection,
        record_table: &str,
        identity: &Identity,
        wait: Duration,
        listen: Listener<'_>,
    ) -> Result<Self, RunError> {
        let mut waiting = Waiting::new(db, record_table, identity, wait).await?;
        loop {
            if let Some(lock) = waiting.again(listen).await? {
                return Ok(lock);
            }
        }
    }

    /// Lets go, and knows that it is done when it returns.
    pub(super) async fn release(self) {
        match self.0 {
            #[cfg(feature = "postgres")]
            Held::Connection(locked) => locked.release().await,
            #[cfg(feature = "sqlite")]
            Held::File(locked) => drop(locked),
            #[cfg(feature = "sqlite")]
            Held::Memory(name) => drop(name),
        }
    }
}

enum Attempts {
    #[cfg(feature = "postgres")]
    Postgres(postgres::Attempts),
    #[cfg(feature = "sqlite")]
    File(sqlite::Attempts),
    #[cfg(feature = "sqlite")]
    Memory(std::path::PathBuf),
}

impl Attempts {
    async fn new(
        db: &DatabaseConnection,
        record_table: &str,
        identity: &Identity,
    ) -> Result<Self, RunError> {
        let error = RunError::database("taking the migration lock");
        match look::engine(db) {
            #[cfg(feature = "postgres")]
            Engine::Postgres => Ok(Self::Postgres(
                postgres::Attempts::new(db, record_table, identity)
                    .await
                    .map_err(error)?,
            )),
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Ok(match sqlite::file(db).await.map_err(error)? {
                sqlite::Place::File(path) => Self::File(sqlite::Attempts::new(path, identity)?),
                sqlite::Place::Memory(name) => Self::Memory(name),
            }),
            engine => {
                let _ = (record_table, identity, error);
                Err(RunError::Engine(engine))
            }
        }
    }

    async fn again(&mut self) -> Result<Option<Lock>, RunError> {
        Ok(match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(attempts) => attempts
                .again()
                .await
                .map_err(RunError::database("taking the migration lock"))?
                .map(|locked| Lock(Held::Connection(locked))),
            #[cfg(feature = "sqlite")]
            Self::File(attempts) => attempts.again()?.map(|locked| Lock(Held::File(locked))),
            #[cfg(feature = "sqlite")]
            Self::Memory(name) => sqlite::Name::take(name).map(|name| Lock(Held::Memory(name))),
        })
    }

    async fn holder(&self) -> Holder {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(attempts) => attempts.holder().await.unwrap_or_default(),
            #[cfg(feature = "sqlite")]
            Self::File(attempts) => attempts.holder(),
            #[cfg(feature = "sqlite")]
            Self::Memory(_) => Holder {
                name: Some("this process".to_owned()),
                held: None,
            },
        }
    }
}

/// What others see: `tasks-7f9c (pid 1, app)`.
fn holder_name(identity: &Identity) -> String {
    let host = match identity.host.as_str() {
        "" => "a host without a name",
        host => host,
    };
    let pid = std::process::id();
    match identity.program.as_str() {
        "" => format!("{host} (pid {pid})"),
        program => format!("{host} (pid {pid}, {program})"),
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::time::Duration;

    use sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseConnectionType, DbErr, RuntimeErr,
        SqlxPostgresConnector, Statement,
    };

    use super::{Holder, holder_name, look};
    use crate::config::Identity;

    /// A connection of its own and the key of the lock.
    pub(super) struct Attempts {
        db: Option<DatabaseConnection>,
        key: i64,
    }

    /// The connection that holds the lock. When it goes, the server frees it.
    pub(super) struct Locked {
        db: DatabaseConnection,
    }

    impl Attempts {
        pub(super) async fn new(
            db: &DatabaseConnection,
            record_table: &str,
            identity: &Identity,
        ) -> Result<Self, DbErr> {
            let DatabaseConnectionType::SqlxPostgresPoolConnection(_) = &db.inner else {
                return Err(DbErr::Custom("this is no PostgreSQL connection".to_owned()));
            };
            let pool = db.get_postgres_connection_pool();
            // PostgreSQL cuts application names at 63 bytes.
            let name: String = holder_name(identity).chars().take(60).collect();
            let options = (*pool.connect_options()).clone().application_name(&name);
            // The pool's options are cloned too, since hooks that set the search path are theirs.
            let own = pool
                .options()
                .clone()
                .max_connections(1)
                .min_connections(0)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .connect_with(options)
                .await
                .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
            let own = SqlxPostgresConnector::from_sqlx_postgres_pool(own);
            // Advisory locks belong to a database already; the key tells schemas and tables apart.
            let sql = "select hashtextextended('seachange ' || coalesce(current_schema(), '') \
                       || ' ' || $1, 0)";
            let rows = look::rows(&own, sql, [record_table]).await?;
            let key = match rows.first() {
                Some(row) => row.try_get_by_index(0)?,
                None => 0,
            };
            Ok(Self { db: Some(own), key })
        }

        pub(super) async fn again(&mut self) -> Result<Option<Locked>, DbErr> {
            let Some(db) = &self.db else {
                return Ok(None);
            };
            let sql = "select pg_try_advisory_lock($1)";
            let row = db.query_one_raw(self.statement(db, sql)).await?;
            let taken = match row {
                Some(row) => row.try_get_by_index::<bool>(0)?,
                None => false,
            };
            Ok(match taken {
                true => self.db.take().map(|db| Locked { db }),
                false => None,
            })
        }

        pub(super) async fn holder(&self) -> Option<Holder> {
            let db = self.db.as_ref()?;
            let sql = "select a.application_name, a.pid, \
                       extract(epoch from clock_timestamp() - a.backend_start)::bigint \
                       from pg_locks l join pg_stat_activity a on a.pid = l.pid \
                       where l.locktype = 'advisory' and l.granted and l.objsubid = 1 \
                       and l.database = (select oid from pg_database where datname = current_database()) \
                       and (l.classid::bigint << 32) | l.objid::bigint = $1 limit 1";
            let row = db.query_one_raw(self.statement(db, sql)).await.ok()??;
            let name: Option<String> = row.try_get_by_index(0).ok()?;
            let pid: i32 = row.try_get_by_index(1).ok()?;
            let held: Option<i64> = row.try_get_by_index(2).ok()?;
            Some(Holder {
                name: Some(match name.filter(|name| !name.is_empty()) {
                    Some(name) => name,
                    None => format!("server process {pid}"),
                }),
                held: held.map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
            })
        }

        fn statement(&self, db: &DatabaseConnection, sql: &str) -> Statement {
            Statement::from_sql_and_values(db.get_database_backend(), sql, [self.key.into()])
        }
    }

    impl Locked {
        pub(super) async fn release(self) {
            // Closing the connection frees the lock; the server says nothing to it.
            let _ = self.db.close().await;
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::collections::BTreeSet;
    use std::fs::{File, OpenOptions, TryLockError};
    use std::io::{Read, Seek, Write};
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use sea_orm::{DatabaseConnection, DbErr};

    use super::{Holder, RunError, holder_name, look};
    use crate::config::Identity;
    use crate::run::sqlite::pool;

    pub(super) enum Place {
        File(PathBuf),
        /// A database in memory, by the name that its connections share.
        Memory(PathBuf),
    }

    pub(super) async fn file(db: &DatabaseConnection) -> Result<Place, DbErr> {
        let sql = "select file from pragma_database_list where name = 'main'";
        let file = look::texts(db, sql, []).await?.pop().unwrap_or_default();
        if file.is_empty() {
            let name = pool(db)?.connect_options().get_filename().to_owned();
            return Ok(Place::Memory(name));
        }
        Ok(Place::File(PathBuf::from(file)))
    }

    /// The lock file. It is never removed: a process that has it open would lock a file that nobody
    /// else can see.
    pub(super) struct Attempts {
        file: Option<File>,
        path: PathBuf,
        name: String,
    }

    pub(super) struct Locked {
        file: File,
    }

    fn error(path: &Path) -> impl Fn(std::io::Error) -> RunError {
        let path = path.display().to_string();
        move |error| RunError::LockFile {
            path: path.clone(),
            error,
        }
    }

    impl Attempts {
        pub(super) fn new(database: PathBuf, identity: &Identity) -> Result<Self, RunError> {
            let mut path = database.into_os_string();
            path.push(".lock");
            let path = PathBuf::from(path);
            let mut open = OpenOptions::new();
            open.read(true).write(true).create(true).truncate(false);
            Ok(Self {
                file: Some(open.open(&path).map_err(error(&path))?),
                name: holder_name(identity),
                path,
            })
        }

        pub(super) fn again(&mut self) -> Result<Option<Locked>, RunError> {
            let Some(file) = &self.file else {
                return Ok(None);
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(cause)) => return Err(error(&self.path)(cause)),
            }
            let Some(mut file) = self.file.take() else {
                return Ok(None);
            };
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs();
            // For people who wait; the lock holds without it.
            let _ = file.set_len(0);
            let _ = write!(file, "{since} {}", self.name);
            Ok(Some(Locked { file }))
        }

        pub(super) fn holder(&self) -> Holder {
            self.read_holder().unwrap_or_default()
        }

        fn read_holder(&self) -> Option<Holder> {
            let mut file = self.file.as_ref()?;
            let mut text = String::new();
            file.rewind().ok()?;
            file.read_to_string(&mut text).ok()?;
            file.rewind().ok()?;
            let (since, name) = text.split_once(' ')?;
            let since = UNIX_EPOCH + Duration::from_secs(since.parse().ok()?);
            Some(Holder {
                name: Some(name.to_owned()),
                held: since.elapsed().ok(),
            })
        }
    }

    impl Drop for Locked {
        fn drop(&mut self) {
            let _ = self.file.set_len(0);
            let _ = self.file.unlock();
        }
    }

    static NAMES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

    /// The name of a database in memory that is being migrated.
    pub(super) struct Name(PathBuf);

    impl Name {
        pub(super) fn take(name: &Path) -> Option<Self> {
            let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
            names.insert(name.to_owned()).then(|| Self(name.to_owned()))
        }
    }

    impl Drop for Name {
        fn drop(&mut self) {
            let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
            names.remove(&self.0);
        }
    }
}
