//! The verbs: one closed list of operations that everything else reads.
//!
//! The diff makes [`Op`]s; rendering a module, running a revision, its way down, `check` and lint
//! all read that same list.

mod apply;
mod constraints;
mod describe;
mod effects;
mod enums;
mod evolve;
mod exclusion;
mod guard;
mod inverse;
mod keys;
mod message;
mod only;
mod operations;
mod options;
mod rewrite;
mod sequence;
mod table_options;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, Value};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::schema::{
    Check, Column, DefaultValue, Engine, EnumType, Exclusion, ForeignKey, Generated, Index, Kind,
    Name, Numbering, PrimaryKey, Sequence, Table, TableOptions, Type, Unique, Variant,
};

pub use apply::apply;
pub use constraints::{
    CreateForeignKey, CreateIndex, CreatePrimaryKey, CreateUnique, DropCheck, DropForeignKey,
    DropUnique,
};
pub use describe::{describe, destroys};
pub use effects::{
    adds_enum_value, breaks, is_alone, locks, needs_segments, refused, risks, runs_outside,
};
pub use enums::{EnumUse, ValuePlace, uses_of};
pub use evolve::{AddEnumValue, ChangeEnum, RenameConstraint};
pub use exclusion::CreateExclusion;
pub use guard::{On, Part, Thing, can_be_guarded, done_when, has_part, is_done};
pub use inverse::{computed_anew, inverse};
pub use keys::keys;
pub use message::message;
use only::is_for;
pub use only::on;
pub use operations::{Operations, Step};
pub use options::{AddColumn, AlterColumn, Backfill, CreateTable, Creates, Removes};
pub(crate) use rewrite::{is_reserved, mentions, mentions_sequence, relation, takes_number};
pub(crate) use sequence::takes_from;
pub use table_options::AlterTable;

/// One change of a schema or of its rows.
///
/// `before` is what the operation takes away. It is known for generated operations and `None` for
/// hand-written ones.
#[derive(Clone, Debug)]
pub enum Op {
    /// Creates a named enum type. Nothing happens on engines without them.
    CreateEnum(EnumType),
    /// Drops a named enum type.
    DropEnum {
        /// The type.
        name: Name,
        /// The type as it was.
        before: Option<EnumType>,
    },
    /// Creates a schema (a namespace) that is not there. Nothing happens on engines without them.
    CreateSchema {
        /// The schema.
        name: String,
    },
    /// Drops a schema (a namespace) if nothing is left in it and it belongs to the role.
    DropSchema {
        /// The schema.
        name: String,
    },
    /// Gives a named enum type a new value. Nothing happens on engines that keep text.
    AddEnumValue {
        /// The type.
        name: Name,
        /// The value.
        value: String,
        /// Where it stands among the others.
        place: ValuePlace,
        /// The columns that use the type.
        used_by: Vec<EnumUse>,
    },
    /// Renames a value of a named enum type, in the rows and defaults that hold it too.
    RenameEnumValue {
        /// The type.
        name: Name,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
        /// The columns that use the type.
        used_by: Vec<EnumUse>,
    },
    /// Takes a value out of a named enum type. Refused while a row holds it.
    RemoveEnumValue {
        /// The type.
        name: Name,
        /// The value.
        value: String,
        /// The columns that use the type.
        used_by: Vec<EnumUse>,
        /// The type's values as they were.
        before: Option<Vec<String>>,
    },
    /// Gives the values of a named enum type another order.
    ReorderEnum {
        /// The type.
        name: Name,
        /// The values in their new order.
        values: Vec<String>,
        /// The columns that use the type.
        used_by: Vec<EnumUse>,
        /// The values in their old order.
        before: Option<Vec<String>>,
    },
    /// Renames an enum type.
    RenameEnum {
        /// The name it has.
        from: Name,
        /// The name it gets.
        to: Name,
    },
    /// Creates a sequence that no column owns. Nothing happens on engines without sequences.
    CreateSequence(Box<Sequence>),
    /// Drops a sequence.
    DropSequence {
        /// The sequence.
        name: Name,
        /// The sequence as it was.
        before: Option<Box<Sequence>>,
    },
    /// Makes a sequence what this one is, and lets no column own it.
    AlterSequence {
        /// The sequence as it shall be.
        sequence: Box<Sequence>,
        /// The sequence as it was.
        before: Option<Box<Sequence>>,
    },
    /// Renames a sequence.
    RenameSequence {
        /// The name it has.
        from: Name,
        /// The name it gets.
        to: Name,
    },
    /// Creates a table with its columns, keys and constraints; its indexes are operations of their
    /// own.
    CreateTable {
        /// The table.
        table: Box<Table>,
    },
    /// Drops a table.
    DropTable {
        /// The table.
        name: Name,
        /// The table as it was.
        before: Option<Box<Table>>,
    },
    /// Renames a table.
    RenameTable {
        /// The name it has.
        from: Name,
        /// The name it gets.
        to: Name,
    },
    /// Sets or removes a table's comment.
    CommentTable {
        /// The table.
        table: Name,
        /// The new comment.
        comment: Option<String>,
        /// The comment as it was: `None` when that is not known.
        before: Option<Option<String>>,
    },
    /// Changes how engines keep a table.
    AlterTable {
        /// The table.
        table: Name,
        /// What changes.
        change: Box<TableChange>,
        /// What was said of it before.
        before: Option<Box<TableOptions>>,
    },
    /// Adds a column, with the single-column constraints of its definition.
    AddColumn {
        /// The table.
        table: Name,
        /// The column.
        column: Box<Column>,
    },
    /// Drops a column.
    DropColumn {
        /// The table.
        table: Name,
        /// The column.
        column: String,
        /// The column as it was.
        before: Option<Box<Column>>,
    },
    /// Renames a column.
    RenameColumn {
        /// The table.
        table: Name,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// Changes a column in place.
    AlterColumn {
        /// The table.
        table: Name,
        /// The column.
        column: String,
        /// What changes.
        change: Box<ColumnChange>,
        /// The column as it was.
        before: Option<Box<Column>>,
    },
    /// Adds a primary key.
    AddPrimaryKey {
        /// The table.
        table: Name,
        /// The key.
        key: PrimaryKey,
    },
    /// Drops the primary key.
    DropPrimaryKey {
        /// The table.
        table: Name,
        /// The key as it was.
        before: Option<PrimaryKey>,
    },
    /// Adds a unique constraint.
    AddUnique {
        /// The table.
        table: Name,
        /// The constraint.
        unique: Unique,
    },
    /// Drops a unique constraint.
    DropUnique {
        /// The table.
        table: Name,
        /// Which one.
        target: Target,
        /// The constraint as it was.
        before: Option<Unique>,
    },
    /// Creates an index.
    CreateIndex {
        /// The table.
        table: Name,
        /// The index.
        index: Box<Index>,
    },
    /// Drops an index.
    DropIndex {
        /// The table.
        table: Name,
        /// The index.
        name: String,
        /// The only engine that has it, if not all have.
        only: Option<Engine>,
        /// The index as it was.
        before: Option<Box<Index>>,
    },
    /// Renames an index.
    RenameIndex {
        /// The table.
        table: Name,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
        /// The only engine that has it, if not all have.
        only: Option<Engine>,
    },
    /// Renames a primary key, a unique constraint, a foreign key, a check or an exclusion
    /// constraint.
    RenameConstraint {
        /// The table.
        table: Name,
        /// What it is; `None` finds it by its name alone.
        kind: Option<Kind>,
        /// Which one.
        target: Target,
        /// The name it gets; `None` is the one that the engine would have chosen.
        to: Option<String>,
    },
    /// Adds a foreign key.
    AddForeignKey {
        /// The owning table.
        table: Name,
        /// The key.
        key: Box<ForeignKey>,
    },
    /// Drops a foreign key.
    DropForeignKey {
        /// The owning table.
        table: Name,
        /// Which one.
        target: Target,
        /// The key as it was.
        before: Option<Box<ForeignKey>>,
    },
    /// Adds a check constraint.
    AddCheck {
        /// The table.
        table: Name,
        /// The constraint.
        check: Check,
    },
    /// Drops a check constraint.
    DropCheck {
        /// The table.
        table: Name,
        /// Which one.
        target: CheckTarget,
        /// The constraint as it was.
        before: Option<Check>,
    },
    /// Adds an exclusion constraint. Nothing happens on engines without them.
    AddExclusion {
        /// The table.
        table: Name,
        /// The constraint.
        exclusion: Box<Exclusion>,
    },
    /// Drops an exclusion constraint by name.
    DropExclusion {
        /// The table.
        table: Name,
        /// The constraint's name.
        name: String,
        /// The only engine that has it, if not all have.
        only: Option<Engine>,
        /// The constraint as it was.
        before: Option<Box<Exclusion>>,
    },
    /// Runs SQL as it stands.
    Execute {
        /// The SQL.
        sql: String,
        /// The only engine it is meant for, if there is one.
        only: Option<Engine>,
    },
    /// Inserts rows.
    BulkInsert {
        /// The table.
        table: Name,
        /// The columns that each row gives.
        columns: Vec<String>,
        /// The rows.
        rows: Vec<Vec<Value>>,
    },
    /// Deletes the rows whose column holds one of some values.
    DeleteRows {
        /// The table.
        table: Name,
        /// The column.
        column: String,
        /// The values.
        values: Vec<Value>,
    },
    /// Fills columns of existing rows, batch by batch, each batch committed.
    Backfill(Box<BackfillSpec>),
    /// Runs code that nothing can look into.
    Run(Run),
}

/// Which constraint to drop. Engines that keep no names find it by its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The constraint's name; `None` when the engine chose it.
    pub name: Option<String>,
    /// The columns that it is on; empty when they are not known.
    pub columns: Vec<String>,
    /// The only engine that has it, if not all have.
    pub only: Option<Engine>,
}

/// Which check to drop: by its name, or where it has none of its own, by what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckTarget {
    /// The constraint's name; `None` when the engine chose it.
    pub name: Option<String>,
    /// The condition, as SQL; `None` when it is not known.
    pub expr: Option<String>,
    /// The only engine that has it, if not all have.
    pub only: Option<Engine>,
}

impl CheckTarget {
    /// The target that finds this check: its name, else its condition.
    pub fn of(check: &Check) -> Self {
        Self {
            name: check.name.clone(),
            expr: match check.name {
                Some(_) => None,
                None => Some(check.expr.clone()),
            },
            only: check.only,
        }
    }

    /// Whether this check is meant.
    pub fn matches(&self, check: &Check) -> bool {
        let meant = match &self.name {
            Some(_) => self.name == check.name,
            None => check.name.is_none() && self.expr.as_ref() == Some(&check.expr),
        };
        meant && is_for(self.only, check.only)
    }
}

/// What changes about a column; `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnChange {
    /// The new type.
    pub ty: Option<Type>,
    /// How PostgreSQL is to convert the values, as SQL.
    pub using: Option<String>,
    /// Whether it may be NULL.
    pub nullable: Option<bool>,
    /// The new default, or none.
    pub default: Option<Option<DefaultValue>>,
    /// Whether the engine numbers the rows.
    pub auto_increment: Option<bool>,
    /// In which way it numbers them, or as the engine likes.
    pub numbering: Option<Option<Numbering>>,
    /// The new collation, or the default one.
    pub collation: Option<Option<String>>,
    /// The new expression that the engine computes it from, or none: then it keeps its values.
    pub generated: Option<Option<Generated>>,
    /// The new comment, or none.
    pub comment: Option<Option<String>>,
    /// What becomes of default, expression and collation on one engine instead; what is `None`
    /// stays there as it is.
    pub variants: BTreeMap<Engine, Variant>,
}

/// What changes about how engines keep a table; `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableChange {
    /// Whether nothing of it is written to the log (PostgreSQL).
    pub unlogged: Option<bool>,
    /// Storage parameters, each with its setting or left to the server (PostgreSQL).
    pub storage: BTreeMap<String, Option<String>>,
    /// The tablespace, or the usual one (PostgreSQL).
    pub tablespace: Option<Option<String>>,
    /// Whether columns hold values of their type only (SQLite).
    pub strict: Option<bool>,
    /// Whether rows have no number besides their key (SQLite).
    pub without_rowid: Option<bool>,
    /// Types of columns, for those that are spelt otherwise once the table is no longer STRICT.
    pub types: Vec<(String, Type)>,
}

/// How existing rows are filled.
#[derive(Clone, Debug)]
pub struct BackfillSpec {
    /// The table.
    pub table: Name,
    /// Columns and the expressions of their values.
    pub set: Vec<(String, Expr)>,
    /// Which rows; it should be false for a row that is filled, so that a second run goes on.
    pub filter: Option<Expr>,
    /// How many rows a batch holds.
    pub batch: u64,
}

/// The future of a [`Run`] step.
pub type RunFuture<'a> = Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>>;

type RunBody = dyn for<'a> Fn(&'a DatabaseTransaction) -> RunFuture<'a> + Send + Sync;

/// Code that runs in a transaction of its revision.
#[derive(Clone)]
pub struct Run {
    /// What it is for; shown wherever SQL would be.
    pub why: String,
    /// The code.
    pub body: Arc<RunBody>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Run").field(&self.why).finish()
    }
}

impl Op {
    /// The table that the operation is about, when it is about one.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Self::CreateTable { table, .. } => Some(&table.name),
            Self::DropTable { name, .. } => Some(name),
            Self::RenameTable { from, .. } => Some(from),
            Self::CommentTable { table, .. }
            | Self::AlterTable { table, .. }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::AlterColumn { table, .. }
            | Self::AddPrimaryKey { table, .. }
            | Self::DropPrimaryKey { table, .. }
            | Self::AddUnique { table, .. }
            | Self::DropUnique { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::RenameConstraint { table, .. }
            | Self::AddForeignKey { table, .. }
            | Self::DropForeignKey { table, .. }
            | Self::AddCheck { table, .. }
            | Self::DropCheck { table, .. }
            | Self::AddExclusion { table, .. }
            | Self::DropExclusion { table, .. }
            | Self::BulkInsert { table, .. }
            | Self::DeleteRows { table, .. } => Some(table),
            Self::Backfill(spec) => Some(&spec.table),
            Self::CreateSchema { .. }
            | Self::DropSchema { .. }
            | Self::CreateEnum(_)
            | Self::DropEnum { .. }
            | Self::AddEnumValue { .. }
            | Self::RenameEnumValue { .. }
            | Self::RemoveEnumValue { .. }
            | Self::ReorderEnum { .. }
            | Self::RenameEnum { .. }
            | Self::CreateSequence(_)
            | Self::DropSequence { .. }
            | Self::AlterSequence { .. }
            | Self::RenameSequence { .. }
            | Self::Execute { .. }
            | Self::Run(_) => None,
        }
    }
}
