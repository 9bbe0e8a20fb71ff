//! Texts that differ in nothing that any engine minds: blank space, letter case of keywords, brackets
//! around the whole.

use crate::dialect::is_same_text;
use crate::schema::{Check, DefaultValue, Generated, Index, KeyOn, Schema, Table};

/// The entities with history's spelling of what is the same text; `None` when nothing is.
pub(super) fn even(want: &Schema, base: &Schema) -> Option<Schema> {
    let mut evened = None;
    for table in want.tables.values() {
        let Some(old) = base.table(&table.name).filter(|old| *old != table) else {
            continue;
        };
        let mut new = table.clone();
        even_table(&mut new, old);
        if new != *table {
            let schema = evened.get_or_insert_with(|| want.clone());
            schema.tables.insert(new.name.clone(), new);
        }
    }
    evened
}

fn even_table(new: &mut Table, old: &Table) {
    let columns: Vec<String> = new
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect();
    let take = |new: &mut String, old: &String| {
        if is_same_text(new, old, &columns) {
            new.clone_from(old);
        }
    };
    for column in &mut new.columns {
        let Some(old) = old.column(&column.name) else {
            continue;
        };
        let default = |new: &mut Option<DefaultValue>, old: &Option<DefaultValue>| {
            if let (Some(DefaultValue::Expr(new)), Some(DefaultValue::Expr(old))) = (new, old) {
                take(new, old);
            }
        };
        let generated = |new: &mut Option<Generated>, old: &Option<Generated>| {
            if let (Some(new), Some(old)) = (new, old) {
                take(&mut new.expr, &old.expr);
            }
        };
        default(&mut column.default, &old.default);
        generated(&mut column.generated, &old.generated);
        for (engine, own) in &mut column.variants {
            let Some(old) = old.variants.get(engine) else {
                continue;
            };
            if let (Some(new), Some(old)) = (&mut own.default, &old.default) {
                default(new, old);
            }
            if let (Some(new), Some(old)) = (&mut own.generated, &old.generated) {
                generated(new, old);
            }
        }
    }
    for check in &mut new.checks {
        let twins = |old: &&Check| old.name == check.name && old.only == check.only;
        for old in old.checks.iter().filter(twins) {
            take(&mut check.expr, &old.expr);
        }
    }
    for index in &mut new.indexes {
        let twin = |old: &&Index| old.name == index.name && old.only == index.only;
        if let Some(old) = old.indexes.iter().find(twin) {
            even_index(index, old, take);
        }
    }
}

fn even_index(new: &mut Index, old: &Index, take: impl Fn(&mut String, &String)) {
    if let (Some(new), Some(old)) = (&mut new.predicate, &old.predicate) {
        take(new, old);
    }
    for (new, old) in new.keys.iter_mut().zip(&old.keys) {
        if let (KeyOn::Expr(new), KeyOn::Expr(old)) = (&mut new.on, &old.on) {
            take(new, old);
        }
    }
}
