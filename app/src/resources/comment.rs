//! `/comments`

use entity::comment::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use serde::Deserialize;

use crate::crud::Resource;
use crate::form::{Form, any, text};

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    task: Option<i32>,
    author: Option<i32>,
}

impl Resource for Entity {
    const PATH: &'static str = "/comments";
    const NAME: &'static str = "comment";
    type Filter = Filter;

    fn matching(filter: Filter) -> Select<Self> {
        Self::find()
            .apply_if(filter.task, |rows, task| {
                rows.filter(Column::TaskId.eq(task))
            })
            .apply_if(filter.author, |rows, author| {
                rows.filter(Column::AuthorId.eq(author))
            })
    }

    fn write(form: &mut Form, row: &mut ActiveModel) {
        form.required("task_id", &mut row.task_id, any);
        form.optional("author_id", &mut row.author_id, any);
        form.required("body", &mut row.body, text(10_000));
    }
}
