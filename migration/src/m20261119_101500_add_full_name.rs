//! Give every user a full name.
//!
//! breaks the previous release: an INSERT without `users.full_name` fails.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261118_090210_add_comments", transaction = "per segment")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.add_column("users", string_null("full_name"));

        op.backfill("users")
            .set("full_name", Expr::cust("first_name || ' ' || last_name"))
            .only_where(Expr::col("full_name").is_null())
            .batch(1_000);

        op.alter_column("users", "full_name").set_not_null();
    }

    fn down(&self, op: &mut Operations) {
        // destructive: the values of `users.full_name` go with it
        op.drop_column("users", "full_name");
    }
}
