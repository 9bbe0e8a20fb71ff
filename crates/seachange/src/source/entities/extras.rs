//! What `#[sea_orm]` cannot say about a table.

use std::marker::PhantomData;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait};

use super::EntityError;
use super::exclusion::ExclusionOptions;
use crate::schema::{
    Check, Deferrable, Exclusion, ForeignKey, Generated, Index, IndexKey, KeyOn, Name, Numbering,
    PrimaryKey, Table, Unique, expr_sql,
};

/// Implemented beside an entity, for what `#[sea_orm]` has no word for;
/// [`entities!`](crate::entities) finds it by itself.
///
/// ```standalone_crate
/// # mod task {
/// use sea_orm::entity::prelude::*;
/// use seachange::{Extras, TableExtras};
///
/// #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
/// #[sea_orm(table_name = "tasks")]
/// pub struct Model {
///     #[sea_orm(primary_key)]
///     pub id: i32,
///     pub status: String,
///     pub priority: i16,
/// }
///
/// impl TableExtras for Entity {
///     fn extras(table: &mut Extras<Column>) {
///         table.index([Column::Status, Column::Priority]).descending(Column::Priority);
///         table.check("ck-tasks-priority", Column::Priority.between(0, 5));
///     }
/// }
/// # #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
/// # pub enum Relation {}
/// # impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # fn main() -> Result<(), seachange::source::entities::EntityError> {
/// let schema = seachange::entities![task].schema()?;
/// let facts: Vec<String> =
///     seachange::schema::facts(&schema).iter().map(ToString::to_string).collect();
/// assert!(facts.contains(&"tasks index idx-tasks-status-priority (status, priority desc)".into()));
/// # Ok(())
/// # }
/// ```
pub trait TableExtras: EntityTrait {
    /// Adds to what the entity's attributes declare.
    fn extras(table: &mut Extras<Self::Column>);
}

/// A table as the entity's attributes declare it, to be added to. `C` is the entity's `Column`.
///
/// Conditions and expressions may name columns either way, `Column::Priority.gt(0)` or
/// `Expr::col(Column::Priority).gt(0)`.
#[derive(Debug)]
pub struct Extras<C> {
    table: Table,
    missing_key: Option<Vec<String>>,
    columns: PhantomData<C>,
}

impl<C: ColumnTrait> Extras<C> {
    pub(super) fn new(table: Table) -> Self {
        Self {
            table,
            missing_key: None,
            columns: PhantomData,
        }
    }

    pub(super) fn into_table(self, entity: &str) -> Result<Table, EntityError> {
        match self.missing_key {
            Some(columns) => Err(EntityError::NoForeignKey {
                entity: entity.to_owned(),
                columns,
            }),
            None => Ok(self.table),
        }
    }

    /// Adds an index, called `idx-<table>-<column>-<column>` unless it is given another name.
    /// With no column, an expression has to follow.
    pub fn index(&mut self, columns: impl IntoIterator<Item = C>) -> IndexOptions<'_, C> {
        self.table.indexes.push(Index::new("", names(columns)));
        let options = IndexOptions {
            table: &self.table.name,
            // It was pushed on the line before.
            index: self.table.indexes.last_mut(),
            named: false,
            columns: PhantomData,
        };
        options.changed(|_| ())
    }

    /// Adds a unique constraint. (`unique` and `unique_key` of `#[sea_orm]` make one without a
    /// name, and a unique index.)
    pub fn unique(
        &mut self,
        name: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> UniqueOptions<'_> {
        self.table.uniques.push(Unique {
            name: Some(name.into()),
            columns: names(columns),
            ..Unique::default()
        });
        UniqueOptions(self.table.uniques.last_mut())
    }

    /// Adds a check.
    pub fn check(&mut self, name: impl Into<String>, condition: impl Into<Expr>) {
        let expr = unqualified(&condition.into(), &self.table.name);
        self.table.checks.push(Check {
            name: Some(name.into()),
            expr,
        });
    }

    /// Adds an exclusion constraint: no two rows for which all operators say yes (PostgreSQL). Say
    /// what they compare with `.column(…)` and `.expression(…)`.
    pub fn exclusion(&mut self, name: impl Into<String>) -> ExclusionOptions<'_, C> {
        self.table.exclusions.push(Exclusion::new(name));
        ExclusionOptions {
            table: &self.table.name,
            exclusion: self.table.exclusions.last_mut(),
            columns: PhantomData,
        }
    }

    /// Says more about the foreign key that a relation makes on these columns.
    pub fn foreign_key(&mut self, columns: impl IntoIterator<Item = C>) -> ForeignKeyOptions<'_> {
        let columns = names(columns);
        let key = self
            .table
            .foreign_keys
            .iter_mut()
            .find(|key| key.columns == columns);
        if key.is_none() {
            self.missing_key.get_or_insert(columns);
        }
        ForeignKeyOptions(key)
    }

    /// Names the primary key, and says more about it.
    pub fn primary_key(&mut self) -> PrimaryKeyOptions<'_> {
        PrimaryKeyOptions(self.table.primary_key.as_mut())
    }

    /// Lets the engine number the rows in this way (PostgreSQL), of a column that is no key too.
    ///
    /// ```
    /// # mod task {
    /// # use sea_orm::entity::prelude::*;
    /// # use seachange::{Extras, Numbering, TableExtras};
    /// # #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    /// # #[sea_orm(table_name = "tasks")]
    /// # pub struct Model {
    /// #     #[sea_orm(primary_key)]
    /// #     pub id: i32,
    /// # }
    /// # impl TableExtras for Entity {
    /// #     fn extras(table: &mut Extras<Column>) {
    /// table.numbering(Column::Id, Numbering::identity().always().start(1000));
    /// #     }
    /// # }
    /// # #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    /// # pub enum Relation {}
    /// # impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # fn main() {}
    /// ```
    pub fn numbering(&mut self, column: C, numbering: Numbering) {
        if let Some(column) = self.table.column_mut(column.as_str()) {
            column.auto_increment = true;
            column.nullable = false;
            column.numbering = Some(numbering);
        }
    }

    /// Gives a column a collation.
    pub fn collation(&mut self, column: C, collation: impl Into<String>) {
        if let Some(column) = self.table.column_mut(column.as_str()) {
            column.collation = Some(collation.into());
        }
    }

    /// Lets the engine compute a column when a row is written.
    pub fn generated_stored(&mut self, column: C, expr: impl Into<Expr>) {
        self.generated(column, &expr.into(), true);
    }

    /// Lets the engine compute a column when a row is read (SQLite, MySQL, PostgreSQL 18).
    pub fn generated_virtual(&mut self, column: C, expr: impl Into<Expr>) {
        self.generated(column, &expr.into(), false);
    }

    fn generated(&mut self, column: C, expr: &Expr, stored: bool) {
        let expr = unqualified(expr, &self.table.name);
        if let Some(column) = self.table.column_mut(column.as_str()) {
            column.generated = Some(Generated { expr, stored });
        }
    }

    /// Gives the table a comment.
    pub fn comment(&mut self, comment: impl Into<String>) {
        self.table.comment = Some(comment.into());
    }

    /// Gives a column a comment.
    pub fn column_comment(&mut self, column: C, comment: impl Into<String>) {
        if let Some(column) = self.table.column_mut(column.as_str()) {
            column.comment = Some(comment.into());
        }
    }

    /// Says that a value of the column's enum was called otherwise before, so that the rows which
    /// hold it keep it under its new name: `table.renamed_enum_value(Column::Status, "done",
    /// "finished")`. Once is enough for an enum that several columns use.
    pub fn renamed_enum_value(
        &mut self,
        column: C,
        from: impl Into<String>,
        to: impl Into<String>,
    ) {
        if let Some(column) = self.table.column_mut(column.as_str()) {
            let renamed = (from.into(), to.into());
            column.enum_hints.renamed_values.push(renamed);
        }
    }

    /// Says what the type of the column's enum was called before, so that it is renamed and not
    /// made anew.
    pub fn renamed_enum(&mut self, column: C, from: impl Into<Name>) {
        if let Some(column) = self.table.column_mut(column.as_str()) {
            column.enum_hints.renamed_from = Some(from.into());
        }
    }

    /// Says what the table was called before, so that it is renamed and not made anew. (A column
    /// says it with `#[sea_orm(renamed_from = "…")]`.)
    pub fn renamed_from(&mut self, name: impl Into<Name>) {
        self.table.renamed_from = Some(name.into());
    }
}

/// Options of a new index.
#[derive(Debug)]
pub struct IndexOptions<'a, C> {
    table: &'a Name,
    index: Option<&'a mut Index>,
    named: bool,
    columns: PhantomData<C>,
}

impl<C: ColumnTrait> IndexOptions<'_, C> {
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

    /// Uses another operator class for this column (PostgreSQL: `gin_trgm_ops`, …).
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
}

/// What can be said about a primary key.
#[derive(Debug)]
pub struct PrimaryKeyOptions<'a>(Option<&'a mut PrimaryKey>);

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
pub struct UniqueOptions<'a>(Option<&'a mut Unique>);

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
pub struct ForeignKeyOptions<'a>(Option<&'a mut ForeignKey>);

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

fn names<C: ColumnTrait>(columns: impl IntoIterator<Item = C>) -> Vec<String> {
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

/// The expression as SQL, where the table's own columns stand without the table: `ColumnTrait`'s
/// methods write `"tasks"."priority"`, which no longer holds when the table is renamed or rebuilt.
pub(super) fn unqualified(expr: &Expr, table: &Name) -> String {
    let sql = expr_sql(expr);
    let prefix = format!("{}.", crate::dialect::quote(&table.name));
    let mut out = String::with_capacity(sql.len());
    // Strings are copied as they are: every second piece is inside one, since a quote within a
    // string is doubled.
    for (at, piece) in sql.split('\'').enumerate() {
        if at > 0 {
            out.push('\'');
        }
        if at % 2 == 0 {
            out.push_str(&piece.replace(&prefix, ""));
        } else {
            out.push_str(piece);
        }
    }
    out
}
