//! Tables in the order of their foreign keys, and operations in the order of the names that they
//! set free and take.

use std::collections::{BTreeMap, BTreeSet};

use crate::op::{Op, apply, inverse, takes_from};
use crate::schema::{Name, Schema, Table};

/// The names of these tables so that each stands after the ones it references, by name where there
/// is a choice. In a cycle the first by name goes first, and whoever creates the tables has to add
/// the key that points forward afterwards.
pub(super) fn parents_first(tables: &[&Table]) -> Vec<Name> {
    let names: BTreeSet<&Name> = tables.iter().map(|table| &table.name).collect();
    let mut children: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
    let mut waiting: BTreeMap<&Name, usize> = BTreeMap::new();
    for table in tables {
        let parents = table.foreign_keys.iter().map(|key| &key.ref_table);
        let parents: BTreeSet<&Name> = parents
            .filter(|parent| **parent != table.name && names.contains(parent))
            .collect();
        waiting.insert(&table.name, parents.len());
        for parent in parents {
            children.entry(parent).or_default().push(&table.name);
        }
    }
    let ready = waiting.iter().filter(|(_, parents)| **parents == 0);
    let mut ready: BTreeSet<&Name> = ready.map(|(name, _)| *name).collect();
    let mut order = Vec::with_capacity(tables.len());
    while let Some(next) = ready.pop_first().or_else(|| waiting.keys().next().copied()) {
        waiting.remove(next);
        for child in children.remove(next).unwrap_or_default() {
            if let Some(parents) = waiting.get_mut(child) {
                *parents -= 1;
                if *parents == 0 {
                    ready.insert(child);
                }
            }
        }
        order.push(next.clone());
    }
    order
}

/// Moves what sets a name free before what takes it: tables, indexes, keys, unique constraints,
/// sequences and types share one space of names in a schema. Nothing moves in a plan that takes no name of
/// something else; what cannot move stays where it is.
pub(super) fn names_first(from: &Schema, mut ops: Vec<Op>) -> Vec<Op> {
    if ops.iter().all(|op| freed(op).is_empty()) {
        return ops;
    }
    // A table takes the names of all that is on it along to another schema.
    let moved = ops.iter().filter_map(|op| match op {
        Op::RenameTable { from: old, to } if old.schema != to.schema => {
            let mut table = from.table(old)?.clone();
            table.name.schema.clone_from(&to.schema);
            Some(table)
        }
        _ => None,
    });
    let held: BTreeSet<Held> = from
        .tables
        .values()
        .flat_map(names_of)
        .chain(from.enums.keys().chain(from.sequences.keys()).map(held))
        .chain(moved.flat_map(|table| names_of(&table)))
        .collect();
    let mut at = 0;
    while at < ops.len() {
        let wanted: Vec<Held> = taken(&ops[at])
            .into_iter()
            .filter(|name| held.contains(name))
            .collect();
        let is_free = |name: &Held| ops[..at].iter().any(|op| freed(op).contains(name));
        let blocker = wanted
            .iter()
            .filter(|name| !is_free(name))
            .find_map(|name| {
                let later = ops[at + 1..].iter().position(|op| freed(op).contains(name));
                later.map(|later| at + 1 + later)
            });
        let start = start(&ops, at);
        match blocker.and_then(|blocker| with_needs(&ops, start, blocker)) {
            Some(moved) => {
                for (before, (place, op)) in moved.into_iter().enumerate() {
                    ops.remove(place);
                    ops.insert(start + before, op);
                }
            }
            None => at += 1,
        }
    }
    ops
}

/// A name in its schema; SQLite does not tell cases apart.
type Held = (Option<String>, String);

fn held(name: &Name) -> Held {
    (name.schema.clone(), name.name.to_lowercase())
}

fn beside(table: &Name, name: &str) -> Held {
    (table.schema.clone(), name.to_lowercase())
}

/// The names of a table and of what belongs to it.
fn names_of(table: &Table) -> Vec<Held> {
    let key = table.primary_key.iter().flat_map(|key| key.name.as_deref());
    let uniques = table
        .uniques
        .iter()
        .flat_map(|unique| unique.name.as_deref());
    let indexes = table.indexes.iter().map(|index| index.name.as_str());
    let exclusions = table
        .exclusions
        .iter()
        .map(|exclusion| exclusion.name.as_str());
    let parts = key.chain(uniques).chain(indexes).chain(exclusions);
    parts
        .map(|name| beside(&table.name, name))
        .chain([held(&table.name)])
        .collect()
}

fn taken(op: &Op) -> Vec<Held> {
    let one = |table: &Name, name: Option<&String>| name.map(|name| beside(table, name));
    match op {
        Op::CreateTable { table, .. } => names_of(table),
        Op::CreateEnum(ty) => vec![held(&ty.name)],
        Op::CreateSequence(sequence) => vec![held(&sequence.name)],
        Op::RenameSequence { from, to } if held(from) != held(to) => vec![held(to)],
        Op::RenameTable { from, to } if held(from) != held(to) => vec![held(to)],
        Op::CreateIndex { table, index, .. } => vec![beside(table, &index.name)],
        Op::AddPrimaryKey { table, key } => one(table, key.name.as_ref()).into_iter().collect(),
        Op::AddUnique { table, unique } => one(table, unique.name.as_ref()).into_iter().collect(),
        Op::AddExclusion { table, exclusion } => vec![beside(table, &exclusion.name)],
        _ => Vec::new(),
    }
}

fn freed(op: &Op) -> Vec<Held> {
    let one = |table: &Name, name: Option<&String>| name.map(|name| beside(table, name));
    match op {
        Op::DropTable { name, before } => match before {
            Some(table) => names_of(table),
            None => vec![held(name)],
        },
        Op::DropEnum { name, .. } | Op::DropSequence { name, .. } => vec![held(name)],
        Op::RenameSequence { from, to } if held(from) != held(to) => vec![held(from)],
        Op::RenameTable { from, to } if held(from) != held(to) => vec![held(from)],
        Op::DropIndex { table, name, .. } => vec![beside(table, name)],
        Op::DropPrimaryKey { table, before } => {
            let name = before.as_ref().and_then(|key| key.name.as_ref());
            one(table, name).into_iter().collect()
        }
        Op::DropUnique { table, target, .. } => {
            one(table, target.name.as_ref()).into_iter().collect()
        }
        Op::DropExclusion { table, name, .. } => vec![beside(table, name)],
        _ => Vec::new(),
    }
}

/// Whether an operation takes a name that another one sets free.
pub(super) fn takes_name_of(op: &Op, other: &Op) -> bool {
    let taken = taken(op);
    !taken.is_empty() && freed(other).iter().any(|name| taken.contains(name))
}

/// Before what something is moved that frees a name for the operation at `at`: a key comes right
/// behind the one that goes, since its column is numbered by either.
fn start(ops: &[Op], at: usize) -> usize {
    let Op::AddPrimaryKey { table, .. } = &ops[at] else {
        return at;
    };
    let neighbours = ops[..at]
        .iter()
        .rev()
        .take_while(|op| op.table() == Some(table));
    let goes = |op: &Op| matches!(op, Op::DropPrimaryKey { .. });
    match neighbours.enumerate().find(|(_, op)| goes(op)) {
        Some((distance, _)) => at - distance - 1,
        None => at,
    }
}

/// An operation and all that it needs to be done before, from `at` on: their places, in order, and
/// what they are at `at`. `None` when they need what stands there.
fn with_needs(ops: &[Op], at: usize, last: usize) -> Option<Vec<(usize, Op)>> {
    let mut needed = vec![last];
    for place in (at..last).rev() {
        let op = &ops[place];
        let is_needed = |later: &Op| needs(later, op) && !(is_rename(op) && has_old_names(later));
        if needed.iter().any(|later| is_needed(&ops[*later])) {
            if place == at {
                return None;
            }
            needed.push(place);
        }
    }
    needed.reverse();
    let before = |place: usize| {
        let passed = (at..place).filter(|between| !needed.contains(between));
        let renames = passed
            .map(|between| &ops[between])
            .filter(|op| is_rename(op));
        Some((place, before_renames(&ops[place], renames.collect())?))
    };
    needed.iter().map(|place| before(*place)).collect()
}

fn is_rename(op: &Op) -> bool {
    matches!(
        op,
        Op::RenameTable { .. } | Op::RenameColumn { .. } | Op::RenameSequence { .. }
    )
}

/// Whether an operation can be said in the names from before a rename.
fn has_old_names(op: &Op) -> bool {
    matches!(
        op,
        Op::DropTable {
            before: Some(_),
            ..
        } | Op::DropIndex {
            before: Some(_),
            ..
        } | Op::DropUnique {
            before: Some(_),
            ..
        } | Op::DropPrimaryKey {
            before: Some(_),
            ..
        } | Op::DropForeignKey {
            before: Some(_),
            ..
        } | Op::DropCheck {
            before: Some(_),
            ..
        } | Op::DropExclusion {
            before: Some(_),
            ..
        }
    )
}

/// An operation in the names from before these renames: the thing that is dropped is put on a table
/// by itself, and the renames are taken back there.
fn before_renames(op: &Op, renames: Vec<&Op>) -> Option<Op> {
    if renames.is_empty() || !has_old_names(op) {
        return Some(op.clone());
    }
    let nothing = Schema::default();
    let back = inverse(op, &nothing)?;
    let mut schema = Schema::default();
    schema.insert(Table::new(op.table()?.clone()));
    apply(&mut schema, &back);
    for rename in renames.iter().rev() {
        apply(&mut schema, &inverse(rename, &nothing)?);
    }
    let owner = schema.tables.into_values().next()?;
    let table = owner.name.clone();
    let old = match back {
        Op::CreateTable { .. } => Op::CreateTable {
            table: Box::new(owner),
        },
        Op::CreateIndex { .. } => Op::CreateIndex {
            table,
            index: Box::new(owner.indexes.into_iter().next()?),
        },
        Op::AddUnique { .. } => Op::AddUnique {
            table,
            unique: owner.uniques.into_iter().next()?,
        },
        Op::AddPrimaryKey { .. } => Op::AddPrimaryKey {
            table,
            key: owner.primary_key?,
        },
        Op::AddForeignKey { .. } => Op::AddForeignKey {
            table,
            key: Box::new(owner.foreign_keys.into_iter().next()?),
        },
        Op::AddCheck { .. } => Op::AddCheck {
            table,
            check: owner.checks.into_iter().next()?,
        },
        Op::AddExclusion { .. } => Op::AddExclusion {
            table,
            exclusion: Box::new(owner.exclusions.into_iter().next()?),
        },
        _ => return None,
    };
    inverse(&old, &nothing)
}

/// Whether an operation can only follow an earlier one.
fn needs(op: &Op, earlier: &Op) -> bool {
    if takes_name_of(op, earlier) {
        return true;
    }
    let same_table = op.table().is_some() && op.table() == earlier.table();
    let renames = match earlier {
        Op::RenameTable { to, .. } => op.table() == Some(to),
        Op::RenameColumn { .. } => same_table,
        _ => false,
    };
    let makes_sequence = match earlier {
        Op::CreateSequence(sequence) => counts_by(op, &sequence.name),
        Op::RenameSequence { to, .. } => counts_by(op, to),
        _ => false,
    };
    let drops_key_to = |table: &Name| matches!(earlier, Op::DropForeignKey { before: Some(key), .. } if key.ref_table == *table);
    match op {
        // No foreign key holds on to an index that is not unique.
        Op::DropIndex {
            before: Some(index),
            ..
        } if !index.unique => renames,
        Op::DropIndex { table, .. }
        | Op::DropUnique { table, .. }
        | Op::DropPrimaryKey { table, .. } => renames || drops_key_to(table),
        Op::DropCheck { .. } | Op::DropExclusion { .. } | Op::DropForeignKey { .. } => renames,
        Op::DropTable { name, .. } => {
            let child = matches!(
                earlier,
                Op::DropTable { before: Some(table), .. }
                    if table.foreign_keys.iter().any(|key| key.ref_table == *name)
            );
            same_table || renames || child || drops_key_to(name)
        }
        Op::DropSequence { name, .. } => lets_go_of(earlier, name),
        Op::DropEnum { .. } => matches!(
            earlier,
            Op::DropTable { .. } | Op::DropColumn { .. } | Op::AlterColumn { .. }
        ),
        Op::CreateTable { .. } | Op::AddColumn { .. } | Op::AlterColumn { .. } => {
            same_table || renames || makes_sequence
        }
        _ => same_table || renames,
    }
}

/// Whether a column takes its values from the sequence once the operation is done.
fn counts_by(op: &Op, sequence: &Name) -> bool {
    match op {
        Op::CreateTable { table } => table.columns.iter().any(|it| takes_from(it, sequence)),
        Op::AddColumn { column, .. } => takes_from(column, sequence),
        Op::AlterColumn {
            change,
            before: Some(before),
            ..
        } => {
            let mut after = (**before).clone();
            change.apply(&mut after);
            takes_from(&after, sequence)
        }
        _ => false,
    }
}

/// Whether a column takes its values from the sequence until the operation is done.
fn lets_go_of(op: &Op, sequence: &Name) -> bool {
    match op {
        Op::DropTable {
            before: Some(table),
            ..
        } => table.columns.iter().any(|it| takes_from(it, sequence)),
        Op::DropColumn {
            before: Some(column),
            ..
        }
        | Op::AlterColumn {
            before: Some(column),
            ..
        } => takes_from(column, sequence),
        _ => false,
    }
}
