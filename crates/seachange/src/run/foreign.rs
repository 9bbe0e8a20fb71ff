//! Steps outside our runner: under sea-orm's, or on their own.

use std::future::Future;
use std::pin::Pin;

use sea_orm::{DatabaseConnection, DatabaseExecutor, DbErr};
use sea_orm_migration::SchemaManager;

use super::execute::{self, Failure, Mode};
use super::look;
use super::session::{Session, foreign_keys};
use crate::op::{Op, Operations, Step};

/// Records the steps of a revision and runs them on the connection that another runner gave it.
/// `#[seachange::revision]` writes the call.
///
/// On a pool, the steps run in a transaction of their own. A rebuild of a SQLite table is refused
/// inside a transaction that enforces foreign keys: it would delete the rows that refer to it.
pub fn foreign<'a>(
    manager: &'a SchemaManager<'_>,
    record: fn(&mut Operations),
) -> Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>> {
    Box::pin(async move {
        let mut operations = Operations::default();
        record(&mut operations);
        let steps = operations
            .into_steps()
            .map_err(|(line, error)| DbErr::Migration(format!("line {line}: {error}")))?;
        let executor = manager.get_connection();
        let steps = execute::here(look::engine(executor), steps);
        let keys_off = execute::keys_off(look::engine(executor), &steps);
        let DatabaseExecutor::Connection(db) = executor else {
            let rebuilds = execute::rebuilds(look::engine(executor), &steps);
            if rebuilds && foreign_keys(executor).await? {
                return Err(DbErr::Migration(
                    "this revision builds a table anew, and inside a transaction with foreign keys \
                     on that would delete the rows that refer to it; run it with `cargo db upgrade`, \
                     or let `use_transaction` return `Some(false)`"
                        .to_owned(),
                ));
            }
            return run(executor, &steps).await;
        };
        together(db, keys_off, &steps).await
    })
}

/// Carries out operations outside any revision: all of them or none. Nothing is recorded.
///
/// # Errors
///
/// The database refuses one, or its engine has no such thing.
pub async fn apply(db: &DatabaseConnection, ops: &[Op]) -> Result<(), DbErr> {
    let steps: Vec<Step> = ops.iter().cloned().map(Step::from).collect();
    let steps = execute::here(look::engine(db), steps);
    together(db, execute::keys_off(look::engine(db), &steps), &steps).await
}

/// Runs steps in a transaction of their own.
async fn together(db: &DatabaseConnection, keys_off: bool, steps: &[Step]) -> Result<(), DbErr> {
    let session = Session::open(db).await?;
    let transaction = session.begin(keys_off).await?;
    let done = run(&DatabaseExecutor::Transaction(&transaction.inner), steps).await;
    let done = match done {
        Ok(()) => session.commit(transaction).await,
        Err(error) => {
            // The first error is the one that explains.
            let _ = session.roll_back(transaction).await;
            Err(error)
        }
    };
    session.close().await;
    done
}

async fn run(db: &DatabaseExecutor<'_>, steps: &[Step]) -> Result<(), DbErr> {
    let of = steps.len();
    execute::steps(db, 0, steps, Mode::Live, &mut |_| {})
        .await
        .map_err(|Failure { step, cause, .. }| match cause {
            execute::Cause::Database(error) => error,
            cause @ (execute::Cause::Unsupported(_) | execute::Cause::Held(_)) => {
                DbErr::Migration(format!("step {} of {of}: {cause}", step + 1))
            }
        })
}
