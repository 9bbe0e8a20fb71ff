//! Adoption: the first snapshot of a project that has a database and no snapshot.
//!
//! Entities say little of what a real database holds: hardly an index, hardly a default. So what
//! they do not contradict counts as declared and done, and only what would fail at run time, or is
//! not there at all, is a change.

use crate::dialect::{Unsupported, canonical, reads_as};
use crate::schema::{Column, Engine, Index, Name, Schema, Table};
use crate::source::catalog::Catalog;

/// What history has made of the entities, taken from entities and database together.
///
/// # Errors
///
/// The engine cannot hold something that is declared.
pub fn adopt(want: &Schema, engine: Engine, catalog: &Catalog) -> Result<Schema, Unsupported> {
    let words = canonical(engine, want)?.schema;
    let have = &catalog.schema;
    let mut base = Schema::default();
    for table in want.tables.values() {
        if let (Some(words), Some(have)) = (words.table(&table.name), have.table(&table.name)) {
            let adopted = adopt_table(engine, table, words, have);
            base.tables.insert(table.name.clone(), adopted);
        }
    }
    for (name, ty) in &want.enums {
        if let Some(found) = have.enums.get(name) {
            base.enums.insert(name.clone(), found.clone());
        } else if !words.enums.contains_key(name) && uses(&base, name) {
            // An engine without named enums has nothing to find: the columns are there or not.
            base.enums.insert(name.clone(), ty.clone());
        }
    }
    Ok(base)
}

fn uses(schema: &Schema, name: &Name) -> bool {
    let mut columns = schema.tables.values().flat_map(|table| &table.columns);
    columns.any(|column| {
        column
            .ty
            .enumeration()
            .is_some_and(|(used, _)| used == name)
    })
}

fn adopt_table(engine: Engine, want: &Table, words: &Table, have: &Table) -> Table {
    let mut table = want.clone();
    table.columns = want
        .columns
        .iter()
        .filter_map(|column| {
            let found = have.column(&column.name)?;
            let words = words.column(&column.name)?;
            Some(adopt_column(engine, column, words, found))
        })
        .collect();
    if want.primary_key.as_ref().map(|key| &key.columns)
        != have.primary_key.as_ref().map(|key| &key.columns)
    {
        table.primary_key.clone_from(&have.primary_key);
    }
    table
        .uniques
        .retain(|unique| is_unique_on(have, &unique.columns));
    table.indexes.retain(|index| has_index(have, index));
    table.foreign_keys.retain(|key| {
        have.foreign_keys.iter().any(|found| {
            found.columns == key.columns
                && found.ref_table == key.ref_table
                && found.ref_columns == key.ref_columns
                && (found.on_delete, found.on_update) == (key.on_delete, key.on_update)
        })
    });
    // The text of a check is the engine's own; a name can be recognised.
    table.checks.retain(|check| {
        have.checks.iter().any(|found| match &check.name {
            Some(name) => found.name.as_ref() == Some(name),
            None => found.expr == check.expr,
        })
    });
    table
}

/// The declared column, with what contradicts it taken from the database.
fn adopt_column(engine: Engine, want: &Column, words: &Column, found: &Column) -> Column {
    let mut column = want.clone();
    if !reads_as(engine, &words.ty, &found.ty) {
        column.ty = found.ty.clone();
    }
    // An optional field reads a required column; a required field fails on the first NULL.
    if found.nullable && !want.nullable {
        column.nullable = true;
    }
    if want.default.is_some() && words.default != found.default {
        column.default.clone_from(&found.default);
    }
    column
}

/// A constraint and a unique index refuse the same rows.
fn is_unique_on(table: &Table, columns: &[String]) -> bool {
    table.uniques.iter().any(|unique| unique.columns == columns)
        || table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns == columns)
        || table.indexes.iter().any(|index| {
            index.unique && index.predicate.is_none() && index.columns().eq(columns.iter())
        })
}

/// Whether an index does what this one does, whatever its name.
fn has_index(table: &Table, wanted: &Index) -> bool {
    let columns: Vec<String> = wanted.columns().map(str::to_owned).collect();
    table.indexes.iter().any(|found| {
        let renamed = Index {
            name: wanted.name.clone(),
            ..found.clone()
        };
        renamed == *wanted
    }) || (wanted.unique && wanted.is_plain() && is_unique_on(table, &columns))
}
