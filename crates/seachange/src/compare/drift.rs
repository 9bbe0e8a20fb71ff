//! The way back from drift: what makes a database what its history made it.

use super::label::Drift;
use super::words::words_here;
use crate::dialect::Unsupported;
use crate::diff::{Answers, Plan, diff};
use crate::schema::{Engine, Key, Kind, Schema};
use crate::source::catalog::Catalog;

/// What puts these drifted objects back, and nothing else: what differs otherwise, and what nobody
/// declared, stays as it is.
///
/// # Errors
///
/// The engine cannot hold something that history declares.
pub fn put_back(
    drift: &[Drift],
    base: &Schema,
    engine: Engine,
    catalog: &Catalog,
    answers: &Answers,
) -> Result<Plan, Unsupported> {
    let base = base.on(engine);
    let words = words_here(engine, &base, catalog)?.schema;
    let from = touched(drift, &catalog.schema);
    let mut to = from.clone();
    for Drift { key, .. } in drift {
        restore(key, &base, &words, &mut to);
    }
    Ok(diff(&from, &to, answers))
}

/// The tables that have drifted, and those that they refer to.
fn touched(drift: &[Drift], have: &Schema) -> Schema {
    let is = |name: &&crate::schema::Name| drift.iter().any(|drift| drift.key.owner == **name);
    Schema {
        tables: have
            .tables
            .iter()
            .filter(|(name, _)| is(name))
            .map(|(name, table)| (name.clone(), table.clone()))
            .collect(),
        enums: have.enums.clone(),
        sequences: have.sequences.clone(),
    }
}

/// Makes one object what history made it: in the engine's words, so that nothing but the
/// difference differs, and under the name that history gave it.
fn restore(key: &Key, base: &Schema, words: &Schema, to: &mut Schema) {
    let owner = &key.owner;
    if key.kind == Kind::Enum {
        if let Some(ty) = words.enums.get(owner) {
            let here = to.enums.entry(owner.clone()).or_insert_with(|| ty.clone());
            let mut values = ty.values.clone();
            let others = here.values.iter().filter(|value| !values.contains(value));
            let others: Vec<String> = others.cloned().collect();
            values.extend(others);
            here.values = values;
        }
        return;
    }
    if key.kind == Kind::Sequence {
        let sequence = words.sequences.get(owner);
        to.sequences
            .extend(sequence.map(|sequence| (owner.clone(), sequence.clone())));
        return;
    }
    let (Some(said), Some(words)) = (base.table(owner), words.table(owner)) else {
        return;
    };
    let Some(table) = to.tables.get_mut(owner) else {
        if key.kind == Kind::Table {
            to.insert(said.clone());
        }
        return;
    };
    match key.kind {
        Kind::Enum | Kind::Sequence => {}
        Kind::Table => table.comment.clone_from(&words.comment),
        Kind::Option => table.options.take(&key.id, &words.options),
        Kind::Column => {
            if let Some(column) = words.column(&key.id) {
                match table.column_mut(&key.id) {
                    Some(here) => {
                        // A default that nobody declared is nobody's.
                        let default = here.default.take().filter(|_| column.default.is_none());
                        *here = column.clone();
                        here.default = here.default.take().or(default);
                    }
                    None => table.columns.push(column.clone()),
                }
            }
        }
        Kind::PrimaryKey => table.primary_key.clone_from(&said.primary_key),
        Kind::Unique => replace(&mut table.uniques, &said.uniques, key, |unique| {
            Key::unique(owner, unique)
        }),
        Kind::Index => replace(&mut table.indexes, &words.indexes, key, |index| {
            Key::index(owner, index)
        }),
        Kind::ForeignKey => replace(&mut table.foreign_keys, &said.foreign_keys, key, |one| {
            Key::foreign_key(owner, one)
        }),
        Kind::Exclusion => replace(&mut table.exclusions, &words.exclusions, key, |one| {
            Key::exclusion(owner, one)
        }),
        Kind::Check => replace(&mut table.checks, &words.checks, key, |check| {
            Key::check(owner, check)
        }),
    }
}

fn replace<T: Clone>(to: &mut Vec<T>, said: &[T], key: &Key, key_of: impl Fn(&T) -> Key) {
    to.retain(|one| key_of(one) != *key);
    to.extend(said.iter().filter(|one| key_of(one) == *key).cloned());
}
