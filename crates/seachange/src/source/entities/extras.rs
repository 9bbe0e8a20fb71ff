//! What `#[sea_orm]` cannot say about a table.

use std::marker::PhantomData;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait};

use super::EntityError;
use super::exclusion::ExclusionOptions;
use super::on::On;
use super::options::{ForeignKeyOptions, IndexOptions, PrimaryKeyOptions, UniqueOptions, names};
use crate::schema::{Engine, Name, Numbering, Table, expr_sql};

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

    pub(super) fn into_table(mut self, entity: &str) -> Result<Table, EntityError> {
        match self.missing_key {
            Some(columns) => Err(EntityError::NoForeignKey {
                entity: entity.to_owned(),
                columns,
            }),
            None => {
                for column in &mut self.table.columns {
                    column.tidy();
                }
                Ok(self.table)
            }
        }
    }

    /// Adds to what one engine gets: an index of a kind that only it has, a check in its own
    /// words. The others are not told of it, and do not look for it.
    ///
    /// ```
    /// # mod note {
    /// # use sea_orm::entity::prelude::*;
    /// # use sea_orm::sea_query::Expr;
    /// # use seachange::{Engine, Extras, TableExtras};
    /// # #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// # #[sea_orm(table_name = "notes")]
    /// # pub struct Model {
    /// #     #[sea_orm(primary_key)]
    /// #     pub id: i32,
    /// #     pub code: String,
    /// #     #[sea_orm(column_type = "JsonBinary")]
    /// #     pub labels: Json,
    /// # }
    /// # impl TableExtras for Entity {
    /// #     fn extras(table: &mut Extras<Column>) {
    /// table.on(Engine::Postgres).index([Column::Labels]).method("gin");
    /// table.on(Engine::Postgres).check("ck-notes-code", Expr::cust("code ~ '^[A-Z]+$'"));
    /// table.on(Engine::Sqlite).check("ck-notes-code", Expr::cust("code NOT GLOB '*[^A-Z]*'"));
    /// #     }
    /// # }
    /// # #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    /// # pub enum Relation {}
    /// # impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # fn main() {}
    /// ```
    pub fn on(&mut self, engine: Engine) -> On<'_, C> {
        On {
            table: &mut self.table,
            only: Some(engine),
            columns: PhantomData,
        }
    }

    fn everywhere(&mut self) -> On<'_, C> {
        On {
            table: &mut self.table,
            only: None,
            columns: PhantomData,
        }
    }

    /// Adds an index, called `idx-<table>-<column>-<column>` unless it is given another name.
    /// With no column, an expression has to follow.
    pub fn index(&mut self, columns: impl IntoIterator<Item = C>) -> IndexOptions<'_, C> {
        self.everywhere().index(columns)
    }

    /// Adds a unique constraint. (`unique` and `unique_key` of `#[sea_orm]` make one without a
    /// name, and a unique index.)
    pub fn unique(
        &mut self,
        name: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> UniqueOptions<'_> {
        self.everywhere().unique(name, columns)
    }

    /// Adds a check.
    pub fn check(&mut self, name: impl Into<String>, condition: impl Into<Expr>) {
        self.everywhere().check(name, condition);
    }

    /// Adds an exclusion constraint: no two rows for which all operators say yes (PostgreSQL). Say
    /// what they compare with `.column(…)` and `.expression(…)`.
    pub fn exclusion(&mut self, name: impl Into<String>) -> ExclusionOptions<'_, C> {
        self.everywhere().exclusion(name)
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
        self.everywhere().collation(column, collation);
    }

    /// Lets the engine compute a column when a row is written.
    pub fn generated_stored(&mut self, column: C, expr: impl Into<Expr>) {
        self.everywhere().generated_stored(column, expr);
    }

    /// Lets the engine compute a column when a row is read (SQLite, MySQL, PostgreSQL 18).
    pub fn generated_virtual(&mut self, column: C, expr: impl Into<Expr>) {
        self.everywhere().generated_virtual(column, expr);
    }

    /// Writes nothing of the table to the log: a crash of the server empties it (`UNLOGGED`;
    /// PostgreSQL).
    ///
    /// How a table is kept is always said to one engine, and the others are not told of it:
    ///
    /// ```
    /// # mod hit {
    /// # use sea_orm::entity::prelude::*;
    /// # use seachange::{Extras, TableExtras};
    /// # #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    /// # #[sea_orm(table_name = "hits")]
    /// # pub struct Model {
    /// #     #[sea_orm(primary_key, auto_increment = false)]
    /// #     pub url: String,
    /// # }
    /// # impl TableExtras for Entity {
    /// #     fn extras(table: &mut Extras<Column>) {
    /// // PostgreSQL
    /// table.unlogged();
    /// table.storage("fillfactor", 70);
    /// // SQLite
    /// table.strict();
    /// table.without_rowid();
    /// #     }
    /// # }
    /// # #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    /// # pub enum Relation {}
    /// # impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # fn main() {}
    /// ```
    pub fn unlogged(&mut self) {
        self.table.options.unlogged = true;
    }

    /// Sets a storage parameter of the table: `fillfactor`, `toast.autovacuum_enabled`, …
    /// (PostgreSQL).
    pub fn storage(&mut self, parameter: impl Into<String>, setting: impl ToString) {
        let storage = &mut self.table.options.storage;
        storage.insert(parameter.into(), setting.to_string());
    }

    /// Puts the table in a tablespace (PostgreSQL).
    pub fn tablespace(&mut self, tablespace: impl Into<String>) {
        self.table.options.tablespace = Some(tablespace.into());
    }

    /// Holds columns to values of their type (`STRICT`; SQLite). SQLite spells the types of such a
    /// table otherwise, and SeaORM reads and writes them all the same.
    pub fn strict(&mut self) {
        self.table.options.strict = true;
    }

    /// Keeps rows by their primary key alone (`WITHOUT ROWID`; SQLite).
    pub fn without_rowid(&mut self) {
        self.table.options.without_rowid = true;
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
