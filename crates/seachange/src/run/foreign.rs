//! Revisions under a runner that is not ours.

use std::future::Future;
use std::pin::Pin;

use sea_orm::DbErr;
use sea_orm_migration::SchemaManager;

use crate::op::Operations;

/// Records the steps of a revision and runs them on the connection that another runner gave it.
/// `#[seachange::revision]` writes the call.
pub fn foreign<'a>(
    manager: &'a SchemaManager<'_>,
    record: fn(&mut Operations),
) -> Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>> {
    let _ = (manager, record);
    Box::pin(async {
        Err(DbErr::Migration(
            "this runner cannot run recorded steps".to_owned(),
        ))
    })
}
