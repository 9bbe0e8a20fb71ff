//! A part of what is to be done: some tables, and what they need.

use std::collections::BTreeSet;

use super::{Answers, Question, diff};
use crate::op::{Op, apply, takes_from};
use crate::schema::{Name, Schema, Table};

/// What a schema is to become when only these tables and sequences may change: they are as in `to`,
/// the others as in `from`. An enum or a sequence that they use changes with them, a rename brings its other name along, and a
/// key to a table that is in neither waits for that table. What is left is found again by the next
/// diff.
///
/// # Errors
///
/// The first name that neither side has.
pub fn only(from: &Schema, to: &Schema, names: &[Name], answers: &Answers) -> Result<Schema, Name> {
    for name in names {
        let mut sides = [from, to].into_iter();
        if !sides.any(|side| side.table(name).is_some() || side.sequences.contains_key(name)) {
            return Err(name.clone());
        }
    }
    let whole = diff(from, to, answers);
    let mut chosen: BTreeSet<&Name> = names.iter().collect();
    for (name, sequence) in from.sequences.iter().chain(&to.sequences) {
        let uses = |table: &Table| {
            let mut columns = table.columns.iter();
            chosen.contains(&table.name) && columns.any(|column| takes_from(column, name))
        };
        if to.tables.values().any(uses) {
            chosen.insert(&sequence.name);
        }
    }
    for question in &whole.questions {
        if let Question::RenameTable { from, to } | Question::RenameSequence { from, to } = question
            && (chosen.contains(from) || to.iter().any(|to| chosen.contains(to)))
        {
            chosen.insert(from);
            chosen.extend(to);
        }
    }
    for op in &whole.ops {
        if let Op::RenameTable { from, to } | Op::RenameSequence { from, to } = op
            && (chosen.contains(from) || chosen.contains(to))
        {
            chosen.extend([from, to]);
        }
    }
    let mut part = from.clone();
    for op in &whole.ops {
        match op {
            Op::RenameTable { from, to } if chosen.contains(from) => {
                follow(&mut part, |key_table, _| {
                    if key_table == from {
                        key_table.clone_from(to);
                    }
                });
            }
            Op::RenameSequence { from, .. } if chosen.contains(from) => apply(&mut part, op),
            Op::RenameColumn { table, from, to } if chosen.contains(table) => {
                follow(&mut part, |key_table, columns| {
                    if key_table == table {
                        let renamed = columns.iter_mut().filter(|column| *column == from);
                        renamed.for_each(|column| column.clone_from(to));
                    }
                });
            }
            _ => {}
        }
    }
    for name in &chosen {
        match to.table(name) {
            Some(table) => {
                part.tables.insert((*name).clone(), table.clone());
            }
            None => {
                part.tables.remove(*name);
            }
        }
    }
    for name in &chosen {
        match to.sequences.get(name) {
            Some(sequence) => {
                part.sequences.insert((*name).clone(), sequence.clone());
            }
            None => {
                part.sequences.remove(*name);
            }
        }
    }
    forget_keys_to_nothing(&mut part, from, to);
    enums(&mut part, to, &chosen);
    Ok(part)
}

/// Lets the keys of all tables follow a rename.
fn follow(schema: &mut Schema, mut rename: impl FnMut(&mut Name, &mut [String])) {
    let keys = schema
        .tables
        .values_mut()
        .flat_map(|table| &mut table.foreign_keys);
    for key in keys {
        rename(&mut key.ref_table, &mut key.ref_columns);
    }
}

/// A key to a table that is not there yet, or no longer. One to a table that no side ever had is
/// somebody else's business, and stays.
fn forget_keys_to_nothing(part: &mut Schema, from: &Schema, to: &Schema) {
    let there: BTreeSet<Name> = part.tables.keys().cloned().collect();
    for table in part.tables.values_mut() {
        table.foreign_keys.retain(|key| {
            let known = from.table(&key.ref_table).is_some() || to.table(&key.ref_table).is_some();
            there.contains(&key.ref_table) || !known
        });
    }
}

/// Brings the enums along that the chosen tables use, and takes away those that nobody uses any
/// more.
fn enums(part: &mut Schema, to: &Schema, chosen: &BTreeSet<&Name>) {
    let used = |table: &Table| -> Vec<Name> {
        let enums = table
            .columns
            .iter()
            .filter_map(|column| column.ty.enumeration());
        enums.map(|(name, _)| name.clone()).collect()
    };
    let needed: BTreeSet<Name> = part
        .tables
        .values()
        .filter(|table| chosen.contains(&table.name))
        .flat_map(used)
        .collect();
    for name in &needed {
        let Some(ty) = to.enums.get(name) else {
            continue;
        };
        part.enums.insert(name.clone(), ty.clone());
        let columns = part
            .tables
            .values_mut()
            .flat_map(|table| &mut table.columns);
        for column in columns {
            if column
                .ty
                .enumeration()
                .is_some_and(|(used, _)| used == name)
            {
                column.ty = column.ty.with_enum_values(&ty.values);
            }
        }
    }
    let still: BTreeSet<Name> = part.tables.values().flat_map(used).collect();
    part.enums
        .retain(|name, _| still.contains(name) || to.enums.contains_key(name));
}
