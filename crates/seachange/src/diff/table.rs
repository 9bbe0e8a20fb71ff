//! Tables: created and dropped, with what is on them.

use super::{Work, order};
use crate::op::{Op, inverse};
use crate::schema::{Deferrable, Schema, Table};

/// Creates new tables, parents first. A key that points forward in a cycle waits.
pub(super) fn create(work: &mut Work<'_>) {
    let new: Vec<&Table> = work
        .to
        .tables
        .values()
        .filter(|table| work.now.table(&table.name).is_none())
        .collect();
    for name in order::parents_first(&new) {
        let Some(mut table) = work.to.table(&name).cloned() else {
            continue;
        };
        table.renamed_from = None;
        for column in &mut table.columns {
            column.forget_hints();
        }
        let beside = take_beside(&mut table);
        let (early, late): (Vec<_>, Vec<_>) = table.foreign_keys.drain(..).partition(|key| {
            key.ref_table == name
                || work.now.table(&key.ref_table).is_some()
                || !work.to.tables.contains_key(&key.ref_table)
        });
        table.foreign_keys = early;
        work.late_keys
            .extend(late.into_iter().map(|key| Op::AddForeignKey {
                table: name.clone(),
                key: Box::new(key),
            }));
        work.push(Op::CreateTable {
            table: Box::new(table),
            if_not_exists: false,
        });
        for op in beside {
            match &op {
                Op::AddForeignKey { key, .. } if work.now.table(&key.ref_table).is_none() => {
                    work.late_keys.push(op);
                }
                _ => work.push(op),
            }
        }
    }
}

/// Drops tables that go, children first.
pub(super) fn drop(work: &mut Work<'_>) {
    let mut order = order::parents_first(&work.gone());
    order.reverse();
    for name in order {
        let Some(mut table) = work.now.table(&name).cloned() else {
            continue;
        };
        // What is on it goes with it, but the way back has to make it by itself.
        for op in take_beside(&mut table) {
            let back = inverse(&op, &Schema::default());
            back.into_iter().for_each(|op| work.push(op));
        }
        work.push(Op::DropTable {
            name,
            before: Some(Box::new(table)),
        });
    }
}

/// Takes out of a table what its definition has no words for: indexes, and what sea-query cannot
/// say of a constraint.
fn take_beside(table: &mut Table) -> Vec<Op> {
    let name = || table.name.clone();
    let says_more = |include: &[String], deferrable: Option<Deferrable>| {
        !include.is_empty() || deferrable.is_some()
    };
    let mut ops = Vec::new();
    let key = table
        .primary_key
        .take_if(|key| says_more(&key.include, key.deferrable));
    ops.extend(key.map(|key| Op::AddPrimaryKey { table: name(), key }));
    let own_key_waits = !ops.is_empty();
    let uniques = table
        .uniques
        .extract_if(.., |unique| says_more(&unique.include, unique.deferrable));
    ops.extend(uniques.map(|unique| Op::AddUnique {
        table: name(),
        unique,
    }));
    let keys = table.foreign_keys.extract_if(.., |key| {
        let says_more = key.match_full || !key.set_columns.is_empty();
        says_more || (own_key_waits && key.ref_table == table.name)
    });
    ops.extend(keys.map(|key| Op::AddForeignKey {
        table: name(),
        key: Box::new(key),
    }));
    ops.extend(
        table
            .exclusions
            .drain(..)
            .map(|exclusion| Op::AddExclusion {
                table: name(),
                exclusion: Box::new(exclusion),
            }),
    );
    ops.extend(table.indexes.drain(..).map(|index| Op::CreateIndex {
        table: name(),
        index: Box::new(index),
        if_not_exists: false,
    }));
    ops
}
