//! One shape for every resource: list, create, read, update, delete.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use sea_orm::sea_query::FromValueTuple;
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel, Iterable, ModelTrait,
    PaginatorTrait, PrimaryKeyToColumn, PrimaryKeyTrait, QueryOrder, Select,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::extract::{Page, Path, Query};
use crate::form::Form;
use crate::problem::{Problem, breaks_reference};
use crate::state::{App, Database};

/// What a resource says about itself; the rest is the same for all.
pub(crate) trait Resource:
    EntityTrait<
        Model: IntoActiveModel<Self::ActiveModel> + Serialize + Send + Sync,
        ActiveModel: Send,
        PrimaryKey: PrimaryKeyTrait<ValueType = i32>,
    >
{
    /// Where it is: `/tasks`.
    const PATH: &'static str;
    /// One of it: `task`.
    const NAME: &'static str;
    /// What the list can be asked for.
    type Filter: DeserializeOwned + Send;

    /// The rows that pass the filter.
    fn matching(filter: Self::Filter) -> Select<Self>;

    /// Takes the fields of a body into a row.
    fn write(form: &mut Form, row: &mut Self::ActiveModel);
}

/// The five routes of a resource.
pub(crate) fn routes<R: Resource>() -> Router<App> {
    let one = format!("{}/{{id}}", R::PATH);
    Router::new()
        .route(R::PATH, get(list::<R>).post(create::<R>))
        .route(&one, get(read::<R>).patch(update::<R>).delete(delete::<R>))
}

/// One page of a list, and how long the whole is.
#[derive(Debug, Serialize)]
pub(crate) struct Listing<T> {
    items: Vec<T>,
    page: u64,
    per_page: u64,
    total: u64,
}

/// One page of the rows, oldest first.
pub(crate) async fn page_of<R: Resource>(
    db: &DatabaseConnection,
    Page { page, per_page }: Page,
    rows: Select<R>,
) -> Result<Json<Listing<R::Model>>, Problem> {
    // The order must be total, or a row could be on two pages.
    let rows = R::PrimaryKey::iter().fold(rows, |rows, key| rows.order_by_asc(key.into_column()));
    let pages = rows.paginate(db, per_page);
    Ok(Json(Listing {
        items: pages.fetch_page(page - 1).await?,
        page,
        per_page,
        total: pages.num_items().await?,
    }))
}

/// The row with this id, or a problem.
pub(crate) async fn one<R: Resource>(
    db: &DatabaseConnection,
    id: i32,
) -> Result<R::Model, Problem> {
    let row = R::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Problem::not_found(R::NAME, id))
}

async fn list<R: Resource>(
    Database(db): Database,
    page: Page,
    Query(filter): Query<R::Filter>,
) -> Result<Json<Listing<R::Model>>, Problem> {
    page_of(&db, page, R::matching(filter)).await
}

async fn create<R: Resource>(
    Database(db): Database,
    mut form: Form,
) -> Result<impl IntoResponse, Problem> {
    let mut row = <R::ActiveModel as ActiveModelTrait>::default();
    R::write(&mut form, &mut row);
    form.finish()?;
    let row = row.insert(&db).await?;
    let id = i32::from_value_tuple(row.get_primary_key_value());
    let location = format!("{}/{id}", R::PATH);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(row),
    ))
}

async fn read<R: Resource>(
    Database(db): Database,
    Path(id): Path<i32>,
) -> Result<Json<R::Model>, Problem> {
    Ok(Json(one::<R>(&db, id).await?))
}

async fn update<R: Resource>(
    Database(db): Database,
    Path(id): Path<i32>,
    mut form: Form,
) -> Result<Json<R::Model>, Problem> {
    let mut row = one::<R>(&db, id).await?.into_active_model();
    R::write(&mut form, &mut row);
    form.finish()?;
    Ok(Json(row.update(&db).await?))
}

async fn delete<R: Resource>(
    Database(db): Database,
    Path(id): Path<i32>,
) -> Result<StatusCode, Problem> {
    match R::delete_by_id(id).exec(&db).await {
        Ok(deleted) if deleted.rows_affected == 0 => Err(Problem::not_found(R::NAME, id)),
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) if breaks_reference(&error) => Err(Problem::new(
            StatusCode::CONFLICT,
            format!("other rows still refer to {} {id}", R::NAME),
        )),
        Err(error) => Err(error.into()),
    }
}
