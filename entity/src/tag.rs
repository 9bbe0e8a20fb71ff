//! Tags, which tasks of all projects share.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "tags")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(unique)]
    pub name: String,
    /// As CSS writes it: `#2f6feb`.
    #[sea_orm(column_type = "String(StringLen::N(7))", default_value = "#888888")]
    pub color: String,

    #[sea_orm(has_many, via = "task_tag")]
    pub tasks: HasMany<super::task::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
