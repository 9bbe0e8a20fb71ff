//! A small JSON API on the entities. It listens first and migrates then, so that whoever started
//! it can see what it is doing; requests are served when the schema is right.

mod crud;
mod extract;
mod form;
mod health;
mod problem;
mod resources;
mod serve;
mod state;

use axum::Router;
use axum::http::{HeaderName, Request, StatusCode};
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;

use crate::problem::Problem;
pub use crate::serve::{ServeError, serve};
pub use crate::state::App;

/// The whole service, without a port: what `serve` serves and tests call.
pub fn router(app: App) -> Router {
    let request_id = HeaderName::from_static("x-request-id");
    Router::new()
        .merge(health::routes())
        .merge(resources::all())
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "there is nothing at this path"))
        .method_not_allowed_fallback(async || {
            let detail =
                "this path does not take this method; the Allow header lists those it takes";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
        })
        .layer(PropagateRequestIdLayer::new(request_id.clone()))
        // A probe that is told "not yet" is no failure; what fails is logged where it is known why.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_failure(()),
        )
        .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
        .with_state(app)
}

/// One span a request, so that every line it logs can be found by its id.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id = request.extensions().get::<RequestId>();
    tracing::info_span!(
        "request",
        id = id.and_then(|id| id.header_value().to_str().ok()),
        method = %request.method(),
        path = request.uri().path(),
    )
}
