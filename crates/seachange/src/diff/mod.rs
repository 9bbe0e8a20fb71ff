//! Schema × schema → operations.
//!
//! Everything here is pure and speaks the declared words of entities and snapshot, so the same
//! input gives the same operations on every machine and for every engine.
//!
//! Order of a plan: schemas → renamed tables and columns → enums and their new values, sequences →
//! keys, checks, indexes and uniques that go, change or get another name → renamed enum values →
//! tables that are logged → new tables → table by table (`change`): columns, the primary key, how it is
//! kept, new uniques, indexes, checks → new foreign keys → dropped columns → dropped tables → removed
//! enum values → tables that are no longer logged → dropped enums and sequences → dropped schemas.
//! What is new may take the name of what is renamed or goes; where that goes later, it is moved
//! before (`order`).

mod answers;
mod aside;
mod change;
mod column;
mod enums;
mod keys;
mod names;
mod only;
mod options;
mod order;
mod rename;
mod sequences;
mod table;

use std::collections::BTreeSet;

use crate::dialect::Note;
use crate::op::{CheckTarget, Op, Target, apply, inverse};
use crate::schema::{Check, Column, Key, Kind, Name, PUBLIC, Schema, Table};

pub use answers::{Answers, ParseAnswerError, Question, Subject};
pub use only::only;

/// What has to be done, and what nobody but a person knows.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The operations, in an order that applies.
    pub ops: Vec<Op>,
    /// What has to be answered first. While there are questions, `ops` is not complete.
    pub questions: Vec<Question>,
    /// Differences that cannot be expressed, by name.
    pub notes: Vec<Note>,
}

impl Plan {
    /// The way back: the inverse of each operation, last first. What goes with a table or a column
    /// that is dropped anyway is left out. A column that comes back without its values, and must
    /// not be empty, gets a plain value in the rows that are there.
    pub fn down(&self, from: &Schema) -> Vec<Op> {
        let mut schema = from.clone();
        let mut down = Vec::new();
        // A value of an enum that goes again must not be in any row.
        let goes = |ty: &Name, text: &str| {
            self.ops.iter().any(|op| {
                matches!(op, Op::AddEnumValue { name, value, .. } if name == ty && value == text)
            })
        };
        for op in &self.ops {
            if let Some(inverse) = inverse(op, &schema) {
                let back = column::with_placeholder(inverse, &goes);
                down.extend(back.into_iter().rev());
            }
            apply(&mut schema, op);
        }
        down.reverse();
        let kept: Vec<bool> = (0..down.len())
            .map(|at| {
                let op = &down[at];
                let behind = &down[at + 1..];
                !behind
                    .iter()
                    .take_while(|between| !order::takes_name_of(between, op))
                    .any(|later| makes_needless(later, op))
            })
            .collect();
        let mut kept = kept.into_iter();
        down.retain(|_| kept.next().unwrap_or(true));
        down
    }
}

/// Whether `op` does nothing that `later` does not do anyway.
fn makes_needless(later: &Op, op: &Op) -> bool {
    match (later, op) {
        // A foreign key stays: in a cycle it must go before either table can.
        (Op::DropTable { name, .. }, op) => {
            op.table() == Some(name)
                && !matches!(op, Op::DropForeignKey { .. } | Op::RenameTable { .. })
        }
        (
            Op::DropColumn { table, column, .. },
            Op::AlterColumn {
                table: altered,
                column: name,
                ..
            },
        ) => table == altered && column == name,
        _ => false,
    }
}

/// What turns `from` into `to`.
pub fn diff(from: &Schema, to: &Schema, answers: &Answers) -> Plan {
    if from == to {
        return Plan::default();
    }
    let mut work = Work {
        from,
        now: from.clone(),
        to,
        differing: differing(from, to),
        answers,
        plan: Plan::default(),
        late_keys: Vec::new(),
    };
    work.new_schemas();
    rename::renames(&mut work);
    enums::rename_types(&mut work);
    sequences::rename(&mut work);
    enums::create(&mut work);
    sequences::create(&mut work);
    work.drop_constraints();
    enums::rename_values(&mut work);
    options::log(&mut work);
    table::create(&mut work);
    change::tables(&mut work);
    work.new_foreign_keys();
    work.dropped_columns();
    table::drop(&mut work);
    enums::remove_values(&mut work);
    options::log_no_more(&mut work);
    enums::drop(&mut work);
    sequences::drop(&mut work);
    work.dropped_schemas();
    work.plan.ops = order::names_first(from, work.plan.ops);
    work.plan
}

/// A diff in progress: `now` is what the schema is after the operations so far.
struct Work<'a> {
    from: &'a Schema,
    now: Schema,
    to: &'a Schema,
    /// The tables that may differ on the two sides: of a large schema, nearly all never do.
    differing: BTreeSet<Name>,
    answers: &'a Answers,
    plan: Plan,
    /// Foreign keys of new tables that have to wait until both ends are there.
    late_keys: Vec<Op>,
}

impl Work<'_> {
    fn push(&mut self, op: Op) {
        apply(&mut self.now, &op);
        match &op {
            // What refers to it, and what uses it, follows.
            Op::RenameTable { .. }
            | Op::RenameColumn { .. }
            | Op::AddEnumValue { .. }
            | Op::RenameEnumValue { .. }
            | Op::RemoveEnumValue { .. }
            | Op::ReorderEnum { .. }
            | Op::RenameEnum { .. }
            | Op::RenameSequence { .. } => self.differing = differing(&self.now, self.to),
            op => self.differing.extend(op.table().cloned()),
        }
        self.plan.ops.push(op);
    }

    fn note(&mut self, object: String, reason: &str) {
        self.plan.notes.push(Note {
            object,
            reason: reason.to_owned(),
        });
    }

    /// The tables that are on both sides and differ, as they are now and as they shall be.
    fn pairs(&self) -> Vec<(Table, Table)> {
        let names = self.differing.iter();
        names.filter_map(|name| self.pair(name)).collect()
    }

    fn pair(&self, name: &Name) -> Option<(Table, Table)> {
        self.differing.get(name)?;
        let (now, to) = (self.now.table(name)?, self.to.table(name)?);
        (now != to).then(|| (now.clone(), to.clone()))
    }

    /// A schema is there as soon as something is in it, and goes with the last thing.
    fn new_schemas(&mut self) {
        let now = self.now.namespaces();
        let new: Vec<String> = self
            .to
            .namespaces()
            .into_iter()
            .filter(|name| *name != PUBLIC && !now.contains(name))
            .map(str::to_owned)
            .collect();
        for name in new {
            self.push(Op::CreateSchema { name });
        }
    }

    fn dropped_schemas(&mut self) {
        let to = self.to.namespaces();
        let gone: Vec<String> = self
            .from
            .namespaces()
            .into_iter()
            .filter(|name| *name != PUBLIC && !to.contains(name))
            .map(str::to_owned)
            .collect();
        for name in gone {
            self.push(Op::DropSchema { name });
        }
    }

    /// Drops what changes or goes, on tables that stay; and the keys that tie tables together
    /// which are about to be dropped. What only has another name is renamed as far as names are
    /// free, and else dropped too.
    fn drop_constraints(&mut self) {
        let mut pairs = self.pairs();
        for (now, to) in &mut pairs {
            *to = names::under_old_names(now, to);
        }
        self.drop_differing(pairs);
        names::rename(self);
        self.drop_differing(self.pairs());
    }

    fn drop_differing(&mut self, pairs: Vec<(Table, Table)>) {
        for (now, to) in &pairs {
            for key in now
                .foreign_keys
                .iter()
                .filter(|key| !to.foreign_keys.contains(key))
            {
                self.push(drop_foreign_key(&now.name, key));
            }
        }
        for (table, key) in keys::in_the_way(&self.now, self.to, &pairs) {
            self.push(drop_foreign_key(&table, &key));
        }
        for op in self.cyclic_keys_of_dropped_tables() {
            self.push(op);
        }
        for (now, to) in &pairs {
            let table = &now.name;
            // The last first, since the way back makes them in the other order, and the server
            // numbers those without a name.
            let gone = |check: &&Check| !to.checks.contains(check);
            for check in now.checks.iter().rev().filter(gone) {
                self.push(drop_check(table, check));
            }
            for exclusion in now
                .exclusions
                .iter()
                .filter(|exclusion| !to.exclusions.contains(exclusion))
            {
                self.push(Op::DropExclusion {
                    table: table.clone(),
                    name: exclusion.name.clone(),
                    only: exclusion.only,
                    before: Some(Box::new(exclusion.clone())),
                });
            }
            for index in now
                .indexes
                .iter()
                .filter(|index| !to.indexes.contains(index))
            {
                self.push(Op::DropIndex {
                    table: table.clone(),
                    name: index.name.clone(),
                    only: index.only,
                    before: Some(Box::new(index.clone())),
                });
            }
            for unique in now
                .uniques
                .iter()
                .filter(|unique| !to.uniques.contains(unique))
            {
                self.push(Op::DropUnique {
                    table: table.clone(),
                    target: Target {
                        name: unique.name.clone(),
                        columns: unique.columns.clone(),
                        only: unique.only,
                    },
                    before: Some(unique.clone()),
                });
            }
        }
    }

    fn cyclic_keys_of_dropped_tables(&self) -> Vec<Op> {
        let gone: Vec<&Table> = self.gone();
        let order = order::parents_first(&gone);
        let position = |name: &Name| order.iter().position(|other| other == name);
        gone.iter()
            .flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)))
            // Children are dropped first, so only a key against that order is in the way.
            .filter(|(table, key)| {
                key.ref_table != table.name && position(&key.ref_table) > position(&table.name)
            })
            .map(|(table, key)| drop_foreign_key(&table.name, key))
            .collect()
    }

    fn gone(&self) -> Vec<&Table> {
        self.now
            .tables
            .values()
            .filter(|table| !self.to.tables.contains_key(&table.name))
            .collect()
    }

    fn new_foreign_keys(&mut self) {
        for op in std::mem::take(&mut self.late_keys) {
            self.push(op);
        }
        for (now, to) in self.pairs() {
            for key in to
                .foreign_keys
                .iter()
                .filter(|key| !now.foreign_keys.contains(key))
            {
                self.push(Op::AddForeignKey {
                    table: to.name.clone(),
                    key: Box::new(key.clone()),
                });
            }
        }
    }

    fn dropped_columns(&mut self) {
        for (now, to) in self.pairs() {
            for column in now
                .columns
                .iter()
                .filter(|column| to.column(&column.name).is_none())
            {
                self.push(drop_column(&to.name, column));
            }
        }
    }
}

/// The tables that are on both sides and differ.
fn differing(now: &Schema, to: &Schema) -> BTreeSet<Name> {
    let pairs = to.tables.iter();
    let pairs = pairs.filter(|(name, to)| now.table(name).is_some_and(|now| now != *to));
    pairs.map(|(name, _)| name.clone()).collect()
}

fn drop_column(table: &Name, column: &Column) -> Op {
    Op::DropColumn {
        table: table.clone(),
        column: column.name.clone(),
        before: Some(Box::new(column.clone())),
    }
}

fn drop_check(table: &Name, check: &Check) -> Op {
    Op::DropCheck {
        table: table.clone(),
        target: CheckTarget::of(check),
        before: Some(check.clone()),
    }
}

fn drop_foreign_key(table: &Name, key: &crate::schema::ForeignKey) -> Op {
    Op::DropForeignKey {
        table: table.clone(),
        target: Target {
            name: key.name.clone(),
            columns: key.columns.clone(),
            only: None,
        },
        before: Some(Box::new(key.clone())),
    }
}

/// The key of a column, as answers and messages name it.
fn column_key(table: &Name, column: &str) -> Key {
    Key::new(table, Kind::Column, column)
}
