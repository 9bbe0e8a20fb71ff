//! Guards: what a step looks for that passes over what is done already.

use super::{CheckTarget, Op};
use crate::schema::{Check, Kind, Name, Schema, Table, Unique};

/// Something that is in a database, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing<'a> {
    /// A named enum type.
    Enum(&'a Name),
    /// A value of a named enum type.
    EnumValue(&'a Name, &'a str),
    /// A sequence that no column owns.
    Sequence(&'a Name),
    /// A table.
    Table(&'a Name),
    /// A part of a table.
    Part(&'a Name, Part<'a>),
}

/// Something that is on a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A column.
    Column(&'a str),
    /// An index.
    Index(&'a str),
    /// A constraint of any kind, by its name.
    Constraint(&'a str),
    /// The primary key.
    PrimaryKey,
    /// A unique constraint.
    Unique(On<'a>),
    /// A foreign key, and the table that it leads to where that is known.
    ForeignKey(On<'a>, Option<&'a Name>),
    /// A check without a name of its own, by its condition.
    Check(&'a str),
}

/// What a constraint is on. Its name counts only where the columns are not known, since engines
/// and people name constraints as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On<'a> {
    /// These columns.
    Columns(&'a [String]),
    /// Nobody knows; this is its name.
    Name(&'a str),
}

impl<'a> On<'a> {
    fn new(name: Option<&'a str>, columns: &'a [String]) -> Self {
        match name {
            Some(name) if columns.is_empty() => Self::Name(name),
            _ => Self::Columns(columns),
        }
    }
}

/// What is true once the operation is done: which things are there, and which are not. Empty for an
/// operation that is as good the second time, or of which nothing can be seen.
pub fn done_when(op: &Op) -> Vec<(Thing<'_>, bool)> {
    let part = |table, part, there| vec![(Thing::Part(table, part), there)];
    match op {
        Op::CreateEnum(ty) => vec![(Thing::Enum(&ty.name), true)],
        Op::DropEnum { name, .. } => vec![(Thing::Enum(name), false)],
        Op::RenameEnum { from, to } => vec![(Thing::Enum(from), false), (Thing::Enum(to), true)],
        Op::AddEnumValue { name, value, .. } => vec![(Thing::EnumValue(name, value), true)],
        Op::RemoveEnumValue { name, value, .. } => vec![(Thing::EnumValue(name, value), false)],
        Op::RenameEnumValue { name, from, to, .. } => vec![
            (Thing::EnumValue(name, from), false),
            (Thing::EnumValue(name, to), true),
        ],
        Op::CreateSequence(sequence) => vec![(Thing::Sequence(&sequence.name), true)],
        Op::DropSequence { name, .. } => vec![(Thing::Sequence(name), false)],
        Op::RenameSequence { from, to } => {
            vec![(Thing::Sequence(from), false), (Thing::Sequence(to), true)]
        }
        Op::CreateTable { table } => vec![(Thing::Table(&table.name), true)],
        Op::DropTable { name, .. } => vec![(Thing::Table(name), false)],
        Op::RenameTable { from, to } => {
            vec![(Thing::Table(from), false), (Thing::Table(to), true)]
        }
        Op::AddColumn { table, column } => part(table, Part::Column(&column.name), true),
        Op::DropColumn { table, column, .. } => part(table, Part::Column(column), false),
        Op::RenameColumn { table, from, to } => vec![
            (Thing::Part(table, Part::Column(from)), false),
            (Thing::Part(table, Part::Column(to)), true),
        ],
        Op::CreateIndex { table, index } => part(table, Part::Index(&index.name), true),
        Op::DropIndex { table, name, .. } => part(table, Part::Index(name), false),
        Op::RenameIndex {
            table, from, to, ..
        } => vec![
            (Thing::Part(table, Part::Index(from)), false),
            (Thing::Part(table, Part::Index(to)), true),
        ],
        Op::AddPrimaryKey { table, .. } => part(table, Part::PrimaryKey, true),
        Op::DropPrimaryKey { table, .. } => part(table, Part::PrimaryKey, false),
        Op::AddUnique { table, unique } => {
            part(table, Part::Unique(On::Columns(&unique.columns)), true)
        }
        Op::DropUnique { table, target, .. } => {
            let on = On::new(target.name.as_deref(), &target.columns);
            part(table, Part::Unique(on), false)
        }
        Op::AddForeignKey { table, key } => {
            let on = On::Columns(&key.columns);
            part(table, Part::ForeignKey(on, Some(&key.ref_table)), true)
        }
        Op::DropForeignKey {
            table,
            target,
            before,
        } => {
            let on = On::new(target.name.as_deref(), &target.columns);
            let to = before.as_ref().map(|key| &key.ref_table);
            part(table, Part::ForeignKey(on, to), false)
        }
        Op::AddCheck { table, check } => match check {
            Check {
                name: Some(name), ..
            } => part(table, Part::Constraint(name), true),
            Check {
                name: None, expr, ..
            } => part(table, Part::Check(expr), true),
        },
        Op::DropCheck { table, target, .. } => match target {
            CheckTarget {
                name: Some(name), ..
            } => part(table, Part::Constraint(name), false),
            CheckTarget {
                expr: Some(expr), ..
            } => part(table, Part::Check(expr), false),
            CheckTarget { .. } => Vec::new(),
        },
        Op::AddExclusion { table, exclusion } => {
            part(table, Part::Constraint(&exclusion.name), true)
        }
        Op::DropExclusion { table, name, .. } => part(table, Part::Constraint(name), false),
        // What is found by its columns is only named, whatever it is called.
        Op::RenameConstraint {
            kind: Some(Kind::PrimaryKey | Kind::Unique | Kind::ForeignKey),
            ..
        } => Vec::new(),
        Op::RenameConstraint {
            table, target, to, ..
        } => {
            let name = |name, there| (Thing::Part(table, Part::Constraint(name)), there);
            let from = target.name.iter().map(|from| name(from, false));
            from.chain(to.iter().map(|to| name(to, true))).collect()
        }
        Op::CreateSchema { .. }
        | Op::DropSchema { .. }
        | Op::ReorderEnum { .. }
        | Op::AlterSequence { .. }
        | Op::CommentTable { .. }
        | Op::AlterTable { .. }
        | Op::AlterColumn { .. }
        | Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => Vec::new(),
    }
}

/// Whether there is anything that a guarded step of this operation does otherwise. A new type is
/// one: values are converted only where the column does not have it yet.
pub fn can_be_guarded(op: &Op) -> bool {
    match op {
        Op::AlterColumn { change, .. } => change.ty.is_some(),
        op => !done_when(op).is_empty(),
    }
}

/// Whether a schema is as the operation would leave it.
pub fn is_done(op: &Op, schema: &Schema) -> bool {
    let conditions = done_when(op);
    let holds = |(thing, there): &(Thing<'_>, bool)| has(schema, thing) == *there;
    !conditions.is_empty() && conditions.iter().all(holds)
}

fn has(schema: &Schema, thing: &Thing<'_>) -> bool {
    match thing {
        Thing::Enum(name) => schema.enums.contains_key(name),
        Thing::EnumValue(name, value) => {
            let ty = schema.enums.get(name);
            ty.is_some_and(|ty| ty.values.iter().any(|other| other == value))
        }
        Thing::Sequence(name) => schema.sequences.contains_key(name),
        Thing::Table(name) => schema.tables.contains_key(name),
        Thing::Part(table, part) => {
            let table = schema.table(table);
            table.is_some_and(|table| has_part(table, part, |a, b| a == b))
        }
    }
}

/// Whether a table has this, by names that are the same where `same` says so.
pub fn has_part(table: &Table, part: &Part<'_>, same: impl Fn(&str, &str) -> bool) -> bool {
    let is = |found: Option<&String>, name: &str| found.is_some_and(|found| same(found, name));
    let all = |found: &[String], columns: &[String]| {
        found.len() == columns.len() && found.iter().zip(columns).all(|(a, b)| same(a, b))
    };
    let on = |name: Option<&String>, columns: &[String], on: &On<'_>| match on {
        On::Columns(wanted) => all(columns, wanted),
        On::Name(wanted) => is(name, wanted),
    };
    match part {
        Part::Column(name) => table.columns.iter().any(|column| same(&column.name, name)),
        Part::Index(name) => table.indexes.iter().any(|index| same(&index.name, name)),
        Part::PrimaryKey => table.primary_key.is_some(),
        Part::Unique(wanted) => {
            let fits = |unique: &Unique| on(unique.name.as_ref(), &unique.columns, wanted);
            table.uniques.iter().any(fits)
        }
        Part::ForeignKey(wanted, to) => table.foreign_keys.iter().any(|key| {
            on(key.name.as_ref(), &key.columns, wanted)
                && to.is_none_or(|to| {
                    key.ref_table.schema == to.schema && same(&key.ref_table.name, &to.name)
                })
        }),
        Part::Check(expr) => {
            let fits = |check: &Check| check.name.is_none() && check.expr == *expr;
            table.checks.iter().any(fits)
        }
        Part::Constraint(name) => {
            let key = table.primary_key.iter().map(|key| key.name.as_ref());
            key.chain(table.uniques.iter().map(|unique| unique.name.as_ref()))
                .chain(table.foreign_keys.iter().map(|key| key.name.as_ref()))
                .chain(table.checks.iter().map(|check| check.name.as_ref()))
                .chain(table.exclusions.iter().map(|it| Some(&it.name)))
                .any(|found| is(found, name))
        }
    }
}
