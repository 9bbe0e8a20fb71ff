//! `/projects`

use entity::project::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use serde::Deserialize;

use crate::crud::Resource;
use crate::form::{Form, any, text};

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    owner: Option<i32>,
}

impl Resource for Entity {
    const PATH: &'static str = "/projects";
    const NAME: &'static str = "project";
    type Filter = Filter;

    fn matching(filter: Filter) -> Select<Self> {
        Self::find().apply_if(filter.owner, |rows, owner| {
            rows.filter(Column::OwnerId.eq(owner))
        })
    }

    fn write(form: &mut Form, row: &mut ActiveModel) {
        form.required("owner_id", &mut row.owner_id, any);
        form.required("name", &mut row.name, text(255));
    }
}
