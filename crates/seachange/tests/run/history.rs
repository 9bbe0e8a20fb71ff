//! Small histories that the tests share.

use sea_orm_migration::prelude::async_trait::async_trait;
use sea_orm_migration::{prelude::*, schema::*};

use super::revision;

revision!(
    Users,
    "m1_users",
    |op| {
        op.create_table(
            Table::create()
                .table("users")
                .col(pk_auto("id"))
                .col(string("name"))
                .to_owned(),
        );
    },
    |op| {
        op.drop_table("users");
    }
);

revision!(Tasks, "m2_tasks" <- "m1_users", |op| {
    op.create_table(
        Table::create()
            .table("tasks")
            .col(pk_auto("id"))
            .col(integer_null("user_id"))
            .col(string("title"))
            .to_owned(),
    );
    op.create_index("idx-tasks-title", "tasks", ["title"]).unique();
}, |op| {
    op.drop_table("tasks");
});

revision!(Tags, "m3_tags" <- "m2_tasks", |op| {
    op.create_table(
        Table::create().table("tags").col(pk_auto("id")).to_owned(),
    );
}, |op| {
    op.drop_table("tags");
});

// Its second step cannot succeed.
revision!(TagsBroken, "m3_tags" <- "m2_tasks", |op| {
    op.create_table(
        Table::create().table("tags").col(pk_auto("id")).to_owned(),
    );
    op.execute("insert into no_such_table values (1)");
    op.execute("select 1");
}, |op| {
    op.drop_table("tags");
});

/// A migration in SeaORM's own style.
pub struct Plain;

impl MigrationName for Plain {
    fn name(&self) -> &str {
        "m2_plain"
    }
}

#[async_trait]
impl MigrationTrait for Plain {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(Table::create().table("plain").col(pk_auto("id")).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("plain").to_owned())
            .await
    }
}

/// One that fails after it has made a table.
pub struct PlainBroken;

impl MigrationName for PlainBroken {
    fn name(&self) -> &str {
        "m2_plain"
    }
}

#[async_trait]
impl MigrationTrait for PlainBroken {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Plain.up(manager).await?;
        Err(DbErr::Migration("no".to_owned()))
    }
}

revision!(AfterPlain, "m3_after" <- "m2_plain", |op| {
    op.create_table(
        Table::create().table("after").col(pk_auto("id")).to_owned(),
    );
}, |op| {
    op.drop_table("after");
});

revision!(Root, "m1_root", |op| {}, |op| {});
revision!(Left, "m2_left" <- "m1_root", |op| {}, |op| {});
revision!(Right, "m2_right" <- "m1_root", |op| {}, |op| {});
revision!(Both, "m3_both" <- ["m2_left", "m2_right"], |op| {}, |op| {});
