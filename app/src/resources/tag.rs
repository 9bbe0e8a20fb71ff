//! `/tags`

use entity::tag::{ActiveModel, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use serde::Deserialize;

use crate::crud::Resource;
use crate::form::{Form, Verdict, text};

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    name: Option<String>,
}

impl Resource for Entity {
    const PATH: &'static str = "/tags";
    const NAME: &'static str = "tag";
    type Filter = Filter;

    fn matching(filter: Filter) -> Select<Self> {
        Self::find().apply_if(filter.name, |rows, name| rows.filter(Column::Name.eq(name)))
    }

    fn write(form: &mut Form, row: &mut ActiveModel) {
        form.required("name", &mut row.name, text(255));
        form.defaulted("color", &mut row.color, |text| color(text));
    }
}

fn color(text: &str) -> Verdict {
    match text.strip_prefix('#') {
        Some(digits) if digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()) => {
            Ok(())
        }
        _ => Err("must be a color like #2f6feb".to_owned()),
    }
}
