//! What can be said about an exclusion constraint after it is recorded.

use sea_orm::sea_query::Expr;

use super::{Op, Step};
use crate::schema::{Deferrable, Engine, Excluded, Exclusion, IndexKey, KeyOn, expr_sql};

/// Options of a new exclusion constraint.
#[derive(Debug)]
pub struct CreateExclusion<'a>(pub(super) &'a mut Step);

impl CreateExclusion<'_> {
    fn exclusion(self, change: impl FnOnce(&mut Exclusion)) -> Self {
        if let Op::AddExclusion { exclusion, .. } = &mut self.0.op {
            change(exclusion);
        }
        self
    }

    /// Uses another access method than the engine's default (`gist`, …).
    pub fn method(self, method: impl Into<String>) -> Self {
        self.exclusion(|exclusion| exclusion.method = Some(method.into()))
    }

    /// Compares a column by an operator.
    pub fn column(self, name: impl Into<String>, operator: impl Into<String>) -> Self {
        self.element(IndexKey::column(name), operator.into())
    }

    /// Compares an expression, as SQL, by an operator.
    pub fn expression(self, sql: impl Into<String>, operator: impl Into<String>) -> Self {
        let key = IndexKey {
            on: KeyOn::Expr(sql.into()),
            ..IndexKey::column("")
        };
        self.element(key, operator.into())
    }

    fn element(self, key: IndexKey, operator: String) -> Self {
        self.exclusion(|exclusion| exclusion.elements.push(Excluded { key, operator }))
    }

    fn last(self, change: impl FnOnce(&mut IndexKey)) -> Self {
        self.exclusion(|exclusion| {
            if let Some(element) = exclusion.elements.last_mut() {
                change(&mut element.key);
            }
        })
    }

    /// Compares the column or expression before by another collation.
    pub fn collation(self, collation: impl Into<String>) -> Self {
        self.last(|key| key.collation = Some(collation.into()))
    }

    /// Compares the column or expression before by another operator class.
    pub fn opclass(self, class: impl Into<String>) -> Self {
        self.last(|key| key.opclass = Some(class.into()))
    }

    /// Is only about the rows for which this is true.
    pub fn only_where(self, condition: impl Into<Expr>) -> Self {
        let predicate = expr_sql(&condition.into());
        self.exclusion(|exclusion| exclusion.predicate = Some(predicate))
    }

    /// Adds it on this engine: the others say nothing of it.
    pub fn only_on(self, engine: Engine) -> Self {
        self.exclusion(|exclusion| exclusion.only = Some(engine))
    }

    /// Lets a transaction put off its check.
    pub fn deferrable(self) -> Self {
        self.exclusion(|exclusion| exclusion.deferrable = Some(Deferrable::Immediate))
    }

    /// Checks it at the end of the transaction.
    pub fn initially_deferred(self) -> Self {
        self.exclusion(|exclusion| exclusion.deferrable = Some(Deferrable::Deferred))
    }

    /// Passes over an exclusion constraint of that name that is already there.
    pub fn if_not_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}
