//! How engines keep tables.

use super::{Work, drop_foreign_key, order};
use crate::op::{Op, TableChange};
use crate::schema::{ForeignKey, Name, Table, TableOptions};

/// Lets go of what a table is held to, before its columns and its key change: what they become may
/// not fit.
pub(super) fn loosen(work: &mut Work<'_>, name: &Name) {
    let Some((now, to)) = work.pair(name) else {
        return;
    };
    let options = TableOptions {
        strict: now.options.strict && to.options.strict,
        without_rowid: now.options.without_rowid && to.options.without_rowid,
        ..now.options.clone()
    };
    push(work, &now, &options);
}

/// Changes how a table is kept, but for whether it is logged. Its columns and its key are changed by
/// then: some of it is about them.
pub(super) fn alter(work: &mut Work<'_>, name: &Name) {
    let Some((now, to)) = work.pair(name) else {
        return;
    };
    let options = TableOptions {
        unlogged: now.options.unlogged,
        ..to.options
    };
    push(work, &now, &options);
}

/// Logs tables: before anything new refers to them, and those first to which others refer, since no
/// table that is logged refers to one that is not.
pub(super) fn log(work: &mut Work<'_>) {
    let order = changing(work, false);
    set_unlogged(work, &order, false);
}

/// Logs tables no more, for the same reason the other way around.
pub(super) fn log_no_more(work: &mut Work<'_>) {
    let mut order = changing(work, true);
    order.reverse();
    set_unlogged(work, &order, true);
}

/// The tables of which this is not so yet and shall be, parents first.
fn changing(work: &Work<'_>, unlogged: bool) -> Vec<Name> {
    let pairs = work.pairs();
    let changes = |(now, to): &&(Table, Table)| {
        now.options.unlogged != unlogged && to.options.unlogged == unlogged
    };
    let tables: Vec<&Table> = pairs.iter().filter(changes).map(|(now, _)| now).collect();
    order::parents_first(&tables)
}

/// Changes one table after the other. A key of a cycle that leads against that order goes meanwhile.
fn set_unlogged(work: &mut Work<'_>, order: &[Name], unlogged: bool) {
    let place = |name: &Name| order.iter().position(|other| other == name);
    let is_against = |table: &Name, key: &ForeignKey| match (place(table), place(&key.ref_table)) {
        (Some(own), Some(other)) => {
            if unlogged {
                other < own
            } else {
                other > own
            }
        }
        _ => false,
    };
    let tables: Vec<Table> = order
        .iter()
        .filter_map(|name| work.now.table(name).cloned())
        .collect();
    let mut against = Vec::new();
    for table in &tables {
        let keys = table.foreign_keys.iter();
        against.extend(
            keys.filter(|key| is_against(&table.name, key))
                .map(|key| (table, key)),
        );
    }
    for (table, key) in &against {
        work.push(drop_foreign_key(&table.name, key));
    }
    for table in &tables {
        let options = TableOptions {
            unlogged,
            ..table.options.clone()
        };
        push(work, table, &options);
    }
    for (table, key) in against {
        work.push(Op::AddForeignKey {
            table: table.name.clone(),
            key: Box::new(key.clone()),
        });
    }
}

fn push(work: &mut Work<'_>, table: &Table, options: &TableOptions) {
    let change = TableChange::between(&table.options, options, table);
    if !change.is_empty() {
        work.push(Op::AlterTable {
            table: table.name.clone(),
            change: Box::new(change),
            before: Some(Box::new(table.options.clone())),
        });
    }
}
