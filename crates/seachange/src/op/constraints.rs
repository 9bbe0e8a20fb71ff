//! What can be said about a step on a key, a constraint or an index after it is recorded.

use sea_orm::sea_query::Expr;

use super::only::only_on;
use super::{Op, Step};
use crate::schema::{
    Deferrable, Engine, ForeignKey, Index, IndexKey, KeyOn, PrimaryKey, Unique, expr_sql,
};

/// Options of a new primary key.
#[derive(Debug)]
pub struct CreatePrimaryKey<'a>(pub(super) &'a mut Step);

impl CreatePrimaryKey<'_> {
    /// Names the constraint.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.key(|key| key.name = Some(name.into()))
    }

    fn key(self, change: impl FnOnce(&mut PrimaryKey)) -> Self {
        if let Op::AddPrimaryKey { key, .. } = &mut self.0.op {
            change(key);
        }
        self
    }

    /// Carries these columns along without making them part of the key (PostgreSQL).
    pub fn include<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.key(|key| key.include = columns.into_iter().map(Into::into).collect())
    }

    /// Lets a transaction put off its check (PostgreSQL).
    pub fn deferrable(self) -> Self {
        self.key(|key| key.deferrable = Some(Deferrable::Immediate))
    }

    /// Checks it at the end of the transaction (PostgreSQL).
    pub fn initially_deferred(self) -> Self {
        self.key(|key| key.deferrable = Some(Deferrable::Deferred))
    }

    /// Passes over a primary key that is already there.
    pub fn if_not_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// Options of a new unique constraint.
#[derive(Debug)]
pub struct CreateUnique<'a>(pub(super) &'a mut Step);

impl CreateUnique<'_> {
    /// Lets two NULLs collide (PostgreSQL 15 and later).
    pub fn nulls_not_distinct(self) -> Self {
        self.unique(|unique| unique.nulls_not_distinct = true)
    }

    fn unique(self, change: impl FnOnce(&mut Unique)) -> Self {
        if let Op::AddUnique { unique, .. } = &mut self.0.op {
            change(unique);
        }
        self
    }

    /// Carries these columns along without making them part of the key (PostgreSQL).
    pub fn include<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.unique(|unique| unique.include = columns.into_iter().map(Into::into).collect())
    }

    /// Lets a transaction put off its check (PostgreSQL).
    pub fn deferrable(self) -> Self {
        self.unique(|unique| unique.deferrable = Some(Deferrable::Immediate))
    }

    /// Checks it at the end of the transaction (PostgreSQL).
    pub fn initially_deferred(self) -> Self {
        self.unique(|unique| unique.deferrable = Some(Deferrable::Deferred))
    }

    /// Adds it on this engine; the others pass over it.
    pub fn only_on(self, engine: Engine) -> Self {
        self.unique(|unique| unique.only = Some(engine))
    }

    /// Passes over a unique constraint on these columns that is already there.
    pub fn if_not_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// Options of a new foreign key.
#[derive(Debug)]
pub struct CreateForeignKey<'a>(pub(super) Option<&'a mut Step>);

impl CreateForeignKey<'_> {
    fn key(mut self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        if let Some(Step {
            op: Op::AddForeignKey { key, .. },
            ..
        }) = &mut self.0
        {
            change(key);
        }
        self
    }

    fn defer(self, deferrable: Deferrable) -> Self {
        self.key(|key| key.deferrable = Some(deferrable))
    }

    /// Wants all columns of a row to be NULL or none (PostgreSQL).
    pub fn match_full(self) -> Self {
        self.key(|key| key.match_full = true)
    }

    /// Lets ON DELETE SET NULL or SET DEFAULT set only these columns (PostgreSQL 15 and later).
    pub fn set_columns<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.key(|key| key.set_columns = columns.into_iter().map(Into::into).collect())
    }

    /// Lets a transaction put off its check.
    pub fn deferrable(self) -> Self {
        self.defer(Deferrable::Immediate)
    }

    /// Checks it at the end of the transaction.
    pub fn initially_deferred(self) -> Self {
        self.defer(Deferrable::Deferred)
    }

    /// Passes over a foreign key from these columns to that table that is already there.
    pub fn if_not_exists(mut self) -> Self {
        if let Some(step) = &mut self.0 {
            step.guarded = true;
        }
        self
    }
}

/// Options of a new index.
#[derive(Debug)]
pub struct CreateIndex<'a>(pub(super) &'a mut Step);

impl CreateIndex<'_> {
    fn index(self, change: impl FnOnce(&mut Index)) -> Self {
        if let Op::CreateIndex { index, .. } = &mut self.0.op {
            change(index);
        }
        self
    }

    /// Refuses a second row with the same key.
    pub fn unique(self) -> Self {
        self.index(|index| index.unique = true)
    }

    /// The parts of the key that are this column or this expression.
    fn keys(self, on: &str, change: impl Fn(&mut IndexKey)) -> Self {
        self.index(|index| {
            for key in &mut index.keys {
                let (KeyOn::Column(name) | KeyOn::Expr(name)) = &key.on;
                if name == on {
                    change(key);
                }
            }
        })
    }

    /// Sorts this column or expression of the key downwards.
    pub fn descending(self, on: &str) -> Self {
        self.keys(on, |key| key.descending = true)
    }

    /// Sorts NULLs of this column or expression first.
    pub fn nulls_first(self, on: &str) -> Self {
        self.keys(on, |key| key.nulls_first = Some(true))
    }

    /// Sorts NULLs of this column or expression last.
    pub fn nulls_last(self, on: &str) -> Self {
        self.keys(on, |key| key.nulls_first = Some(false))
    }

    /// Compares this column or expression by an operator class (PostgreSQL: `gin_trgm_ops`, …).
    pub fn opclass(self, on: &str, class: impl Into<String>) -> Self {
        let class = class.into();
        self.keys(on, |key| key.opclass = Some(class.clone()))
    }

    /// Compares this column or expression by another collation.
    pub fn collation(self, on: &str, collation: impl Into<String>) -> Self {
        let collation = collation.into();
        self.keys(on, |key| key.collation = Some(collation.clone()))
    }

    /// Adds a column to the end of the key.
    pub fn column(self, name: impl Into<String>) -> Self {
        self.index(|index| index.keys.push(IndexKey::column(name)))
    }

    /// Adds an expression to the end of the key, as SQL.
    pub fn expression(self, sql: impl Into<String>) -> Self {
        self.index(|index| {
            index.keys.push(IndexKey {
                on: KeyOn::Expr(sql.into()),
                ..IndexKey::column("")
            });
        })
    }

    /// Uses another access method than the engine's default (PostgreSQL: `gin`, `brin`, …).
    pub fn method(self, method: impl Into<String>) -> Self {
        self.index(|index| index.method = Some(method.into()))
    }

    /// Leaves out the rows for which this is not true.
    pub fn only_where(self, condition: impl Into<Expr>) -> Self {
        let predicate = expr_sql(&condition.into());
        self.index(|index| index.predicate = Some(predicate))
    }

    /// Carries these columns along without making them part of the key (PostgreSQL).
    pub fn include<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.index(|index| index.include = columns.into_iter().map(Into::into).collect())
    }

    /// Sets a storage parameter (PostgreSQL: `fillfactor`, …).
    pub fn storage(self, parameter: impl Into<String>, setting: impl ToString) -> Self {
        self.index(|index| {
            index.storage.insert(parameter.into(), setting.to_string());
        })
    }

    /// Puts it in a tablespace (PostgreSQL).
    pub fn tablespace(self, tablespace: impl Into<String>) -> Self {
        self.index(|index| index.tablespace = Some(tablespace.into()))
    }

    /// Lets two NULLs collide in a unique index (PostgreSQL 15 and later).
    pub fn nulls_not_distinct(self) -> Self {
        self.index(|index| index.nulls_not_distinct = true)
    }

    /// Creates it on this engine; the others pass over it.
    pub fn only_on(self, engine: Engine) -> Self {
        self.index(|index| index.only = Some(engine))
    }

    /// Passes over an index of that name that is already there.
    pub fn if_not_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// Which unique constraint to drop.
#[derive(Debug)]
pub struct DropUnique<'a>(pub(super) &'a mut Step);

impl DropUnique<'_> {
    /// The columns that it is on.
    pub fn columns<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        if let Op::DropUnique { target, .. } = &mut self.0.op {
            target.columns = columns.into_iter().map(Into::into).collect();
        }
        self
    }

    /// Drops it on this engine; the others pass over it.
    pub fn only_on(self, engine: Engine) -> Self {
        only_on(self.0, engine);
        self
    }

    /// Passes over a constraint that is not there any more.
    pub fn if_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// Which foreign key to drop.
#[derive(Debug)]
pub struct DropForeignKey<'a>(pub(super) &'a mut Step);

impl DropForeignKey<'_> {
    /// The columns that it is on.
    pub fn columns<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        if let Op::DropForeignKey { target, .. } = &mut self.0.op {
            target.columns = columns.into_iter().map(Into::into).collect();
        }
        self
    }

    /// Passes over a key that is not there any more.
    pub fn if_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// Which check to drop.
#[derive(Debug)]
pub struct DropCheck<'a>(pub(super) &'a mut Step);

impl DropCheck<'_> {
    /// What it says: the one that says this is dropped, whatever the database calls it.
    pub fn condition(self, condition: impl Into<Expr>) -> Self {
        if let Op::DropCheck { target, .. } = &mut self.0.op {
            target.expr = Some(expr_sql(&condition.into()));
        }
        self
    }

    /// Drops it on this engine; the others pass over it.
    pub fn only_on(self, engine: Engine) -> Self {
        only_on(self.0, engine);
        self
    }

    /// Passes over a check that is not there any more.
    pub fn if_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}
