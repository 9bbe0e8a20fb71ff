//! Tables: created and dropped, with what is on them.

use super::{Work, keys, order};
use crate::op::{Op, inverse};
use crate::schema::{Deferrable, ForeignKey, Schema, Table};

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
                    && keys::can_refer(&work.now, work.to, key)
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
        });
        for op in beside {
            match &op {
                Op::AddForeignKey { key, .. }
                    if work.now.table(&key.ref_table).is_none()
                        || key.ref_table != name && !keys::can_refer(&work.now, work.to, key) =>
                {
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
        let mut beside = take_beside(&mut table);
        beside.sort_by_key(|op| !matches!(op, Op::AddForeignKey { .. }));
        for op in beside {
            let back = inverse(&op, &Schema::default());
            back.into_iter().for_each(|op| work.push(op));
        }
        work.push(Op::DropTable {
            name,
            before: Some(Box::new(table)),
        });
    }
}

/// Takes out of a table what its definition has no words for: indexes, what sea-query cannot say of
/// a constraint, and what is for one engine only. Foreign keys come last, since they may need what is made before them.
fn take_beside(table: &mut Table) -> Vec<Op> {
    let this = table.name.clone();
    let name = || this.clone();
    let says_more = |include: &[String], deferrable: Option<Deferrable>| {
        !include.is_empty() || deferrable.is_some()
    };
    let waiting = |table: &Table, key: &ForeignKey| {
        let primary = table.primary_key.as_ref();
        let inline = primary.is_some_and(|primary| {
            key.ref_columns.is_empty() || primary.columns == key.ref_columns
        }) || table
            .uniques
            .iter()
            .any(|unique| unique.columns == key.ref_columns);
        key.ref_table == table.name && !inline
    };
    let mut ops = Vec::new();
    let key = table
        .primary_key
        .take_if(|key| says_more(&key.include, key.deferrable));
    ops.extend(key.map(|key| Op::AddPrimaryKey { table: name(), key }));
    let uniques = table.uniques.extract_if(.., |unique| {
        unique.only.is_some() || says_more(&unique.include, unique.deferrable)
    });
    ops.extend(uniques.map(|unique| Op::AddUnique {
        table: name(),
        unique,
    }));
    let checks = table.checks.extract_if(.., |check| check.only.is_some());
    ops.extend(checks.map(|check| Op::AddCheck {
        table: name(),
        check,
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
    }));
    let keys: Vec<ForeignKey> = std::mem::take(&mut table.foreign_keys);
    for key in keys {
        if key.match_full || !key.set_columns.is_empty() || waiting(table, &key) {
            ops.push(Op::AddForeignKey {
                table: name(),
                key: Box::new(key),
            });
        } else {
            table.foreign_keys.push(key);
        }
    }
    ops
}
