//! Labels: your change, already here, drift, unmanaged.

use std::collections::{BTreeMap, BTreeSet};

use super::here;
use super::spelling::even;
use super::words::words_here;
use crate::dialect::postgres::check_version;
use crate::dialect::{Note, Unsupported};
use crate::diff::{Answers, Plan, diff};
use crate::schema::{Engine, Fact, Index, Key, Kind, Name, Schema, Table, facts};
use crate::source::catalog::Catalog;

/// What comparing entities, snapshot and database comes to.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Your change: what a revision has to do, and what has to be answered first.
    pub plan: Plan,
    /// What the plan starts from, in declared words.
    pub base: Schema,
    /// Already here: the places of the plan's operations that are done in this database, though no
    /// revision does them.
    pub already: BTreeSet<usize>,
    /// What is declared, in no revision, and here in another form: no operation of a revision could
    /// be right both here and on a fresh database.
    pub conflicts: Vec<Conflict>,
    /// What this database has otherwise than its history made it.
    pub drift: Vec<Drift>,
    /// What this database has and no entity ever declared.
    pub unmanaged: Vec<Fact>,
    /// What was not compared, by name.
    pub notes: Vec<Note>,
}

impl Comparison {
    /// Whether entities, history and database agree.
    pub fn is_clean(&self) -> bool {
        self.plan.ops.is_empty()
            && self.plan.questions.is_empty()
            && self.plan.notes.is_empty()
            && self.drift.is_empty()
            && self.conflicts.is_empty()
    }
}

/// An object that differs from what history made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The object.
    pub key: Key,
    /// What history made of it, in the engine's words.
    pub expected: String,
    /// What it is here; `None` when it is missing.
    pub found: Option<String>,
}

/// An object that is declared and here, in two forms, and in no revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The object.
    pub key: Key,
    /// What the entity declares, in the engine's words.
    pub declared: String,
    /// What it is here; `None` when it is missing from a table that is here.
    pub found: Option<String>,
}

pub(super) type Facts = BTreeMap<Key, String>;

fn by_key(schema: &Schema) -> Facts {
    facts(schema)
        .into_iter()
        .map(|Fact { key, value }| (key, value))
        .collect()
}

/// Compares what the entities declare (`want`) with what history made (`base`), and both with a
/// database when one is at hand. A server that keeps texts in its own words is [asked](super::ask)
/// before, else each of them is a difference.
///
/// # Errors
///
/// The engine cannot hold something that is declared.
pub fn compare(
    want: &Schema,
    base: Schema,
    database: Option<(Engine, &Catalog)>,
    answers: &Answers,
) -> Result<Comparison, Unsupported> {
    let same = base == *want;
    let evened = match same {
        true => None,
        false => even(want, &base),
    };
    let unchanged = evened.as_ref().map_or(same, |evened| base == *evened);
    let want = evened.as_ref().unwrap_or(want);
    let mut comparison = Comparison {
        plan: diff(&base, want, answers),
        base,
        ..Comparison::default()
    };
    let Some((engine, catalog)) = database else {
        return Ok(comparison);
    };
    let declared = words_here(engine, want, catalog)?;
    if engine == Engine::Postgres && catalog.server.version > 0 {
        check_version(&want.on(engine), catalog.server.version)?;
    }
    comparison.notes.extend(declared.notes);
    comparison.notes.extend(catalog.notes.iter().cloned());
    comparison.notes.sort();
    comparison.notes.dedup();
    let words = declared.schema;
    let base_words = match unchanged {
        true => None,
        false => Some(words_here(engine, &comparison.base, catalog)?.schema),
    };
    let base = base_words.as_ref().unwrap_or(&words);
    let have = &catalog.schema;
    // What is the same on all sides needs no facts; of a large schema that is nearly all.
    let differs = |name: &Name| {
        have.table(name) != words.table(name)
            || !unchanged
                && (base.table(name) != words.table(name)
                    || comparison.base.table(name) != want.table(name))
    };
    let part = |schema: &Schema| Schema {
        tables: schema
            .tables
            .iter()
            .filter(|(name, _)| differs(name))
            .map(|(name, table)| (name.clone(), table.clone()))
            .collect(),
        enums: schema.enums.clone(),
        sequences: schema.sequences.clone(),
    };
    let (words, base, mut have) = (part(&words), part(base), part(have));
    comparison.unmanaged = undeclared_values(&mut have, &[&words, &base]);
    comparison
        .unmanaged
        .extend(undeclared_defaults(&mut have, &[&words, &base]));
    comparison
        .unmanaged
        .extend(undeclared_storage(&mut have, &[&words, &base]));
    let sides = Sides {
        want: by_key(&words),
        base: by_key(&base),
        have: by_key(&have),
    };
    here::find(&mut comparison, engine, want, &sides, [base, have])?;
    comparison.drift = sides.drift();
    comparison.unmanaged.extend(sides.unmanaged());
    Ok(comparison)
}

/// Takes the values of declared enums out that no side declares: nobody writes them.
fn undeclared_values(have: &mut Schema, declared: &[&Schema]) -> Vec<Fact> {
    let mut found = Vec::new();
    for (name, ty) in &mut have.enums {
        let sides: Vec<_> = declared
            .iter()
            .filter_map(|side| side.enums.get(name))
            .collect();
        if sides.is_empty() {
            continue;
        }
        ty.values.retain(|value| {
            let is_declared = sides.iter().any(|side| side.values.contains(value));
            if !is_declared {
                found.push(Fact {
                    key: Key::new(name, Kind::Enum, ""),
                    value: format!("value {value}"),
                });
            }
            is_declared
        });
    }
    found
}

/// Takes the defaults out that no side declares: a column may well have one that its entity never
/// spoke of.
fn undeclared_defaults(have: &mut Schema, declared: &[&Schema]) -> Vec<Fact> {
    let mut found = Vec::new();
    for table in have.tables.values_mut() {
        let sides: Vec<&Table> = declared
            .iter()
            .filter_map(|side| side.table(&table.name))
            .collect();
        if sides.is_empty() {
            continue;
        }
        for column in &mut table.columns {
            let mut declarations = sides.iter().filter_map(|side| side.column(&column.name));
            if declarations.clone().next().is_none()
                || declarations.any(|declared| declared.default.is_some())
            {
                continue;
            }
            if let Some(default) = column.default.take() {
                found.push(Fact {
                    key: Key::new(&table.name, Kind::Column, &column.name),
                    value: format!("default {default}"),
                });
            }
        }
    }
    found
}

/// Takes out how indexes are kept, as far as no side declares it.
fn undeclared_storage(have: &mut Schema, declared: &[&Schema]) -> Vec<Fact> {
    let mut found = Vec::new();
    for table in have.tables.values_mut() {
        let sides = declared.iter().filter_map(|side| side.table(&table.name));
        let declared: Vec<&Index> = sides.flat_map(|side| &side.indexes).collect();
        for index in &mut table.indexes {
            let key = Key::index(&table.name, index);
            let is = |declared: &&&Index| Key::index(&table.name, declared) == key;
            let sides: Vec<&&Index> = declared.iter().filter(is).collect();
            if sides.is_empty() {
                continue;
            }
            let said = |parameter: &str| sides.iter().any(|it| it.storage.contains_key(parameter));
            let storage = index
                .storage
                .extract_if(.., |parameter, _| !said(parameter));
            let mut words: Vec<String> = storage
                .map(|(parameter, setting)| format!("with {parameter} '{setting}'"))
                .collect();
            if sides.iter().all(|side| side.tablespace.is_none()) {
                let place = index.tablespace.take();
                words.extend(place.map(|place| format!("tablespace {place}")));
            }
            if !words.is_empty() {
                found.push(Fact {
                    key,
                    value: words.join(" "),
                });
            }
        }
    }
    found
}

/// The facts of all three, in the engine's words.
pub(super) struct Sides {
    pub(super) want: Facts,
    pub(super) base: Facts,
    pub(super) have: Facts,
}

impl Sides {
    /// Whether the database has this fact.
    fn has(&self, key: &Key, value: &str) -> bool {
        self.have.get(key).is_some_and(|found| found == value)
    }

    /// What neither entity nor plan touches, but this database has otherwise. A missing table is
    /// one line, not one for each of its parts.
    fn drift(&self) -> Vec<Drift> {
        self.base
            .iter()
            .filter(|(key, expected)| self.want.get(key) == Some(expected))
            .filter(|(key, expected)| !self.has(key, expected))
            .filter(|(key, _)| stands_alone(key.kind) || self.has_table(&key.owner))
            .map(|(key, expected)| Drift {
                key: key.clone(),
                expected: expected.clone(),
                found: self.have.get(key).cloned(),
            })
            .collect()
    }

    /// What nobody ever declared. A table is one line; the parts of declared tables are one each.
    fn unmanaged(&self) -> Vec<Fact> {
        let declared = |key: &Key| self.base.contains_key(key) || self.want.contains_key(key);
        self.have
            .iter()
            .filter(|(key, _)| !declared(key))
            .filter(|(key, _)| {
                stands_alone(key.kind) || declared(&Key::new(&key.owner, Kind::Table, ""))
            })
            .map(|(key, value)| Fact {
                key: key.clone(),
                value: value.clone(),
            })
            .collect()
    }

    fn has_table(&self, name: &Name) -> bool {
        self.have.contains_key(&Key::new(name, Kind::Table, ""))
    }
}

/// Whether things of the kind are part of no table.
fn stands_alone(kind: Kind) -> bool {
    matches!(kind, Kind::Table | Kind::Enum | Kind::Sequence)
}
