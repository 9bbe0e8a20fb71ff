//! What an orchestrator asks.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};

use crate::state::App;

/// `/healthz`: the process is alive, so do not kill it in the middle of a migration. `/readyz`: the
/// schema is right, so send requests.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    let status = match app.database() {
        Some(_) => StatusCode::OK,
        None => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(app.startup.snapshot()))
}
