//! Paths and queries as axum reads them, refused as problems.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use crate::problem::{FieldError, Problem};

/// The variables of a path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(crate) struct Path<T>(pub(crate) T);

/// The variables behind the question mark.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(crate) struct Query<T>(pub(crate) T);

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    /// Counted from one.
    pub(crate) page: u64,
    pub(crate) per_page: u64,
}

impl Page {
    const MOST: u64 = 100;
}

impl Default for Page {
    fn default() -> Self {
        Self {
            page: 1,
            per_page: 20,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(page) = Query::<Self>::from_request_parts(parts, state).await?;
        let mut errors = Vec::new();
        let mut within = |field: &str, value: u64, most: u64| {
            if !(1..=most).contains(&value) {
                errors.push(FieldError {
                    field: field.to_owned(),
                    message: format!("must be from 1 to {most}, not {value}"),
                });
            }
        };
        // The database counts rows in a signed number.
        within("page", page.page, i64::MAX as u64 / Self::MOST);
        within("per_page", page.per_page, Self::MOST);
        if errors.is_empty() {
            Ok(page)
        } else {
            Err(Problem::invalid(errors))
        }
    }
}
