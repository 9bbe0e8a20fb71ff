//! `/users`

use entity::user::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use serde::Deserialize;

use crate::crud::Resource;
use crate::form::{Form, email, text};

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    email: Option<String>,
}

impl Resource for Entity {
    const PATH: &'static str = "/users";
    const NAME: &'static str = "user";
    type Filter = Filter;

    fn matching(filter: Filter) -> Select<Self> {
        Self::find().apply_if(filter.email, |rows, email| {
            rows.filter(Column::Email.eq(email))
        })
    }

    fn write(form: &mut Form, row: &mut ActiveModel) {
        form.required("first_name", &mut row.first_name, text(255));
        form.required("last_name", &mut row.last_name, text(255));
        form.required("full_name", &mut row.full_name, text(255));
        form.required("email", &mut row.email, email);
    }
}
