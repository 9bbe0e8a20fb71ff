//! Every error of the API: `application/problem+json` (RFC 9457).

use axum::Json;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use serde::Serialize;

/// What went wrong, for whoever sent the request.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    title: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// What is wrong with one field of a body or of a query.
#[derive(Debug, Serialize)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) message: String,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            title: status.canonical_reason().unwrap_or("Error"),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    pub(crate) fn not_found(name: &str, id: i32) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {name} {id}"))
    }

    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "some fields are not valid",
            )
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(header::CONTENT_TYPE, kind)], Json(self)).into_response()
    }
}

/// What the database refused is the client's to mend; everything else stays in our log.
impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        let (status, detail) = match (&error, error.sql_err(), code(&error).as_deref()) {
            (DbErr::RecordNotUpdated, _, _) => {
                (StatusCode::NOT_FOUND, "it was deleted in the meantime")
            }
            (_, Some(SqlErr::UniqueConstraintViolation(_)), _) => {
                (StatusCode::CONFLICT, "another row has this value already")
            }
            _ if breaks_reference(&error) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "a row that this one refers to does not exist",
            ),
            // PostgreSQL's data exceptions, such as a NUL in a text.
            (_, _, Some(code)) if code.len() == 5 && code.starts_with("22") => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "the database cannot hold one of these values",
            ),
            _ => {
                tracing::error!(%error, "the database failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the service failed; its log tells more, under this request id",
                )
            }
        };
        Self::new(status, detail)
    }
}

/// Whether a foreign key is why the database refused.
pub(crate) fn breaks_reference(error: &DbErr) -> bool {
    // SeaORM does not know what ON DELETE RESTRICT is called: on SQLite a trigger, on PostgreSQL,
    // from 18 on, a restrict violation.
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    ) || matches!(code(error).as_deref(), Some("1811" | "23001"))
}

/// The engine's own code of an error.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
