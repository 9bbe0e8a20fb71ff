//! A table that is on both sides: its columns, its primary key, and what is new on them.

use super::{Work, aside, column, drop_column, keys, options};
use crate::op::Op;
use crate::schema::{Column, Name, Table};

/// Changes tables one after the other. A table whose primary key changes waits for the columns of
/// all tables: with its key may go a column from which they are filled.
pub(super) fn tables(work: &mut Work<'_>) {
    let mut waiting = Vec::new();
    for name in work.to.tables.keys() {
        if work.pair(name).is_none() {
            continue;
        }
        columns(work, name);
        match work.pair(name) {
            Some((now, to)) if now.primary_key != to.primary_key => waiting.push(name),
            _ => {
                computed_columns(work, name);
                options::alter(work, name);
                constraints(work, name);
            }
        }
    }
    for name in waiting {
        primary_key(work, name);
        options::alter(work, name);
        constraints(work, name);
    }
}

/// Adds and alters columns, as far as no key has to go or come first.
fn columns(work: &mut Work<'_>, name: &Name) {
    options::loosen(work, name);
    aside::step_aside(work, name);
    let Some((now, to)) = work.pair(name) else {
        return;
    };
    if now.comment != to.comment {
        work.push(Op::CommentTable {
            table: name.clone(),
            comment: to.comment.clone(),
            before: Some(now.comment.clone()),
        });
    }
    for new in new_columns(&now, &to) {
        if !new.is_computed() && !comes_with_key(&now, &to, new) {
            column::add(work, name, new);
        }
    }
    let mut pairs: Vec<(&Column, &Column)> = to
        .columns
        .iter()
        .filter_map(|column| Some((now.column(&column.name)?, column)))
        .collect();
    // One that is no longer computed lets go of its sources; one that is waits for them.
    pairs.sort_by_key(|(_, new)| new.is_computed());
    pairs.sort_by_key(|(old, new)| !old.is_computed() || new.is_computed());
    for (old, new) in pairs {
        let mut new = new.clone();
        if now.primary_key != to.primary_key {
            // Only a key numbers, and only what is no key may be empty.
            if !old.auto_increment && to.is_key(&new.name) {
                new.auto_increment = false;
                new.numbering = None;
            }
            new.nullable &= !now.is_key(&new.name);
            // Values that differ now may be the same in another type.
            if now.is_key(&new.name) && keys::type_changes(old, &new) {
                new = Column {
                    auto_increment: new.auto_increment,
                    numbering: new.numbering,
                    ..old.clone()
                };
            }
        }
        column::alter(work, name, old, &new);
    }
}

/// Computed columns, once what they are computed from is there in its new type.
fn computed_columns(work: &mut Work<'_>, name: &Name) {
    let Some((now, to)) = work.pair(name) else {
        return;
    };
    for new in new_columns(&now, &to) {
        if new.is_computed() {
            column::add(work, name, new);
        }
    }
}

/// Changes the key, and what of the columns can be changed only with it: the rows get their numbers
/// from the key, so a numbered column comes and goes with its own.
fn primary_key(work: &mut Work<'_>, name: &Name) {
    let Some((before, to)) = work.pair(name) else {
        return;
    };
    if let Some(key) = &before.primary_key {
        work.push(Op::DropPrimaryKey {
            table: name.clone(),
            before: Some(key.clone()),
        });
    }
    for old in before.columns.iter().filter(|it| before.is_key(&it.name)) {
        match to.column(&old.name) {
            Some(new) => {
                let new = Column {
                    auto_increment: old.auto_increment,
                    numbering: old.numbering.clone(),
                    ..new.clone()
                };
                column::alter(work, name, old, &new);
            }
            None if old.auto_increment => work.push(drop_column(name, old)),
            None => {}
        }
    }
    for new in new_columns(&before, &to) {
        if comes_with_key(&before, &to, new) {
            column::add(work, name, new);
        }
    }
    computed_columns(work, name);
    if let Some(key) = &to.primary_key {
        work.push(Op::AddPrimaryKey {
            table: name.clone(),
            key: key.clone(),
        });
    }
    let Some((now, _)) = work.pair(name) else {
        return;
    };
    for new in &to.columns {
        if let Some(old) = now.column(&new.name) {
            column::alter(work, name, old, new);
        }
    }
}

fn new_columns<'a>(now: &Table, to: &'a Table) -> Vec<&'a Column> {
    let is_new = |column: &&Column| now.column(&column.name).is_none();
    to.columns.iter().filter(is_new).collect()
}

fn comes_with_key(now: &Table, to: &Table, column: &Column) -> bool {
    now.primary_key != to.primary_key && column.auto_increment && to.is_key(&column.name)
}

fn constraints(work: &mut Work<'_>, name: &Name) {
    let Some((now, to)) = work.pair(name) else {
        return;
    };
    let table = || name.clone();
    for unique in &to.uniques {
        if !now.uniques.contains(unique) {
            work.push(Op::AddUnique {
                table: table(),
                unique: unique.clone(),
            });
        }
    }
    for index in &to.indexes {
        if !now.indexes.contains(index) {
            work.push(Op::CreateIndex {
                table: table(),
                index: Box::new(index.clone()),
            });
        }
    }
    for exclusion in &to.exclusions {
        if !now.exclusions.contains(exclusion) {
            work.push(Op::AddExclusion {
                table: table(),
                exclusion: Box::new(exclusion.clone()),
            });
        }
    }
    for check in &to.checks {
        if !now.checks.contains(check) {
            work.push(Op::AddCheck {
                table: table(),
                check: check.clone(),
            });
        }
    }
}
