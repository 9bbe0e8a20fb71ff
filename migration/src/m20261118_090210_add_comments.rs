//! Add comments to tasks.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261117_084500_seed_tags")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.create_table(
            Table::create()
                .table("comments")
                .col(pk_auto("id"))
                .col(integer("task_id"))
                .col(integer_null("author_id"))
                .col(text("body"))
                .col(timestamp_with_time_zone_default_now("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-comments-task_id")
                        .from("comments", "task_id")
                        .to("tasks", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-comments-author_id")
                        .from("comments", "author_id")
                        .to("users", "id")
                        .on_delete(ForeignKeyAction::SetNull),
                )
                .to_owned(),
        );
        op.create_index("idx-comments-task_id", "comments", ["task_id"]);
    }

    fn down(&self, op: &mut Operations) {
        // destructive: every row of `comments` goes with it
        op.drop_table("comments");
    }
}
