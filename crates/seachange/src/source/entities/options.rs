//! What an entity says more about indexes and keys.

use std::marker::PhantomData;

use sea_orm::ColumnTrait;
use sea_orm::sea_query::Expr;

use super::extras::unqualified;
use crate::schema::{Deferrable, ForeignKey, Index, IndexKey, KeyOn, Name, PrimaryKey, Unique};

/// Options of a new index.
#[derive(Debug)]
pub struct IndexOptions<'a, C> {
    table: &'a Name,
    index: Option<&'a mut Index>,
    named: bool,
    columns: PhantomData<C>,
}

impl<'a, C: ColumnTrait> IndexOptions<'a, C> {
    pub(super) fn new(table: &'a Name, index: Option<&'a mut Index>) -> Self {
        let options = Self {
            table,
            index,
            named: false,
            columns: PhantomData,
        };
        options.changed(|_| ())
    }

    fn changed(mut self, change: impl FnOnce(&mut Index)) -> Self {
        if let Some(index) = &mut self.index {
            change(index);
            if !self.named {
                index.name = default_name(self.table, index);
            }
        }
        self
    }

    fn key(self, column: C, change: impl FnOnce(&mut IndexKey)) -> Self {
        let on = KeyOn::Column(column.as_str().to_owned());
        self.changed(|index| {
            if let Some(key) = index.keys.iter_mut().find(|key| key.on == on) {
                change(key);
            }
        })
    }

    /// Gives it another name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.named = true;
        self.changed(|index| index.name = name.into())
    }

    /// Refuses a second row with the same key.
    pub fn unique(self) -> Self {
        self.changed(|index| index.unique = true)
    }

    /// Lets two NULLs collide in a unique index (PostgreSQL 15 and later).
    pub fn nulls_not_distinct(self) -> Self {
        self.changed(|index| index.nulls_not_distinct = true)
    }

    /// Sorts this column downwards.
    pub fn descending(self, column: C) -> Self {
        self.key(column, |key| key.descending = true)
    }

    /// Sorts NULLs of this column before its values.
    pub fn nulls_first(self, column: C) -> Self {
        self.key(column, |key| key.nulls_first = Some(true))
    }

    /// Sorts NULLs of this column behind its values.
    pub fn nulls_last(self, column: C) -> Self {
        self.key(column, |key| key.nulls_first = Some(false))
    }

    /// Sorts this column by another collation than its own.
    pub fn collation(self, column: C, collation: impl Into<String>) -> Self {
        self.key(column, |key| key.collation = Some(collation.into()))
    }

    /// Uses another operator class for this column (PostgreSQL: `gin_trgm_ops`,
    /// `gist_trgm_ops(siglen=32)`, …).
    pub fn opclass(self, column: C, class: impl Into<String>) -> Self {
        self.key(column, |key| key.opclass = Some(class.into()))
    }

    /// Adds an expression to the end of the key.
    pub fn expression(self, expr: impl Into<Expr>) -> Self {
        self.expression_key(expr.into(), None)
    }

    /// Adds an expression with an operator class to the end of the key (PostgreSQL).
    pub fn expression_with_opclass(self, expr: impl Into<Expr>, class: impl Into<String>) -> Self {
        self.expression_key(expr.into(), Some(class.into()))
    }

    fn expression_key(self, expr: Expr, opclass: Option<String>) -> Self {
        let key = IndexKey {
            on: KeyOn::Expr(unqualified(&expr, self.table)),
            opclass,
            ..IndexKey::column("")
        };
        self.changed(|index| index.keys.push(key))
    }

    /// Uses another access method than the engine's default (PostgreSQL: `gin`, `brin`, …).
    pub fn method(self, method: impl Into<String>) -> Self {
        self.changed(|index| index.method = Some(method.into()))
    }

    /// Leaves out the rows for which this is not true.
    pub fn only_where(self, condition: impl Into<Expr>) -> Self {
        let predicate = unqualified(&condition.into(), self.table);
        self.changed(|index| index.predicate = Some(predicate))
    }

    /// Carries these columns along without making them part of the key (PostgreSQL).
    pub fn include(self, columns: impl IntoIterator<Item = C>) -> Self {
        let columns = names(columns);
        self.changed(|index| index.include = columns)
    }

    /// Sets a storage parameter (PostgreSQL: `fillfactor`, …).
    pub fn storage(self, parameter: impl Into<String>, setting: impl ToString) -> Self {
        self.changed(|index| {
            index.storage.insert(parameter.into(), setting.to_string());
        })
    }

    /// Puts it in a tablespace (PostgreSQL).
    pub fn tablespace(self, tablespace: impl Into<String>) -> Self {
        self.changed(|index| index.tablespace = Some(tablespace.into()))
    }
}

/// What can be said about a primary key.
#[derive(Debug)]
pub struct PrimaryKeyOptions<'a>(pub(super) Option<&'a mut PrimaryKey>);

impl PrimaryKeyOptions<'_> {
    fn changed(mut self, change: impl FnOnce(&mut PrimaryKey)) -> Self {
        if let Some(key) = &mut self.0 {
            change(key);
        }
        self
    }

    /// Gives it another name than the engine's own.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.changed(|key| key.name = Some(name.into()))
    }

    /// Carries these columns along without making them part of the key (PostgreSQL).
    pub fn include<C: ColumnTrait>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.changed(|key| key.include = names(columns))
    }

    /// Lets a transaction put off its check (PostgreSQL).
    pub fn deferrable(self, deferrable: Deferrable) -> Self {
        self.changed(|key| key.deferrable = Some(deferrable))
    }
}

/// Options of a unique constraint.
#[derive(Debug)]
pub struct UniqueOptions<'a>(pub(super) Option<&'a mut Unique>);

impl UniqueOptions<'_> {
    fn changed(mut self, change: impl FnOnce(&mut Unique)) -> Self {
        if let Some(unique) = &mut self.0 {
            change(unique);
        }
        self
    }

    /// Lets two NULLs collide (PostgreSQL 15 and later).
    pub fn nulls_not_distinct(self) -> Self {
        self.changed(|unique| unique.nulls_not_distinct = true)
    }

    /// Carries these columns along without making them part of the key (PostgreSQL).
    pub fn include<C: ColumnTrait>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.changed(|unique| unique.include = names(columns))
    }

    /// Lets a transaction put off its check (PostgreSQL).
    pub fn deferrable(self, deferrable: Deferrable) -> Self {
        self.changed(|unique| unique.deferrable = Some(deferrable))
    }
}

/// What can be said about a foreign key.
#[derive(Debug)]
pub struct ForeignKeyOptions<'a>(pub(super) Option<&'a mut ForeignKey>);

impl ForeignKeyOptions<'_> {
    fn changed(mut self, change: impl FnOnce(&mut ForeignKey)) -> Self {
        if let Some(key) = &mut self.0 {
            change(key);
        }
        self
    }

    /// Gives it another name than `fk-<table>-<columns>`.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.changed(|key| key.name = Some(name.into()))
    }

    /// Lets a transaction put off its check.
    pub fn deferrable(self, deferrable: Deferrable) -> Self {
        self.changed(|key| key.deferrable = Some(deferrable))
    }

    /// Wants all columns of a row to be NULL or none (PostgreSQL).
    pub fn match_full(self) -> Self {
        self.changed(|key| key.match_full = true)
    }

    /// Lets ON DELETE SET NULL or SET DEFAULT set only these columns (PostgreSQL 15 and later).
    pub fn set_columns<C: ColumnTrait>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.changed(|key| key.set_columns = names(columns))
    }
}

pub(super) fn names<C: ColumnTrait>(columns: impl IntoIterator<Item = C>) -> Vec<String> {
    columns
        .into_iter()
        .map(|column| column.as_str().to_owned())
        .collect()
}

/// As SeaORM names indexes; an expression is named by its words.
fn default_name(table: &Name, index: &Index) -> String {
    let mut name = format!("idx-{}", table.name);
    for key in &index.keys {
        name.push('-');
        match &key.on {
            KeyOn::Column(column) => name.push_str(column),
            KeyOn::Expr(sql) => {
                let words: Vec<&str> = sql
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .filter(|word| !word.is_empty())
                    .collect();
                name.push_str(&words.join("_").to_lowercase());
            }
        }
    }
    name
}
