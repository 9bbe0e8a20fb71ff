//! The recorder that a revision writes its steps to.

use std::panic::Location;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::{ColumnDef, Expr, ForeignKeyCreateStatement, TableCreateStatement, Value};

use super::constraints::{
    CreateForeignKey, CreateIndex, CreatePrimaryKey, CreateUnique, DropCheck, DropForeignKey,
    DropUnique,
};
use super::exclusion::CreateExclusion;
use super::options::{AddColumn, AlterColumn, Backfill, CreateTable, Creates, Removes};
use super::table_options::AlterTable;
use super::{BackfillSpec, CheckTarget, Op, Run, RunFuture, Target};
use crate::schema::{
    Check, Engine, EnumType, Exclusion, Index, Name, PrimaryKey, Unique, UnreadableError, convert,
    expr_sql,
};

/// One recorded operation and where it was written.
#[derive(Clone, Debug)]
pub struct Step {
    /// The operation.
    pub op: Op,
    /// The source line that recorded it.
    pub line: u32,
    /// Passes over what is done already, as [`done_when`](super::done_when) says.
    pub guarded: bool,
}

impl From<Op> for Step {
    /// A step that was made elsewhere, by a diff for example. It has no line.
    fn from(op: Op) -> Self {
        Self {
            op,
            line: 0,
            guarded: false,
        }
    }
}

/// The steps of a revision, in order.
///
/// A revision *records* what is to be done; nothing runs here. So the whole list is known before
/// the first statement: what it would lose, where it can be resumed, what SQL it is.
///
/// ```
/// use sea_orm_migration::{prelude::*, schema::*};
/// use seachange::Operations;
///
/// let mut op = Operations::default();
/// op.add_column("tasks", small_integer("priority").default(0));
/// op.create_index("idx-tasks-priority", "tasks", ["priority"]);
/// assert_eq!(op.steps().len(), 2);
/// ```
#[derive(Debug, Default)]
pub struct Operations {
    steps: Vec<Step>,
    errors: Vec<(u32, UnreadableError)>,
}

impl Extend<Step> for Operations {
    /// Records steps that were made elsewhere.
    fn extend<I: IntoIterator<Item = Step>>(&mut self, steps: I) {
        self.steps.extend(steps);
    }
}

impl Operations {
    /// What was recorded.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The steps, or the first definition that could not be read and its line.
    ///
    /// # Errors
    ///
    /// A definition holds something that sea-query does not let anyone read back; the error says
    /// what to write instead.
    pub fn into_steps(self) -> Result<Vec<Step>, (u32, UnreadableError)> {
        match self.errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(self.steps),
        }
    }

    #[track_caller]
    pub(super) fn push(&mut self, op: Op) -> &mut Step {
        let line = Location::caller().line();
        self.steps.push(Step {
            line,
            ..Step::from(op)
        });
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    #[track_caller]
    fn fail(&mut self, error: UnreadableError) {
        self.errors.push((Location::caller().line(), error));
    }

    /// Creates a named enum type (Alembic: `sa.Enum(…).create`). Engines without named enums pass
    /// over it: there the column holds the list, or plain text.
    #[track_caller]
    pub fn create_enum<V: Into<String>>(
        &mut self,
        name: impl Into<Name>,
        values: impl IntoIterator<Item = V>,
    ) -> Creates<'_> {
        Creates(self.push(Op::CreateEnum(EnumType {
            name: name.into(),
            values: values.into_iter().map(Into::into).collect(),
        })))
    }

    /// Drops a named enum type.
    #[track_caller]
    pub fn drop_enum(&mut self, name: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::DropEnum {
            name: name.into(),
            before: None,
        }))
    }

    /// Creates a schema (a namespace) if it is not there. Engines without them pass over it.
    #[track_caller]
    pub fn create_schema(&mut self, name: impl Into<String>) {
        self.push(Op::CreateSchema { name: name.into() });
    }

    /// Drops a schema (a namespace) if nothing is left in it and it belongs to the role.
    #[track_caller]
    pub fn drop_schema(&mut self, name: impl Into<String>) {
        self.push(Op::DropSchema { name: name.into() });
    }

    /// Creates a table (Alembic: `op.create_table`). Indexes follow as steps of their own.
    #[track_caller]
    pub fn create_table(&mut self, table: TableCreateStatement) -> CreateTable<'_> {
        let op = match convert::table(&table) {
            Ok(table) => Some(self.push(Op::CreateTable {
                table: Box::new(table),
            })),
            Err(error) => {
                self.fail(error);
                None
            }
        };
        CreateTable(op)
    }

    /// Drops a table (Alembic: `op.drop_table`).
    #[track_caller]
    pub fn drop_table(&mut self, table: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::DropTable {
            name: table.into(),
            before: None,
        }))
    }

    /// Renames a table (Alembic: `op.rename_table`). Indexes and keys keep their names.
    #[track_caller]
    pub fn rename_table(&mut self, from: impl Into<Name>, to: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::RenameTable {
            from: from.into(),
            to: to.into(),
        }))
    }

    /// Sets a table's comment, or removes it with `None` (Alembic: `op.create_table_comment`).
    /// SQLite has no comments and passes over it.
    #[track_caller]
    pub fn comment_table(&mut self, table: impl Into<Name>, comment: Option<&str>) {
        self.push(Op::CommentTable {
            table: table.into(),
            comment: comment.map(str::to_owned),
            before: None,
        });
    }

    /// Changes how engines keep a table; say what with the methods of the returned value. What is not
    /// said stays as it is.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.alter_table("hits").set_unlogged().set_storage("fillfactor", 70);
    /// op.alter_table("hits").set_strict();
    /// ```
    #[track_caller]
    pub fn alter_table(&mut self, table: impl Into<Name>) -> AlterTable<'_> {
        AlterTable(self.push(Op::AlterTable {
            table: table.into(),
            change: Box::default(),
            before: None,
        }))
    }

    /// Adds a column (Alembic: `op.add_column`). `unique_key()` and `check(…)` of the definition
    /// become steps of their own.
    #[track_caller]
    pub fn add_column(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<ColumnDef>,
    ) -> AddColumn<'_> {
        let table = table.into();
        let parts = match convert::column(&column.into()) {
            Ok(parts) => parts,
            Err(error) => {
                self.fail(error);
                return AddColumn(&mut []);
            }
        };
        let at = self.steps.len();
        let name = parts.column.name.clone();
        self.push(Op::AddColumn {
            table: table.clone(),
            column: Box::new(parts.column),
        });
        if parts.unique {
            self.push(Op::AddUnique {
                table: table.clone(),
                unique: Unique {
                    name: None,
                    columns: vec![name],
                    ..Unique::default()
                },
            });
        }
        if let Some(expr) = parts.check {
            self.push(Op::AddCheck {
                table,
                check: Check {
                    name: None,
                    expr,
                    only: None,
                },
            });
        }
        AddColumn(&mut self.steps[at..])
    }

    /// Drops a column (Alembic: `op.drop_column`).
    #[track_caller]
    pub fn drop_column(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<String>,
    ) -> Removes<'_> {
        Removes(self.push(Op::DropColumn {
            table: table.into(),
            column: column.into(),
            before: None,
        }))
    }

    /// Renames a column; its values stay (Alembic: `op.alter_column(new_column_name=…)`).
    #[track_caller]
    pub fn rename_column(
        &mut self,
        table: impl Into<Name>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Removes<'_> {
        Removes(self.push(Op::RenameColumn {
            table: table.into(),
            from: from.into(),
            to: to.into(),
        }))
    }

    /// Changes a column in place; say what with the methods of the returned value (Alembic:
    /// `op.alter_column`). What is not said stays as it is.
    #[track_caller]
    pub fn alter_column(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<String>,
    ) -> AlterColumn<'_> {
        AlterColumn(self.push(Op::AlterColumn {
            table: table.into(),
            column: column.into(),
            change: Box::default(),
            before: None,
        }))
    }

    /// Adds a primary key (Alembic: `op.create_primary_key`).
    #[track_caller]
    pub fn create_primary_key<C: Into<String>>(
        &mut self,
        table: impl Into<Name>,
        columns: impl IntoIterator<Item = C>,
    ) -> CreatePrimaryKey<'_> {
        CreatePrimaryKey(self.push(Op::AddPrimaryKey {
            table: table.into(),
            key: PrimaryKey {
                name: None,
                columns: columns.into_iter().map(Into::into).collect(),
                ..PrimaryKey::default()
            },
        }))
    }

    /// Drops the primary key.
    #[track_caller]
    pub fn drop_primary_key(&mut self, table: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::DropPrimaryKey {
            table: table.into(),
            before: None,
        }))
    }

    /// Adds a unique constraint (Alembic: `op.create_unique_constraint`). An empty name leaves the
    /// name to the engine.
    #[track_caller]
    pub fn create_unique<C: Into<String>>(
        &mut self,
        name: &str,
        table: impl Into<Name>,
        columns: impl IntoIterator<Item = C>,
    ) -> CreateUnique<'_> {
        CreateUnique(self.push(Op::AddUnique {
            table: table.into(),
            unique: Unique {
                name: some_name(name),
                columns: columns.into_iter().map(Into::into).collect(),
                ..Unique::default()
            },
        }))
    }

    /// Drops a unique constraint. Say `.columns(…)` too, so that engines which keep no name, or
    /// chose another one, find it.
    #[track_caller]
    pub fn drop_unique(&mut self, name: &str, table: impl Into<Name>) -> DropUnique<'_> {
        DropUnique(self.push(Op::DropUnique {
            table: table.into(),
            target: Target {
                name: some_name(name),
                ..Target::default()
            },
            before: None,
        }))
    }

    /// Creates an index (Alembic: `op.create_index`).
    #[track_caller]
    pub fn create_index<C: Into<String>>(
        &mut self,
        name: impl Into<String>,
        table: impl Into<Name>,
        columns: impl IntoIterator<Item = C>,
    ) -> CreateIndex<'_> {
        CreateIndex(self.push(Op::CreateIndex {
            table: table.into(),
            index: Box::new(Index::new(name, columns)),
        }))
    }

    /// Creates an index whose key begins with an expression, as SQL.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.create_expression_index("ix_users_email", "users", "lower(email)")
    ///     .column("tenant_id")
    ///     .unique();
    /// ```
    #[track_caller]
    pub fn create_expression_index(
        &mut self,
        name: impl Into<String>,
        table: impl Into<Name>,
        sql: impl Into<String>,
    ) -> CreateIndex<'_> {
        self.create_index(name, table, [] as [&str; 0])
            .expression(sql)
    }

    /// Drops an index (Alembic: `op.drop_index`).
    #[track_caller]
    pub fn drop_index(&mut self, name: impl Into<String>, table: impl Into<Name>) -> Removes<'_> {
        Removes(self.push(Op::DropIndex {
            table: table.into(),
            name: name.into(),
            only: None,
            before: None,
        }))
    }

    /// Adds a foreign key (Alembic: `op.create_foreign_key`); the statement's `from` names the
    /// table.
    #[track_caller]
    pub fn create_foreign_key(&mut self, key: ForeignKeyCreateStatement) -> CreateForeignKey<'_> {
        let (table, key) = convert::foreign_key(&key);
        CreateForeignKey(match table {
            Some(table) => Some(self.push(Op::AddForeignKey {
                table,
                key: Box::new(key),
            })),
            None => {
                self.fail(UnreadableError::no_table(key.name.as_deref()));
                None
            }
        })
    }

    /// Drops a foreign key. Say `.columns(…)` too, so that engines which keep no name find it.
    #[track_caller]
    pub fn drop_foreign_key(&mut self, name: &str, table: impl Into<Name>) -> DropForeignKey<'_> {
        DropForeignKey(self.push(Op::DropForeignKey {
            table: table.into(),
            target: Target {
                name: some_name(name),
                ..Target::default()
            },
            before: None,
        }))
    }

    /// Adds a check constraint (Alembic: `op.create_check_constraint`).
    #[track_caller]
    pub fn create_check(
        &mut self,
        name: &str,
        table: impl Into<Name>,
        condition: impl Into<Expr>,
    ) -> Creates<'_> {
        Creates(self.push(Op::AddCheck {
            table: table.into(),
            check: Check {
                name: some_name(name),
                expr: expr_sql(&condition.into()),
                only: None,
            },
        }))
    }

    /// Drops a check constraint. One without a name of its own (`""`) is found by its
    /// `.condition(…)`.
    #[track_caller]
    pub fn drop_check(&mut self, name: &str, table: impl Into<Name>) -> DropCheck<'_> {
        DropCheck(self.push(Op::DropCheck {
            table: table.into(),
            target: CheckTarget {
                name: some_name(name),
                ..CheckTarget::default()
            },
            before: None,
        }))
    }

    /// Adds an exclusion constraint (PostgreSQL; Alembic: `op.create_exclude_constraint`); say what
    /// it compares with `.column(…)` and `.expression(…)`. Other engines pass over it.
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.create_exclusion("no-overlap", "bookings")
    ///     .method("gist")
    ///     .column("room", "=")
    ///     .column("during", "&&");
    /// ```
    #[track_caller]
    pub fn create_exclusion(
        &mut self,
        name: impl Into<String>,
        table: impl Into<Name>,
    ) -> CreateExclusion<'_> {
        CreateExclusion(self.push(Op::AddExclusion {
            table: table.into(),
            exclusion: Box::new(Exclusion::new(name)),
        }))
    }

    /// Drops an exclusion constraint.
    #[track_caller]
    pub fn drop_exclusion(
        &mut self,
        name: impl Into<String>,
        table: impl Into<Name>,
    ) -> Removes<'_> {
        Removes(self.push(Op::DropExclusion {
            table: table.into(),
            name: name.into(),
            only: None,
            before: None,
        }))
    }

    /// Runs SQL on every engine (Alembic: `op.execute`).
    #[track_caller]
    pub fn execute(&mut self, sql: impl Into<String>) {
        self.push(Op::Execute {
            sql: sql.into(),
            only: None,
        });
    }

    /// Runs SQL on one engine; the others pass over it.
    #[track_caller]
    pub fn execute_on(&mut self, engine: Engine, sql: impl Into<String>) {
        self.push(Op::Execute {
            sql: sql.into(),
            only: Some(engine),
        });
    }

    /// Inserts rows (Alembic: `op.bulk_insert`).
    ///
    /// ```
    /// # let mut op = seachange::Operations::default();
    /// op.bulk_insert("tags", ["name", "position"], [
    ///     ["bug".into(), 1.into()],
    ///     ["idea".into(), 2.into()],
    /// ]);
    /// ```
    #[track_caller]
    pub fn bulk_insert<C: Into<String>, R: IntoIterator<Item = Value>>(
        &mut self,
        table: impl Into<Name>,
        columns: impl IntoIterator<Item = C>,
        rows: impl IntoIterator<Item = R>,
    ) {
        self.push(Op::BulkInsert {
            table: table.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: rows
                .into_iter()
                .map(|row| row.into_iter().collect())
                .collect(),
        });
    }

    /// Deletes the rows whose column holds one of these values: the way down of
    /// [`bulk_insert`](Self::bulk_insert).
    #[track_caller]
    pub fn delete_rows<V: Into<Value>>(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) {
        self.push(Op::DeleteRows {
            table: table.into(),
            column: column.into(),
            values: values.into_iter().map(Into::into).collect(),
        });
    }

    /// Fills columns of existing rows, batch by batch in the order of the primary key. Each batch
    /// is committed, so it is a segment of its own: readers do not wait, and a run that was cut off
    /// goes on.
    ///
    /// ```
    /// # use sea_orm_migration::prelude::*;
    /// # let mut op = seachange::Operations::default();
    /// op.backfill("users")
    ///     .set("full_name", Expr::cust("first_name || ' ' || last_name"))
    ///     .only_where(Expr::col("full_name").is_null())
    ///     .batch(1_000);
    /// ```
    #[track_caller]
    pub fn backfill(&mut self, table: impl Into<Name>) -> Backfill<'_> {
        Backfill(self.push(Op::Backfill(Box::new(BackfillSpec {
            table: table.into(),
            set: Vec::new(),
            filter: None,
            batch: 1_000,
        }))))
    }

    /// Runs code in a transaction (Alembic: `op.get_bind()`). Nothing can look into it: a dry run
    /// prints `why` in its place.
    ///
    /// ```
    /// # use sea_orm_migration::prelude::*;
    /// # let mut op = seachange::Operations::default();
    /// op.run("normalise e-mail addresses", |db| {
    ///     Box::pin(async move {
    ///         db.execute_unprepared("update users set email = lower(email)").await?;
    ///         Ok(())
    ///     })
    /// });
    /// ```
    #[track_caller]
    pub fn run<F>(&mut self, why: impl Into<String>, body: F)
    where
        F: for<'a> Fn(&'a DatabaseTransaction) -> RunFuture<'a> + Send + Sync + 'static,
    {
        self.push(Op::Run(Run {
            why: why.into(),
            body: Arc::new(body),
        }));
    }
}

pub(super) fn some_name(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}
