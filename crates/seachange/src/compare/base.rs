//! What history has made of the entities so far: the snapshot, and what newer revisions did.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::settle::{ends, is_on};
use crate::op::{Op, Operations, apply};
use crate::revision::{Entry, History};
use crate::schema::{Fact, Key, Kind, Schema, Table, TableOptions, facts, from_facts};
use crate::source::snapshot::Snapshot;

/// The snapshot does not fit the history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// It was written for a revision that is not there.
    #[error(
        "the snapshot was written for `{at}`, which is not in the history: its module was deleted, \
         or the snapshot comes from another branch"
    )]
    UnknownHead {
        /// The revision that the snapshot names.
        at: String,
    },
    /// Revisions exist that are neither older nor newer than the snapshot.
    #[error(
        "the snapshot was written for `{at}`, but `{other}` stands beside that revision, neither \
         before nor after it: two branches were merged"
    )]
    Beside {
        /// The revision that the snapshot names.
        at: String,
        /// A revision beside it.
        other: String,
    },
    /// A revision's steps cannot be read.
    #[error("the steps of `{id}` cannot be read: line {line}: {problem}")]
    Unreadable {
        /// The revision.
        id: String,
        /// The line of its module.
        line: u32,
        /// Why.
        problem: String,
    },
}

/// What the entities had declared at the newest revision: the snapshot, with the recorded steps of
/// the revisions written since, as far as they concern what entities or snapshot declare. (Another
/// thing that a hand-written revision makes was never declared, and is not ours to drop.)
///
/// # Errors
///
/// See [`BaseError`].
pub fn base(snapshot: &Snapshot, history: &History, want: &Schema) -> Result<Schema, BaseError> {
    let newer = newer_than(&snapshot.heads, history)?;
    let mut schema = snapshot.schema.clone();
    for entry in &newer {
        if let Some(header) = entry.header {
            replay(&mut schema, &entry.id, header.up, |_, _| {})?;
        }
    }
    if !newer.is_empty() {
        let declared: HashSet<Key> = facts(&snapshot.schema)
            .into_iter()
            .chain(facts(want))
            .map(|fact| fact.key)
            .collect();
        retain(&mut schema, &declared);
    }
    Ok(schema)
}

/// A snapshot as it was before its newest revision: the steps of that revision's way down are
/// applied to it. What they bring back of what no recorded step had made is in the words of a
/// database; where the entities declare it now, it counts as declared.
///
/// # Errors
///
/// The steps cannot be read.
pub fn undone(
    snapshot: &Snapshot,
    history: &History,
    newest: &Entry,
    want: &Schema,
) -> Result<Snapshot, BaseError> {
    let mut schema = snapshot.schema.clone();
    if let Some(header) = newest.header {
        replay(&mut schema, &newest.id, header.down, |_, _| {})?;
    }
    let older = history.entries().iter();
    let recorded = keys(&recorded_by(older.filter(|entry| entry.id != newest.id))?);
    let held: BTreeSet<Key> = facts(&snapshot.schema)
        .into_iter()
        .map(|fact| fact.key)
        .collect();
    let is_back = |key: Key| !held.contains(&key) && !recorded.contains(&key.only(None));
    for table in schema.tables.values_mut() {
        if let Some(declared) = want.table(&table.name) {
            constraints_as_declared(table, declared, is_back);
        }
    }
    let declared: BTreeMap<Key, Fact> = facts(want)
        .into_iter()
        .map(|fact| (fact.key.clone(), fact))
        .collect();
    let mut lines = String::new();
    for fact in facts(&schema) {
        let declared = declared.get(&fact.key);
        let declared = declared.filter(|_| is_back(fact.key.clone()));
        lines.push_str(&format!("{}\n", declared.unwrap_or(&fact)));
    }
    Ok(Snapshot {
        heads: newest.parents.clone(),
        adopted: snapshot.adopted.clone(),
        schema: from_facts(&lines, 1).unwrap_or(schema),
    })
}

/// Takes the declared form of constraints that another hand named, or whose columns it put in another
/// order.
fn constraints_as_declared(table: &mut Table, declared: &Table, is_back: impl Fn(Key) -> bool) {
    let name = &table.name;
    for unique in &mut table.uniques {
        let mut others = declared.uniques.iter();
        if is_back(Key::unique(name, unique))
            && let Some(other) = others.find(|other| is_on(&other.columns, &unique.columns))
        {
            unique.clone_from(other);
        }
    }
    for key in &mut table.foreign_keys {
        let mut others = declared.foreign_keys.iter();
        if is_back(Key::foreign_key(name, key))
            && let Some(other) = others.find(|other| ends(other) == ends(key))
        {
            key.clone_from(other);
        }
    }
    for check in &mut table.checks {
        let mut others = declared.checks.iter();
        if is_back(Key::check(name, check))
            && let Some(other) = others.find(|other| other.expr == check.expr)
        {
            check.clone_from(other);
        }
    }
}

/// What recorded steps made, from the first revision on. What is not in it was made by plain
/// migrations, by SQL, or by hand, in words that nobody recorded.
///
/// # Errors
///
/// The steps of a revision cannot be read.
pub fn recorded(history: &History) -> Result<Schema, BaseError> {
    recorded_by(history.entries().iter())
}

/// The keys of facts. Here it is known without the engine that something is for.
pub(super) fn keys(schema: &Schema) -> BTreeSet<Key> {
    let facts = facts(schema).into_iter();
    facts.map(|fact| fact.key.only(None)).collect()
}

fn recorded_by<'a>(entries: impl Iterator<Item = &'a Entry>) -> Result<Schema, BaseError> {
    let mut schema = Schema::default();
    for entry in entries {
        if let Some(header) = entry.header {
            replay(&mut schema, &entry.id, header.up, |schema, op| {
                // A table of somebody else's may well get a column of ours.
                if let Some(table) = op.table()
                    && !matches!(op, Op::CreateTable { .. })
                {
                    let shell = || Table::new(table);
                    schema.tables.entry(table.clone()).or_insert_with(shell);
                }
            })?;
        }
    }
    Ok(schema)
}

/// The revisions after the ones a snapshot names.
fn newer_than<'a>(heads: &[String], history: &'a History) -> Result<Vec<&'a Entry>, BaseError> {
    let mut older: BTreeSet<&str> = BTreeSet::new();
    for at in heads {
        let entry = history
            .get(at)
            .ok_or_else(|| BaseError::UnknownHead { at: at.clone() })?;
        older.insert(&entry.id);
    }
    let mut after = older.clone();
    // Entries stand parents first, so one walk in each direction closes a set.
    for entry in history.entries().iter().rev() {
        if older.contains(entry.id.as_str()) {
            older.extend(entry.parents.iter().map(String::as_str));
        }
    }
    let mut newer = Vec::new();
    for entry in history.entries() {
        if older.contains(entry.id.as_str()) {
            continue;
        }
        let follows = |parent: &String| after.contains(parent.as_str());
        if !heads.is_empty() && !entry.parents.iter().any(follows) {
            return Err(BaseError::Beside {
                at: heads.join("`, `"),
                other: entry.id.clone(),
            });
        }
        after.insert(&entry.id);
        newer.push(entry);
    }
    Ok(newer)
}

/// Applies recorded steps to a schema; `before` sees each of them first.
fn replay(
    schema: &mut Schema,
    id: &str,
    record: fn(&mut Operations),
    mut before: impl FnMut(&mut Schema, &Op),
) -> Result<(), BaseError> {
    let mut operations = Operations::default();
    record(&mut operations);
    let steps = operations
        .into_steps()
        .map_err(|(line, error)| BaseError::Unreadable {
            id: id.to_owned(),
            line,
            problem: error.to_string(),
        })?;
    for step in steps {
        before(schema, &step.op);
        // An alteration of something that no entity declared finds nothing to alter.
        apply(schema, &step.op);
    }
    Ok(())
}

/// Keeps only facts about what is declared.
fn retain(schema: &mut Schema, declared: &HashSet<Key>) {
    let keep = |key: Key| declared.contains(&key);
    schema
        .enums
        .retain(|name, _| keep(Key::new(name, Kind::Enum, "")));
    schema
        .sequences
        .retain(|name, _| keep(Key::new(name, Kind::Sequence, "")));
    schema
        .tables
        .retain(|name, _| keep(Key::new(name, Kind::Table, "")));
    for table in schema.tables.values_mut() {
        let name = table.name.clone();
        for option in table.options.names() {
            if !keep(Key::new(&name, Kind::Option, &option)) {
                table.options.take(&option, &TableOptions::default());
            }
        }
        table
            .columns
            .retain(|column| keep(Key::new(&name, Kind::Column, &column.name)));
        table
            .primary_key
            .take_if(|_| !keep(Key::new(&name, Kind::PrimaryKey, "")));
        table
            .uniques
            .retain(|unique| keep(Key::unique(&name, unique)));
        table.indexes.retain(|index| keep(Key::index(&name, index)));
        table
            .foreign_keys
            .retain(|key| keep(Key::foreign_key(&name, key)));
        table.checks.retain(|check| keep(Key::check(&name, check)));
    }
}
