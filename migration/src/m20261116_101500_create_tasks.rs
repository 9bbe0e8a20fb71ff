//! Create tasks.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261116_090000_create_users_and_projects")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.create_enum("task_status", ["todo", "doing", "done"]);

        op.create_table(
            Table::create()
                .table("tasks")
                .col(pk_auto("id"))
                .col(integer("project_id"))
                .col(integer_null("assignee_id"))
                .col(string("title"))
                .col(text_null("description"))
                .col(
                    enumeration("status", "task_status", ["todo", "doing", "done"]).default("todo"),
                )
                .col(small_integer("priority").default(0))
                .col(timestamp_with_time_zone_null("due_at"))
                .col(decimal_len_null("estimate", 6, 2))
                .col(json_binary("labels").default("[]"))
                .col(timestamp_with_time_zone_default_now("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-tasks-project_id")
                        .from("tasks", "project_id")
                        .to("projects", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-tasks-assignee_id")
                        .from("tasks", "assignee_id")
                        .to("users", "id")
                        .on_delete(ForeignKeyAction::SetNull),
                )
                .to_owned(),
        );
        op.create_index("idx-tasks-project_id", "tasks", ["project_id"]);
        op.create_index("idx-tasks-assignee_id", "tasks", ["assignee_id"]);
    }

    fn down(&self, op: &mut Operations) {
        // destructive: every row of `tasks` goes with it
        op.drop_table("tasks");

        op.drop_enum("task_status");
    }
}
