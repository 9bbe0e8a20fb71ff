//! What can be said about a step after it is recorded: `op.create_index(…).unique()`.

use sea_orm::sea_query::{ColumnType, Expr};

use super::only::only_on;
use super::operations::some_name;
use super::{BackfillSpec, ColumnChange, Op, Step};
use crate::schema::{
    Check, Column, DefaultValue, Deferrable, Engine, Generated, Numbering, Table, Type, Variant,
    expr_sql,
};

/// Options of a new table.
#[derive(Debug)]
pub struct CreateTable<'a>(pub(super) Option<&'a mut Step>);

impl CreateTable<'_> {
    fn table(mut self, change: impl FnOnce(&mut Table)) -> Self {
        if let Some(Step {
            op: Op::CreateTable { table },
            ..
        }) = &mut self.0
        {
            change(table);
        }
        self
    }

    /// Adds a check constraint. An empty name leaves the name to the engine.
    pub fn check(self, name: &str, condition: impl Into<Expr>) -> Self {
        let check = Check {
            name: some_name(name),
            expr: expr_sql(&condition.into()),
            only: None,
        };
        self.table(|table| table.checks.push(check))
    }

    /// Gives a column another collation than the default one.
    pub fn collation(self, column: &str, collation: impl Into<String>) -> Self {
        self.table(|table| {
            if let Some(column) = table.column_mut(column) {
                column.collation = Some(collation.into());
            }
        })
    }

    /// Says of a column what one engine gets instead.
    pub fn variant(self, column: &str, engine: Engine, variant: Variant) -> Self {
        self.table(|table| {
            if let Some(column) = table.column_mut(column) {
                column.variants.insert(engine, variant);
            }
        })
    }

    /// Lets the engine number a column in this way (PostgreSQL).
    pub fn numbering(self, column: &str, numbering: Numbering) -> Self {
        self.table(|table| {
            if let Some(column) = table.column_mut(column) {
                column.numbering = Some(numbering);
            }
        })
    }

    /// Writes nothing of it to the log: a crash of the server empties it (PostgreSQL).
    pub fn unlogged(self) -> Self {
        self.table(|table| table.options.unlogged = true)
    }

    /// Sets a storage parameter: `fillfactor`, `toast.autovacuum_enabled`, … (PostgreSQL).
    pub fn storage(self, parameter: impl Into<String>, setting: impl ToString) -> Self {
        self.table(|table| {
            let storage = &mut table.options.storage;
            storage.insert(parameter.into(), setting.to_string());
        })
    }

    /// Puts it in a tablespace (PostgreSQL).
    pub fn tablespace(self, tablespace: impl Into<String>) -> Self {
        self.table(|table| table.options.tablespace = Some(tablespace.into()))
    }

    /// Holds columns to values of their type (SQLite).
    pub fn strict(self) -> Self {
        self.table(|table| table.options.strict = true)
    }

    /// Keeps rows by their primary key alone (SQLite).
    pub fn without_rowid(self) -> Self {
        self.table(|table| table.options.without_rowid = true)
    }

    /// Lets a transaction put off the check of the foreign key on these columns.
    pub fn deferrable<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.defer(columns, Deferrable::Immediate)
    }

    /// Checks the foreign key on these columns at the end of the transaction.
    pub fn initially_deferred<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.defer(columns, Deferrable::Deferred)
    }

    fn defer<C: Into<String>>(
        self,
        columns: impl IntoIterator<Item = C>,
        deferrable: Deferrable,
    ) -> Self {
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        self.table(|table| {
            for key in table
                .foreign_keys
                .iter_mut()
                .filter(|key| key.columns == columns)
            {
                key.deferrable = Some(deferrable);
            }
        })
    }

    /// Passes over a table that is already there.
    pub fn if_not_exists(mut self) -> Self {
        if let Some(step) = &mut self.0 {
            step.guarded = true;
        }
        self
    }
}

/// Options of a new column. Its steps are the column and the constraints of its definition.
#[derive(Debug)]
pub struct AddColumn<'a>(pub(super) &'a mut [Step]);

impl AddColumn<'_> {
    fn column(self, change: impl FnOnce(&mut Column)) -> Self {
        if let [
            Step {
                op: Op::AddColumn { column, .. },
                ..
            },
            ..,
        ] = &mut *self.0
        {
            change(column);
        }
        self
    }

    /// Gives it another collation than the default one.
    pub fn collation(self, collation: impl Into<String>) -> Self {
        self.column(|column| column.collation = Some(collation.into()))
    }

    /// Says what one engine gets instead.
    pub fn variant(self, engine: Engine, variant: Variant) -> Self {
        self.column(|column| {
            column.variants.insert(engine, variant);
        })
    }

    /// Lets the engine number the rows in this way (PostgreSQL).
    pub fn numbering(self, numbering: Numbering) -> Self {
        self.column(|column| column.numbering = Some(numbering))
    }

    /// Passes over a column that is already there.
    pub fn if_not_exists(self) -> Self {
        for step in &mut *self.0 {
            step.guarded = true;
        }
        self
    }
}

/// What changes about a column.
#[derive(Debug)]
pub struct AlterColumn<'a>(pub(super) &'a mut Step);

impl AlterColumn<'_> {
    fn change(self, change: impl FnOnce(&mut ColumnChange)) -> Self {
        if let Op::AlterColumn { change: spec, .. } = &mut self.0.op {
            change(spec);
        }
        self
    }

    /// Gives it another type.
    pub fn set_type(self, ty: ColumnType) -> Self {
        self.change(|change| change.ty = Some(Type::from(&ty)))
    }

    /// Says how PostgreSQL is to convert the values to the new type.
    pub fn using(self, sql: impl Into<String>) -> Self {
        self.change(|change| change.using = Some(sql.into()))
    }

    /// Converts no values where the column has the new type already.
    pub fn if_needed(self) -> Self {
        self.0.guarded = true;
        self
    }

    /// Refuses NULL from now on.
    pub fn set_not_null(self) -> Self {
        self.change(|change| change.nullable = Some(false))
    }

    /// Allows NULL.
    pub fn drop_not_null(self) -> Self {
        self.change(|change| change.nullable = Some(true))
    }

    /// Gives it a default: a value, or an expression such as `Expr::current_timestamp()`.
    pub fn set_default(self, default: impl Into<Expr>) -> Self {
        let default = DefaultValue::from(&default.into());
        self.change(|change| change.default = Some(Some(default)))
    }

    /// Takes its default away.
    pub fn drop_default(self) -> Self {
        self.change(|change| change.default = Some(None))
    }

    /// Lets the engine number the rows, or not.
    pub fn set_auto_increment(self, on: bool) -> Self {
        self.change(|change| change.auto_increment = Some(on))
    }

    /// Lets the engine number the rows in this way (PostgreSQL).
    pub fn set_numbering(self, numbering: Numbering) -> Self {
        self.change(|change| change.numbering = Some(Some(numbering)))
    }

    /// Leaves the way in which rows are numbered to the engine.
    pub fn drop_numbering(self) -> Self {
        self.change(|change| change.numbering = Some(None))
    }

    /// Gives it another collation than the default one.
    pub fn set_collation(self, collation: impl Into<String>) -> Self {
        self.change(|change| change.collation = Some(Some(collation.into())))
    }

    /// Gives it the default collation.
    pub fn drop_collation(self) -> Self {
        self.change(|change| change.collation = Some(None))
    }

    /// Lets the engine compute it, when a row is written (`stored`) or read. Values that it holds
    /// are lost.
    pub fn set_generated(self, expr: impl Into<Expr>, stored: bool) -> Self {
        let expr = expr_sql(&expr.into());
        self.change(|change| change.generated = Some(Some(Generated { expr, stored })))
    }

    /// Makes a plain column of a computed one; it keeps the values.
    pub fn drop_generated(self) -> Self {
        self.change(|change| change.generated = Some(None))
    }

    /// Says what becomes of default, expression and collation on one engine instead; what it does
    /// not say of them stays there as it is.
    pub fn variant(self, engine: Engine, variant: Variant) -> Self {
        self.change(|change| {
            change.variants.insert(engine, variant);
        })
    }

    /// Sets its comment, or removes it with `None`.
    pub fn set_comment(self, comment: Option<&str>) -> Self {
        self.change(|change| change.comment = Some(comment.map(str::to_owned)))
    }
}

/// What can be said about a step that makes something.
#[derive(Debug)]
pub struct Creates<'a>(pub(super) &'a mut Step);

impl Creates<'_> {
    /// Makes it on this engine; the others pass over it, and it is not looked for there.
    pub fn only_on(self, engine: Engine) -> Self {
        only_on(self.0, engine);
        self
    }

    /// Passes over what is already there.
    pub fn if_not_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// What can be said about a step that takes something away or gives it another name.
#[derive(Debug)]
pub struct Removes<'a>(pub(super) &'a mut Step);

impl Removes<'_> {
    /// Does it on this engine; the others pass over it.
    pub fn only_on(self, engine: Engine) -> Self {
        only_on(self.0, engine);
        self
    }

    /// Passes over what is not there any more; of a new name, over what has it already.
    pub fn if_exists(self) -> Self {
        self.0.guarded = true;
        self
    }
}

/// How rows are filled.
#[derive(Debug)]
pub struct Backfill<'a>(pub(super) &'a mut Step);

impl Backfill<'_> {
    fn spec(self, change: impl FnOnce(&mut BackfillSpec)) -> Self {
        if let Op::Backfill(spec) = &mut self.0.op {
            change(spec);
        }
        self
    }

    /// Gives a column the value of an expression.
    pub fn set(self, column: impl Into<String>, value: impl Into<Expr>) -> Self {
        self.spec(|spec| spec.set.push((column.into(), value.into())))
    }

    /// Fills only these rows. It should be false for a row that is filled.
    pub fn only_where(self, condition: impl Into<Expr>) -> Self {
        self.spec(|spec| spec.filter = Some(condition.into()))
    }

    /// How many rows a batch holds; 1,000 unless said.
    pub fn batch(self, rows: u64) -> Self {
        self.spec(|spec| spec.batch = rows.max(1))
    }
}
