//! `/tasks`, and the tags on each: `/tasks/{id}/tags`

use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use entity::task::{ActiveModel, Column, Entity, Status};
use entity::{tag, task_tag};
use sea_orm::prelude::{DateTimeUtc, Decimal};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, ModelTrait, QueryFilter, QuerySelect, QueryTrait,
    RelationTrait, Select, Set,
};
use serde::Deserialize;

use crate::crud::{self, Listing, Resource};
use crate::extract::{Page, Path};
use crate::form::{Form, Verdict, any, text, within};
use crate::problem::Problem;
use crate::state::{App, Database};

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    status: Option<Status>,
    project: Option<i32>,
    assignee: Option<i32>,
    /// The name of a tag.
    tag: Option<String>,
    due_before: Option<DateTimeUtc>,
    due_after: Option<DateTimeUtc>,
    /// Part of the title or the description, in any case.
    text: Option<String>,
}

impl Resource for Entity {
    const PATH: &'static str = "/tasks";
    const NAME: &'static str = "task";
    type Filter = Filter;

    fn matching(filter: Filter) -> Select<Self> {
        Self::find()
            .apply_if(filter.status, |rows, status| {
                rows.filter(Column::Status.eq(status))
            })
            .apply_if(filter.project, |rows, id| {
                rows.filter(Column::ProjectId.eq(id))
            })
            .apply_if(filter.assignee, |rows, id| {
                rows.filter(Column::AssigneeId.eq(id))
            })
            .apply_if(filter.tag, |rows, name| {
                rows.filter(Column::Id.in_subquery(tagged(name)))
            })
            .apply_if(filter.due_before, |rows, time| {
                rows.filter(Column::DueAt.lt(time))
            })
            .apply_if(filter.due_after, |rows, time| {
                rows.filter(Column::DueAt.gt(time))
            })
            .apply_if(filter.text, |rows, text| {
                rows.filter(contains(Column::Title, &text).or(contains(Column::Description, &text)))
            })
    }

    fn write(form: &mut Form, row: &mut ActiveModel) {
        form.required("project_id", &mut row.project_id, any);
        form.optional("assignee_id", &mut row.assignee_id, any);
        form.required("title", &mut row.title, text(255));
        form.optional("description", &mut row.description, any);
        form.defaulted("status", &mut row.status, any);
        form.defaulted("priority", &mut row.priority, within(0, 5));
        form.optional("due_at", &mut row.due_at, any);
        form.optional(
            "estimate",
            &mut row.estimate,
            within(Decimal::ZERO, Decimal::new(999_999, 2)),
        );
        form.defaulted("labels", &mut row.labels, words);
    }
}

fn words(labels: &sea_orm::JsonValue) -> Verdict {
    match labels.as_array() {
        Some(labels) if labels.iter().all(|label| label.is_string()) => Ok(()),
        _ => Err("must be an array of words".to_owned()),
    }
}

/// The ids of the tasks with a tag of this name.
fn tagged(name: String) -> sea_orm::sea_query::SelectStatement {
    task_tag::Entity::find()
        .select_only()
        .column(task_tag::Column::TaskId)
        .join(JoinType::InnerJoin, task_tag::Relation::Tag.def())
        .filter(tag::Column::Name.eq(name))
        .into_query()
}

/// Whether a column contains this text, where `%` and `_` are signs like any other.
fn contains(column: Column, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for sign in text.to_lowercase().chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    Expr::expr(Func::lower(column.into_expr())).like(LikeExpr::new(pattern).escape('\\'))
}

/// The routes of the tags on a task.
pub(crate) fn tags() -> Router<App> {
    Router::new()
        .route("/tasks/{id}/tags", get(list_tags))
        .route("/tasks/{id}/tags/{tag_id}", put(attach).delete(detach))
}

async fn list_tags(
    Database(db): Database,
    Path(id): Path<i32>,
    page: Page,
) -> Result<Json<Listing<tag::Model>>, Problem> {
    let task = crud::one::<Entity>(&db, id).await?;
    crud::page_of(&db, page, task.find_related(tag::Entity)).await
}

/// Attaching twice is attaching once.
async fn attach(
    Database(db): Database,
    Path((id, tag_id)): Path<(i32, i32)>,
) -> Result<StatusCode, Problem> {
    crud::one::<Entity>(&db, id).await?;
    crud::one::<tag::Entity>(&db, tag_id).await?;
    let row = task_tag::ActiveModel {
        task_id: Set(id),
        tag_id: Set(tag_id),
    };
    let key = [task_tag::Column::TaskId, task_tag::Column::TagId];
    task_tag::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(&db)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn detach(
    Database(db): Database,
    Path((id, tag_id)): Path<(i32, i32)>,
) -> Result<StatusCode, Problem> {
    match task_tag::Entity::delete_by_id((id, tag_id))
        .exec(&db)
        .await?
    {
        deleted if deleted.rows_affected == 0 => Err(Problem::new(
            StatusCode::NOT_FOUND,
            format!("task {id} does not have tag {tag_id}"),
        )),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
