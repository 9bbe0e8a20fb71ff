//! Projects, which group tasks and belong to one user.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "projects")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    /// One owner does not have two projects of one name.
    #[sea_orm(unique_key = "owner_name")]
    pub owner_id: i32,
    #[sea_orm(unique_key = "owner_name")]
    pub name: String,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,

    /// Someone who owns projects cannot be deleted.
    #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Restrict")]
    pub owner: BelongsTo<super::user::Entity>,
    #[sea_orm(has_many)]
    pub tasks: HasMany<super::task::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
