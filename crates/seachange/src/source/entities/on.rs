//! What an entity says of a table for all engines, or for one.

use std::marker::PhantomData;

use sea_orm::ColumnTrait;
use sea_orm::sea_query::Expr;

use super::exclusion::ExclusionOptions;
use super::extras::unqualified;
use super::options::{IndexOptions, UniqueOptions, names};
use crate::schema::{Check, Engine, Exclusion, Generated, Index, Table, Unique, Variant};

/// What one engine gets of a table; see [`Extras::on`](super::Extras::on).
#[derive(Debug)]
pub struct On<'a, C> {
    pub(super) table: &'a mut Table,
    pub(super) only: Option<Engine>,
    pub(super) columns: PhantomData<C>,
}

impl<'a, C: ColumnTrait> On<'a, C> {
    /// Adds an index; see [`Extras::index`](super::Extras::index).
    pub fn index(self, columns: impl IntoIterator<Item = C>) -> IndexOptions<'a, C> {
        self.table.indexes.push(Index {
            only: self.only,
            ..Index::new("", names(columns))
        });
        // It was pushed on the line before.
        IndexOptions::new(&self.table.name, self.table.indexes.last_mut())
    }

    /// Adds a unique constraint.
    pub fn unique(
        self,
        name: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> UniqueOptions<'a> {
        self.table.uniques.push(Unique {
            name: Some(name.into()),
            columns: names(columns),
            only: self.only,
            ..Unique::default()
        });
        UniqueOptions(self.table.uniques.last_mut())
    }

    /// Adds a check.
    pub fn check(self, name: impl Into<String>, condition: impl Into<Expr>) {
        let expr = unqualified(&condition.into(), &self.table.name);
        self.table.checks.push(Check {
            name: Some(name.into()),
            expr,
            only: self.only,
        });
    }

    /// Gives a column a collation.
    pub fn collation(self, column: C, collation: impl Into<String>) {
        self.say(column, Variant::new().collation(collation));
    }

    /// Gives a column a default.
    pub fn default_value(self, column: C, default: impl Into<Expr>) {
        self.say(column, Variant::new().default_value(default));
    }

    /// Lets the engine compute a column when a row is written.
    pub fn generated_stored(self, column: C, expr: impl Into<Expr>) {
        self.generated(column, &expr.into(), true);
    }

    /// Lets the engine compute a column when a row is read.
    pub fn generated_virtual(self, column: C, expr: impl Into<Expr>) {
        self.generated(column, &expr.into(), false);
    }

    fn generated(self, column: C, expr: &Expr, stored: bool) {
        let expr = unqualified(expr, &self.table.name);
        let generated = Some(Some(Generated { expr, stored }));
        self.say(
            column,
            Variant {
                generated,
                ..Variant::new()
            },
        );
    }

    fn say(self, column: C, said: Variant) {
        let Some(column) = self.table.column_mut(column.as_str()) else {
            return;
        };
        match self.only {
            Some(engine) => column.variants.entry(engine).or_default().say(&said),
            None => {
                column.default = said.default.unwrap_or(column.default.take());
                column.generated = said.generated.unwrap_or(column.generated.take());
                column.collation = said.collation.unwrap_or(column.collation.take());
            }
        }
    }

    /// Adds an exclusion constraint; see [`Extras::exclusion`](super::Extras::exclusion).
    pub fn exclusion(self, name: impl Into<String>) -> ExclusionOptions<'a, C> {
        self.table.exclusions.push(Exclusion {
            only: self.only,
            ..Exclusion::new(name)
        });
        ExclusionOptions {
            table: &self.table.name,
            exclusion: self.table.exclusions.last_mut(),
            columns: PhantomData,
        }
    }
}
