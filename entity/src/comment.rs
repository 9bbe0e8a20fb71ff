//! What people say about a task.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "comments")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(indexed)]
    pub task_id: i32,
    /// Empty when the author's account is gone.
    pub author_id: Option<i32>,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,

    #[sea_orm(belongs_to, from = "task_id", to = "id", on_delete = "Cascade")]
    pub task: BelongsTo<super::task::Entity>,
    #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "SetNull")]
    pub author: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
