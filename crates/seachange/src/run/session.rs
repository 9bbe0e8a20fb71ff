//! The connection that steps run on, and their transactions.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use super::look;
use crate::schema::Engine;

/// A connection for steps. On SQLite it is one of our own (but for a database in memory that only
/// the user's connection can reach), since `PRAGMA foreign_keys` belongs to a
/// connection and does nothing inside a transaction: whatever happens, it is thrown away and no
/// connection of the user's pool is ever without foreign keys.
pub(super) struct Session {
    pub(super) db: DatabaseConnection,
    pub(super) engine: Engine,
    own: bool,
}

/// How many rows refer to nothing, by the tables that they are in and refer to.
type Dangling = BTreeMap<(String, String), usize>;

/// A transaction of a session. Dropping it rolls back.
pub(super) struct Transaction {
    pub(super) inner: DatabaseTransaction,
    /// What dangled before, when foreign keys are off and have to be looked after.
    dangling: Option<Dangling>,
}

impl Session {
    pub(super) async fn open(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let engine = look::engine(db);
        #[cfg(feature = "sqlite")]
        if engine == Engine::Sqlite
            && let Some(own) = super::sqlite::pinned(db).await?
        {
            return Ok(Self::of(own));
        }
        Ok(Self {
            db: db.clone(),
            engine,
            own: false,
        })
    }

    /// A session on a connection that is ours already.
    #[cfg(feature = "sqlite")]
    pub(super) fn of(db: DatabaseConnection) -> Self {
        Self {
            engine: look::engine(&db),
            db,
            own: true,
        }
    }

    /// Begins a transaction. With `keys_off` it may drop or build anew a table, which must not
    /// happen under foreign keys: dropping the old table would delete the rows that refer to it.
    pub(super) async fn begin(&self, keys_off: bool) -> Result<Transaction, DbErr> {
        if self.engine != Engine::Sqlite {
            return Ok(Transaction {
                inner: self.db.begin().await?,
                dangling: None,
            });
        }
        let enforced = foreign_keys(&self.db).await?;
        let off = keys_off && enforced;
        if off {
            self.db
                .execute_unprepared("PRAGMA foreign_keys = OFF")
                .await?;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.db.begin_with_options(options).await?;
        let dangling = match off {
            true => Some(dangling(&inner).await?),
            false => None,
        };
        Ok(Transaction { inner, dangling })
    }

    /// Commits, unless a row now refers to nothing that did not before.
    pub(super) async fn commit(&self, transaction: Transaction) -> Result<(), DbErr> {
        let Some(before) = transaction.dangling else {
            return transaction.inner.commit().await;
        };
        let after = dangling(&transaction.inner).await?;
        let new = after
            .into_iter()
            .find(|(tables, count)| *count > before.get(tables).copied().unwrap_or_default());
        if let Some(((table, parent), count)) = new {
            transaction.inner.rollback().await?;
            self.enforce().await?;
            return Err(DbErr::Custom(format!(
                "FOREIGN KEY constraint failed: {count} rows of `{table}` refer to rows of \
                 `{parent}` that are not there"
            )));
        }
        let committed = transaction.inner.commit().await;
        self.enforce().await?;
        committed
    }

    /// Rolls back.
    pub(super) async fn roll_back(&self, transaction: Transaction) -> Result<(), DbErr> {
        let off = transaction.dangling.is_some();
        transaction.inner.rollback().await?;
        match off {
            true => self.enforce().await,
            false => Ok(()),
        }
    }

    async fn enforce(&self) -> Result<(), DbErr> {
        let sql = "PRAGMA foreign_keys = ON";
        self.db.execute_unprepared(sql).await.map(|_| ())
    }

    /// Lets go of the connection if it is ours.
    pub(super) async fn close(self) {
        if self.own {
            // What it had to say was said by its statements.
            let _ = self.db.close().await;
        }
    }
}

/// Whether a SQLite connection enforces foreign keys.
pub(super) async fn foreign_keys(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let rows = look::rows(db, "PRAGMA foreign_keys", []).await?;
    match rows.first() {
        Some(row) => Ok(row.try_get_by_index::<i32>(0)? != 0),
        None => Ok(false),
    }
}

async fn dangling(db: &impl ConnectionTrait) -> Result<Dangling, DbErr> {
    let sql = "select \"table\", parent, count(*) from pragma_foreign_key_check \
               group by \"table\", parent";
    let rows = look::rows(db, sql, []).await?;
    rows.iter()
        .map(|row| {
            let tables = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let count: i64 = row.try_get_by_index(2)?;
            Ok((tables, usize::try_from(count).unwrap_or(usize::MAX)))
        })
        .collect()
}
