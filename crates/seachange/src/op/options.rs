//! What can be said about a step after it is recorded: `op.create_index(…).unique()`.

use sea_orm::sea_query::{ColumnType, Expr};

use super::only::only_on;
use super::operations::some_name;
use super::{BackfillSpec, ColumnChange, Op, Step};
use crate::schema::{
    Check, Column, DefaultValue, Deferrable, Engine, ForeignKey, Generated, Index, IndexKey, KeyOn,
    Numbering, PrimaryKey, Table, Type, Unique, Variant, expr_sql,
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

/// Options of a new primary key.
#[derive(Debug)]
pub struct CreatePrimaryKey<'a>(pub(super) &'a mut Step);

impl CreatePrimaryKey<'_> {
    /// Names the constraint.
    pub fn name(self, name: impl Into<String>) -> Self {
        if let Op::AddPrimaryKey { key, .. } = &mut self.0.op {
            key.name = Some(name.into());
        }
        self
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
        if let Op::AddUnique { unique, .. } = &mut self.0.op {
            unique.nulls_not_distinct = true;
        }
        self
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
