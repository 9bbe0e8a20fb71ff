//! Add tags, which tasks of all projects share.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261116_101500_create_tasks")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.create_table(
            Table::create()
                .table("tags")
                .col(pk_auto("id"))
                .col(string_uniq("name"))
                .col(string_len("color", 7).default("#888888"))
                .to_owned(),
        );

        op.create_table(
            Table::create()
                .table("task_tag")
                .col(integer("task_id"))
                .col(integer("tag_id"))
                .primary_key(
                    Index::create()
                        .name("pk-task_tag")
                        .col("task_id")
                        .col("tag_id"),
                )
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-task_tag-task_id")
                        .from("task_tag", "task_id")
                        .to("tasks", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-task_tag-tag_id")
                        .from("task_tag", "tag_id")
                        .to("tags", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        );
        op.create_index("idx-task_tag-tag_id", "task_tag", ["tag_id"]);
    }

    fn down(&self, op: &mut Operations) {
        // destructive: every row of `task_tag` goes with it
        op.drop_table("task_tag");

        // destructive: every row of `tags` goes with it
        op.drop_table("tags");
    }
}
