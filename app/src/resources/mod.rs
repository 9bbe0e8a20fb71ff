//! What each resource adds to [`crud`](crate::crud).

mod comment;
mod project;
mod tag;
mod task;
mod user;

use axum::Router;

use crate::crud::routes;
use crate::state::App;

/// The routes of all resources.
pub(crate) fn all() -> Router<App> {
    Router::new()
        .merge(routes::<entity::user::Entity>())
        .merge(routes::<entity::project::Entity>())
        .merge(routes::<entity::task::Entity>())
        .merge(task::tags())
        .merge(routes::<entity::tag::Entity>())
        .merge(routes::<entity::comment::Entity>())
}
