//! Add "tags" & more.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Operations, Revision};

#[seachange::revision(transaction = "per segment")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        // The test knows the line of the next step.
        op.create_table(Table::create().table("tags").col(pk_auto("id")).to_owned());
    }

    fn down(&self, op: &mut Operations) {
        op.drop_table("tags");
    }
}
