//! A row of the catalog, as text.

use std::sync::Arc;

use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, Row as _};
use sea_orm::{DbErr, RuntimeErr};

pub(super) fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A row as the simple protocol sends it: text.
#[derive(Clone, Copy)]
pub(super) struct Row<'a>(pub(super) &'a PgRow);

impl<'a> Row<'a> {
    pub(super) fn optional(self, at: usize) -> Result<Option<&'a str>, DbErr> {
        let value = self.0.try_get_raw(at).map_err(query_error)?;
        if sqlx::ValueRef::is_null(&value) {
            return Ok(None);
        }
        value
            .as_str()
            .map(Some)
            .map_err(|error| DbErr::Type(format!("column {at} of the catalog: {error}")))
    }

    pub(super) fn text(self, at: usize) -> Result<&'a str, DbErr> {
        Ok(self.optional(at)?.unwrap_or_default())
    }

    pub(super) fn owned(self, at: usize) -> Result<Option<String>, DbErr> {
        Ok(self.optional(at)?.map(str::to_owned))
    }

    pub(super) fn is(self, at: usize) -> Result<bool, DbErr> {
        Ok(self.text(at)? == "t")
    }

    pub(super) fn number<N: std::str::FromStr>(self, at: usize) -> Result<N, DbErr> {
        let text = self.text(at)?;
        text.parse()
            .map_err(|_| DbErr::Type(format!("`{text}` of the catalog is no number")))
    }

    /// The numbers of an array (`{1,2}`) or a vector (`1 2`).
    pub(super) fn numbers<N: std::str::FromStr>(self, at: usize) -> Result<Vec<N>, DbErr> {
        Ok(self
            .text(at)?
            .split(['{', '}', ',', ' '])
            .filter_map(|text| text.parse().ok())
            .collect())
    }
}
