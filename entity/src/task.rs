//! Tasks: what is to be done, by whom, until when.

use sea_orm::entity::prelude::*;
use seachange::{Extras, TableExtras};
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(indexed)]
    pub project_id: i32,
    #[sea_orm(indexed)]
    pub assignee_id: Option<i32>,
    pub title: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    #[sea_orm(default_value = "todo")]
    pub status: Status,
    /// From 0, whenever, to 5, now.
    #[sea_orm(default_value = 0)]
    pub priority: i16,
    pub due_at: Option<DateTimeUtc>,
    /// In hours.
    #[sea_orm(column_type = "Decimal(Some((6, 2)))", nullable)]
    pub estimate: Option<Decimal>,
    /// An array of words.
    #[sea_orm(column_type = "JsonBinary", default_value = "[]")]
    pub labels: Json,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,

    #[sea_orm(belongs_to, from = "project_id", to = "id", on_delete = "Cascade")]
    pub project: BelongsTo<super::project::Entity>,
    #[sea_orm(belongs_to, from = "assignee_id", to = "id", on_delete = "SetNull")]
    pub assignee: BelongsTo<Option<super::user::Entity>>,
    #[sea_orm(has_many)]
    pub comments: HasMany<super::comment::Entity>,
    #[sea_orm(has_many, via = "task_tag")]
    pub tags: HasMany<super::tag::Entity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(
    rs_type = "String",
    db_type = "Enum",
    enum_name = "task_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Todo,
    Doing,
    Done,
}

impl ActiveModelBehavior for ActiveModel {}

/// What `#[sea_orm]` has no word for.
impl TableExtras for Entity {
    fn extras(table: &mut Extras<Column>) {
        table.index([Column::Status, Column::DueAt]);
        table.check("ck-tasks-priority", Column::Priority.between(0, 5));
    }
}
