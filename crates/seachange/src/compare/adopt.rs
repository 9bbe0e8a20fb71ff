//! Adoption: a project without a snapshot, taken from entities and database together.

use std::collections::{BTreeMap, BTreeSet};

use super::base::keys;
use super::settle::settle;
use super::words::words_here;
use crate::dialect::{Unsupported, canonical, kept_name};
use crate::schema::{
    Check, Column, Engine, Fact, Key, Kind, Name, Schema, Table, facts, from_facts,
};
use crate::source::catalog::Catalog;

/// What history has made of the entities of a project without a snapshot, taken from entities and
/// database together.
///
/// # Errors
///
/// The engine cannot hold something that is declared.
pub fn adopt(declared: &Schema, engine: Engine, catalog: &Catalog) -> Result<Schema, Unsupported> {
    let want = &*declared.on(engine);
    let words = words_here(engine, want, catalog)?.schema;
    let mut settled = catalog.clone();
    settle(want, &Schema::default(), engine, &mut settled)?;
    let have = &settled.schema;
    let mut base = Schema::default();
    for table in want.tables.values() {
        if let (Some(words), Some(have)) = (words.table(&table.name), have.table(&table.name)) {
            let mut adopted = adopt_table(engine, table, words, have);
            adopted.checks = checks_here(engine, table, have)?;
            if let Some(declared) = declared.table(&table.name) {
                for_one_engine(engine, declared, &mut adopted);
            }
            base.tables.insert(table.name.clone(), adopted);
        }
    }
    for (name, ty) in &want.enums {
        if let Some(found) = have.enums.get(name) {
            let mut found = found.clone();
            found.values.retain(|value| ty.values.contains(value));
            base.enums.insert(name.clone(), found);
        } else if !words.enums.contains_key(name) && uses(&base, name) {
            // An engine without named enums has nothing to find: the columns are there or not.
            base.enums.insert(name.clone(), ty.clone());
        }
    }
    for (name, sequence) in &want.sequences {
        if let Some(found) = have.sequences.get(name) {
            let is_same = words.sequences.get(name) == Some(found);
            let adopted = if is_same { sequence } else { found };
            base.sequences.insert(name.clone(), adopted.clone());
        }
    }
    Ok(base)
}

/// What history has made here of a project that was adopted on another engine. Nobody has held to
/// this one what no recorded step made: where that contradicts `base`, or is missing, history made
/// it as it is. Told with the keys of what that concerns.
///
/// # Errors
///
/// The engine cannot hold something that is declared.
pub fn adopt_on(
    base: &Schema,
    recorded: &Schema,
    engine: Engine,
    catalog: &Catalog,
) -> Result<(Schema, BTreeSet<Key>), Unsupported> {
    let here = adopt(base, engine, catalog)?;
    let recorded = keys(recorded);
    let words = canonical(engine, &base.on(engine))?.schema;
    let mut found: BTreeMap<Key, Fact> = facts(&here)
        .into_iter()
        .map(|fact| (fact.key.clone(), fact))
        .collect();
    let mut contradicting = BTreeSet::new();
    let mut lines = String::new();
    for fact in facts(base) {
        let Key { owner, kind, .. } = &fact.key;
        let is_alone = matches!(kind, Kind::Enum | Kind::Sequence);
        let has_owner = is_alone || here.table(owner).is_some();
        let is_of_another = match kind {
            Kind::Sequence => !words.sequences.contains_key(owner),
            _ => fact.key.only.is_some_and(|only| only != engine),
        };
        let is_recorded = recorded.contains(&fact.key.clone().only(None));
        let fact = match found.remove(&fact.key) {
            _ if has_owner && (is_recorded || is_of_another) => fact,
            Some(found) if found == fact => fact,
            found => {
                contradicting.insert(fact.key);
                let Some(found) = found else { continue };
                found
            }
        };
        lines.push_str(&format!("{fact}\n"));
    }
    // What was written as facts is read back, whatever it is.
    let schema = from_facts(&lines, 1).unwrap_or(here);
    Ok((schema, contradicting))
}

/// Says again of what is here that it is declared for this engine only, or otherwise for others.
fn for_one_engine(engine: Engine, declared: &Table, adopted: &mut Table) {
    fn mark<T>(
        engine: Engine,
        (declared, adopted): (&[T], &mut [T]),
        key: impl Fn(&T) -> Key,
        only: impl Fn(&mut T) -> &mut Option<Engine>,
    ) {
        for one in adopted {
            let here = key(one).only(Some(engine));
            if declared.iter().any(|declared| key(declared) == here) {
                *only(one) = Some(engine);
            }
        }
    }
    for column in &mut adopted.columns {
        if let Some(declared) = declared.column(&column.name) {
            *column = declared.seen_as(engine, column.clone());
        }
    }
    let name = &declared.name;
    let uniques = (&*declared.uniques, &mut *adopted.uniques);
    mark(
        engine,
        uniques,
        |it| Key::unique(name, it),
        |it| &mut it.only,
    );
    let indexes = (&*declared.indexes, &mut *adopted.indexes);
    mark(
        engine,
        indexes,
        |it| Key::index(name, it),
        |it| &mut it.only,
    );
    let checks = (&*declared.checks, &mut *adopted.checks);
    mark(engine, checks, |it| Key::check(name, it), |it| &mut it.only);
    let exclusions = (&*declared.exclusions, &mut *adopted.exclusions);
    mark(
        engine,
        exclusions,
        |it| Key::exclusion(name, it),
        |it| &mut it.only,
    );
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

/// The declared table without what is not here, and with what contradicts it as it is here.
fn adopt_table(engine: Engine, want: &Table, words: &Table, have: &Table) -> Table {
    let mut table = want.clone();
    if words.comment != have.comment {
        table.comment.clone_from(&have.comment);
    }
    for option in words.options.names() {
        let mut here = words.options.clone();
        here.take(&option, &have.options);
        if here != words.options {
            table.options.take(&option, &have.options);
        }
    }
    table.columns = want
        .columns
        .iter()
        .filter_map(|column| {
            let found = have.column(&column.name)?;
            let words = words.column(&column.name)?;
            Some(adopt_column(column, words, found))
        })
        .collect();
    if words.primary_key.as_ref().map(|key| &key.columns)
        != have.primary_key.as_ref().map(|key| &key.columns)
    {
        table.primary_key.clone_from(&have.primary_key);
    }
    table.uniques.retain(|unique| {
        let mut found = have.uniques.iter();
        found.any(|found| found.columns == unique.columns)
    });
    table.indexes = as_here(&want.indexes, &words.indexes, &have.indexes, |index| {
        kept_name(engine, &index.name).to_owned()
    });
    table.foreign_keys = as_here(
        &want.foreign_keys,
        &words.foreign_keys,
        &have.foreign_keys,
        |key| Key::foreign_key(&want.name, key),
    );
    table.exclusions = as_here(
        &want.exclusions,
        &words.exclusions,
        &have.exclusions,
        |one| kept_name(engine, &one.name).to_owned(),
    );
    table
}

/// Of the declared checks those that are here; one of that name that says something else, as it is
/// here.
fn checks_here(engine: Engine, want: &Table, have: &Table) -> Result<Vec<Check>, Unsupported> {
    let mut here = Vec::new();
    for check in &want.checks {
        let mut table = want.clone();
        table.checks = vec![check.clone()];
        let one = Schema {
            tables: [(table.name.clone(), table)].into(),
            ..Schema::default()
        };
        let canonical = canonical(engine, &one)?.schema;
        let mut words = canonical.tables.values().flat_map(|table| &table.checks);
        let Some(words) = words.next() else {
            continue;
        };
        if have.checks.contains(words) {
            here.push(check.clone());
        } else if words.name.is_some() {
            let mut found = have.checks.iter();
            here.extend(found.find(|found| found.name == words.name).cloned());
        }
    }
    Ok(here)
}

/// The declared column, with what contradicts it taken from the database.
pub(super) fn adopt_column(want: &Column, words: &Column, found: &Column) -> Column {
    let mut column = want.clone();
    if words.ty != found.ty {
        column.ty = found.ty.clone();
    }
    if words.nullable != found.nullable {
        column.nullable = found.nullable;
    }
    if words.default.is_some() && words.default != found.default {
        column.default.clone_from(&found.default);
    }
    if words.generated != found.generated {
        column.generated.clone_from(&found.generated);
    }
    if words.numbering != found.numbering {
        column.numbering.clone_from(&found.numbering);
    }
    if words.collation != found.collation {
        column.collation.clone_from(&found.collation);
    }
    if words.comment != found.comment {
        column.comment.clone_from(&found.comment);
    }
    column
}

/// Of the declared ones those that are here; one that is here in another form as it is here.
fn as_here<T: Clone + PartialEq, K: PartialEq>(
    want: &[T],
    words: &[T],
    have: &[T],
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let among = |all: &[T], one: &K| all.iter().find(|other| key(other) == *one).cloned();
    want.iter()
        .filter_map(|declared| {
            let one = key(declared);
            let found = among(have, &one)?;
            if among(words, &one).is_some_and(|words| words != found) {
                Some(found)
            } else {
                Some(declared.clone())
            }
        })
        .collect()
}
