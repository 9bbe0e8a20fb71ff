//! What an entity says about an exclusion constraint.

use std::marker::PhantomData;

use sea_orm::ColumnTrait;
use sea_orm::sea_query::Expr;

use super::extras::unqualified;
use crate::schema::{Deferrable, Excluded, Exclusion, IndexKey, KeyOn, Name};

/// Options of an exclusion constraint.
#[derive(Debug)]
pub struct ExclusionOptions<'a, C> {
    pub(super) table: &'a Name,
    pub(super) exclusion: Option<&'a mut Exclusion>,
    pub(super) columns: PhantomData<C>,
}

impl<C: ColumnTrait> ExclusionOptions<'_, C> {
    fn changed(mut self, change: impl FnOnce(&mut Exclusion)) -> Self {
        if let Some(exclusion) = &mut self.exclusion {
            change(exclusion);
        }
        self
    }

    /// Uses another access method than the engine's default (`gist`, …).
    pub fn method(self, method: impl Into<String>) -> Self {
        self.changed(|exclusion| exclusion.method = Some(method.into()))
    }

    /// Compares a column by an operator.
    pub fn column(self, column: C, operator: impl Into<String>) -> Self {
        self.element(IndexKey::column(column.as_str()), operator.into())
    }

    /// Compares a column by an operator, with another operator class than its type's own.
    pub fn column_with_opclass(
        self,
        column: C,
        class: impl Into<String>,
        operator: impl Into<String>,
    ) -> Self {
        let key = IndexKey {
            opclass: Some(class.into()),
            ..IndexKey::column(column.as_str())
        };
        self.element(key, operator.into())
    }

    /// Compares an expression by an operator.
    pub fn expression(self, expr: impl Into<Expr>, operator: impl Into<String>) -> Self {
        let key = IndexKey {
            on: KeyOn::Expr(unqualified(&expr.into(), self.table)),
            ..IndexKey::column("")
        };
        self.element(key, operator.into())
    }

    fn element(self, key: IndexKey, operator: String) -> Self {
        self.changed(|exclusion| exclusion.elements.push(Excluded { key, operator }))
    }

    /// Is only about the rows for which this is true.
    pub fn only_where(self, condition: impl Into<Expr>) -> Self {
        let predicate = unqualified(&condition.into(), self.table);
        self.changed(|exclusion| exclusion.predicate = Some(predicate))
    }

    /// Lets a transaction put off its check.
    pub fn deferrable(self, deferrable: Deferrable) -> Self {
        self.changed(|exclusion| exclusion.deferrable = Some(deferrable))
    }
}
