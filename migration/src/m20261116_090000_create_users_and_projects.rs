//! Create users and projects.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Operations, Revision};

#[seachange::revision]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.create_table(
            Table::create()
                .table("users")
                .col(pk_auto("id"))
                .col(string("first_name"))
                .col(string("last_name"))
                .col(string_uniq("email"))
                .to_owned(),
        );

        op.create_table(
            Table::create()
                .table("projects")
                .col(pk_auto("id"))
                .col(integer("owner_id"))
                .col(string("name"))
                .col(timestamp_with_time_zone_default_now("created_at"))
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-projects-owner_id")
                        .from("projects", "owner_id")
                        .to("users", "id")
                        .on_delete(ForeignKeyAction::Restrict),
                )
                .to_owned(),
        );
        op.create_index("idx-projects-owner_name", "projects", ["owner_id", "name"])
            .unique();
    }

    fn down(&self, op: &mut Operations) {
        // destructive: every row of `projects` goes with it
        op.drop_table("projects");

        // destructive: every row of `users` goes with it
        op.drop_table("users");
    }
}
