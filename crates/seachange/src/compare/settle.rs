//! Settling: what no recorded step made is held to what its entity reads and writes.
//!
//! Entities say little of what a real database holds: hardly an index, hardly a default, and no
//! length of a text. Where no recorded step made a thing, what its entity does not contradict counts
//! as declared and done; only what would fail at run time, or is not there at all, is a difference.
//! A relation joins rows without a foreign key too, and nobody reads a comment at run time.
//! That holds for the first look at a project and for every one after.

use std::collections::{BTreeMap, BTreeSet};

use super::words::words_here;
use crate::dialect::{Unsupported, reads_as};
use crate::schema::{
    Action, Check, Column, Engine, ForeignKey, Index, Key, Kind, Name, Schema, Table, Type, Unique,
    facts,
};
use crate::source::catalog::Catalog;

/// Something that is here in other words than its entity has, and that the entity reads and writes
/// all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The object, as it is declared.
    pub key: Key,
    /// What the entity declares, in the engine's words.
    pub declared: String,
    /// What it is here.
    pub found: String,
    /// The name it has here, where that is another one.
    pub name: Option<String>,
    /// What refuses the same rows here, where that is made of something else.
    pub by: Option<Rule>,
    /// It is not here at all, and nothing that the entity does needs it.
    pub missing: bool,
}

/// What keeps rows unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A constraint, where an index is declared.
    Unique(Unique),
    /// An index, where a constraint is declared.
    Index(Index),
}

/// Rewrites what a catalog holds, but for what recorded steps made, into the words of `declared`
/// wherever the two do not contradict each other, and tells what it rewrote. What differs from
/// `declared` afterwards is a difference.
///
/// # Errors
///
/// The engine cannot hold something that is declared.
pub fn settle(
    declared: &Schema,
    recorded: &Schema,
    engine: Engine,
    catalog: &mut Catalog,
) -> Result<Vec<Adopted>, Unsupported> {
    if recorded == declared {
        return Ok(Vec::new());
    }
    let declared = declared.on(engine);
    let mut rewritten = order_values(&declared, recorded, &mut catalog.schema);
    let words = words_here(engine, &declared, catalog)?;
    let here = Here {
        engine,
        enums: catalog.schema.enums.keys().cloned().collect(),
        domains: catalog.domains.clone(),
    };
    for table in words.schema.tables.values() {
        let Some(have) = catalog.schema.tables.get_mut(&table.name) else {
            continue;
        };
        if have == table {
            continue;
        }
        let Some(declared) = declared.table(&table.name) else {
            continue;
        };
        // Here it is known without the engine that it is for.
        let keys = |table| values(table).into_keys().map(|key| key.only(None));
        let recorded: BTreeSet<Key> = recorded
            .table(&table.name)
            .into_iter()
            .flat_map(keys)
            .collect();
        if values(declared).keys().all(|key| recorded.contains(key)) {
            continue;
        }
        let settling = Settling {
            here: &here,
            recorded: &recorded,
            declared,
            table,
        };
        settling.table(have, &mut rewritten);
    }
    Ok(rewritten)
}

/// Takes the values of enums in the order in which they are declared: no field reads or writes by
/// their order. Those that are not declared come last.
fn order_values(declared: &Schema, recorded: &Schema, here: &mut Schema) -> Vec<Adopted> {
    let mut rewritten = Vec::new();
    for (name, ty) in &declared.enums {
        let Some(found) = here
            .enums
            .get_mut(name)
            .filter(|_| !recorded.enums.contains_key(name))
        else {
            continue;
        };
        let before = found.values.clone();
        let place = |value: &String| ty.values.iter().position(|other| other == value);
        let last = ty.values.len();
        found
            .values
            .sort_by_key(|value| place(value).unwrap_or(last));
        if found.values != before {
            rewritten.push(Adopted {
                key: Key::new(name, Kind::Enum, ""),
                declared: ty.values.join(", "),
                found: before.join(", "),
                name: None,
                by: None,
                missing: false,
            });
        }
    }
    rewritten
}

/// What a database knows of types.
struct Here {
    engine: Engine,
    enums: BTreeSet<Name>,
    domains: BTreeMap<String, Type>,
}

impl Here {
    /// Whether a field that is declared so reads and writes a column of this type.
    fn reads_as(&self, declared: &Type, found: &Type) -> bool {
        if let Type::Custom(words) = found
            && let Some(base) = self.domains.get(words)
        {
            return self.reads_as(declared, base);
        }
        // SeaORM casts what it writes to the enum, and the server makes text of that.
        if let Type::Enum { name, .. } = declared
            && self.enums.contains(name)
            && reads_as(self.engine, &Type::Text, found)
        {
            return true;
        }
        reads_as(self.engine, declared, found)
    }
}

/// One table, in declared words and in the engine's, while what is here is rewritten.
struct Settling<'a> {
    here: &'a Here,
    recorded: &'a BTreeSet<Key>,
    declared: &'a Table,
    table: &'a Table,
}

impl Settling<'_> {
    fn table(&self, have: &mut Table, rewritten: &mut Vec<Adopted>) {
        let before = values(have);
        let name = &self.table.name;
        if self.is_free(&Key::new(name, Kind::Table, "")) {
            have.comment.clone_from(&self.table.comment);
        }
        for column in &self.table.columns {
            let key = Key::new(name, Kind::Column, &column.name);
            if self.is_free(&key)
                && let Some(found) = have.column_mut(&column.name)
            {
                self.column(column, found);
            }
        }
        for key in &self.table.foreign_keys {
            let free = self.is_free(&Key::foreign_key(name, key));
            let found = have
                .foreign_keys
                .iter_mut()
                .find(|found| ends(found) == ends(key));
            if free && let Some(found) = found {
                found.name.clone_from(&key.name);
                found.columns.clone_from(&key.columns);
                found.ref_columns.clone_from(&key.ref_columns);
                found.deferrable = key.deferrable;
                for (said, found) in [
                    (key.on_delete, &mut found.on_delete),
                    (key.on_update, &mut found.on_update),
                ] {
                    if said == Action::NoAction {
                        *found = said;
                    }
                }
            }
        }
        if let (Some(key), Some(found)) = (&self.table.primary_key, &mut have.primary_key)
            && self.is_free(&Key::new(name, Kind::PrimaryKey, ""))
        {
            found.name.clone_from(&key.name);
            if is_on(&found.columns, &key.columns) {
                found.columns.clone_from(&key.columns);
            }
            found.include.clone_from(&key.include);
            found.deferrable = key.deferrable;
        }
        for unique in &self.table.uniques {
            let same = |found: &&mut Unique| is_on(&found.columns, &unique.columns);
            if self.is_free(&Key::unique(name, unique))
                && let Some(found) = have.uniques.iter_mut().find(same)
            {
                *found = unique.clone();
            }
        }
        let after = values(have);
        for (key, declared) in after {
            if let Some(found) = before.get(&key)
                && *found != declared
            {
                rewritten.push(Adopted {
                    found: found.clone(),
                    key,
                    declared,
                    name: None,
                    by: None,
                    missing: false,
                });
            }
        }
        self.foreign_keys(have, rewritten);
        self.checks(have, rewritten);
        self.uniques_and_indexes(have, rewritten);
    }

    /// A relation that no key of the database stands for.
    fn foreign_keys(&self, have: &mut Table, rewritten: &mut Vec<Adopted>) {
        for key in &self.table.foreign_keys {
            let here = |found: &ForeignKey| ends(found) == ends(key);
            let name = Key::foreign_key(&self.table.name, key);
            if self.is_free(&name) && !have.foreign_keys.iter().any(here) {
                have.foreign_keys.push(key.clone());
                rewritten.push(Adopted {
                    key: name,
                    declared: "relation".to_owned(),
                    found: "no foreign key".to_owned(),
                    name: None,
                    by: None,
                    missing: true,
                });
            }
        }
    }

    /// Checks that say the same are one, whatever they are called.
    fn checks(&self, have: &mut Table, rewritten: &mut Vec<Adopted>) {
        let name = &self.table.name;
        let declared = |found: &Check| {
            let mut checks = self.table.checks.iter();
            checks.any(|check| Key::check(name, check) == Key::check(name, found))
        };
        for check in &self.table.checks {
            let key = Key::check(name, check);
            let here = |found: &Check| Key::check(name, found) == key;
            if !self.is_free(&key) || have.checks.iter().any(here) {
                continue;
            }
            let mut others = have.checks.iter_mut();
            let twin = others.find(|found| found.expr == check.expr && !declared(found));
            if let Some(found) = twin {
                rewritten.push(Adopted {
                    declared: key.to_string(),
                    found: Key::check(name, found).to_string(),
                    name: found.name.clone(),
                    key,
                    by: None,
                    missing: false,
                });
                found.name.clone_from(&check.name);
            }
        }
    }

    fn is_free(&self, key: &Key) -> bool {
        !self.recorded.contains(key)
    }

    fn column(&self, said: &Column, found: &mut Column) {
        let declared = self.declared.column(&said.name).unwrap_or(said);
        if self.here.reads_as(&declared.ty, &found.ty) {
            found.ty = said.ty.clone();
        }
        // An optional field reads a required column; a required field fails on the first NULL.
        found.nullable |= said.nullable;
        found.auto_increment = said.auto_increment;
        leave_unsaid(&said.generated, &mut found.generated);
        leave_unsaid(&said.collation, &mut found.collation);
        leave_unsaid(&said.numbering, &mut found.numbering);
        found.comment.clone_from(&said.comment);
    }

    /// Rules that refuse the same rows, and indexes that find the same rows, are one, whatever they
    /// are called and made of.
    fn uniques_and_indexes(&self, have: &mut Table, rewritten: &mut Vec<Adopted>) {
        let name = &self.table.name;
        let mut served: Vec<String> = Vec::new();
        for unique in &self.table.uniques {
            let key = Key::unique(name, unique);
            let there = |found: &&Unique| found.columns == unique.columns;
            if !self.is_free(&key) || have.uniques.iter().any(|found| there(&found)) {
                continue;
            }
            if let Some((found, rule)) = self.unique_on(have, &unique.columns) {
                let index = match &rule {
                    Some(Rule::Index(index)) => Some(index.name.clone()),
                    _ => None,
                };
                have.uniques.push(unique.clone());
                served.extend(index.clone());
                rewritten.push(Adopted {
                    key,
                    declared: "constraint".to_owned(),
                    found,
                    name: index,
                    by: rule,
                    missing: false,
                });
            }
        }
        for index in &self.table.indexes {
            let key = Key::new(name, Kind::Index, &index.name);
            if !self.is_free(&key) {
                continue;
            }
            let mut named = have.indexes.iter_mut();
            if let Some(found) = named.find(|found| found.name == index.name) {
                if index.include.is_empty() {
                    found.include.clear();
                }
                if index.storage.is_empty() {
                    found.storage.clear();
                }
                leave_unsaid(&index.method, &mut found.method);
                continue;
            }
            let twin = have.indexes.iter().find(|found| {
                let renamed = Index {
                    name: index.name.clone(),
                    ..(*found).clone()
                };
                self.is_stray(found) && renamed == *index
            });
            let columns: Vec<String> = index.columns().map(str::to_owned).collect();
            let (found, rule) = match twin {
                Some(twin) => (
                    format!("index {}", twin.name),
                    Some(Rule::Index(twin.clone())),
                ),
                None if index.unique && index.is_plain() => match self.unique_on(have, &columns) {
                    Some(found) => found,
                    None => continue,
                },
                None => continue,
            };
            let other = match &rule {
                Some(Rule::Index(index)) => Some(index.name.clone()),
                _ => None,
            };
            let declared = |unique: &Unique| {
                let mut uniques = self.table.uniques.iter();
                uniques.any(|declared| is_on(&declared.columns, &unique.columns))
            };
            if index.unique && twin.is_none() {
                have.uniques
                    .retain(|unique| declared(unique) || !is_on(&unique.columns, &columns));
            }
            have.indexes.push(index.clone());
            served.extend(other.clone());
            rewritten.push(Adopted {
                key,
                declared: format!("index {}", index.name),
                found,
                name: other,
                by: rule,
                missing: false,
            });
        }
        have.indexes.retain(|index| !served.contains(&index.name));
    }

    /// Whether an index is declared under no name.
    fn is_stray(&self, found: &Index) -> bool {
        !self
            .table
            .indexes
            .iter()
            .any(|index| index.name == found.name)
    }

    /// What keeps these columns unique, in words, and what does it but for a key and an index that is
    /// declared.
    fn unique_on(&self, have: &Table, columns: &[String]) -> Option<(String, Option<Rule>)> {
        let is = |unique: &Unique| is_on(&unique.columns, columns);
        if let Some(unique) = have.uniques.iter().find(|unique| is(unique)) {
            let rule = Rule::Unique(unique.clone());
            return Some(("unique constraint".to_owned(), Some(rule)));
        }
        if have
            .primary_key
            .as_ref()
            .is_some_and(|key| is_on(&key.columns, columns))
        {
            return Some(("primary key".to_owned(), None));
        }
        let index = have.indexes.iter().find(|index| {
            let on: Vec<String> = index.columns().map(str::to_owned).collect();
            index.unique
                && index.predicate.is_none()
                && index.keys.len() == columns.len()
                && is_on(&on, columns)
        })?;
        let rule = self.is_stray(index).then(|| Rule::Index(index.clone()));
        Some((format!("unique index {}", index.name), rule))
    }
}

/// What an entity does not speak of is not its business.
fn leave_unsaid<T>(said: &Option<T>, found: &mut Option<T>) {
    if said.is_none() {
        *found = None;
    }
}

/// What refers to what; in which order a key names its columns, no join asks.
pub(super) fn ends(key: &ForeignKey) -> (&Name, BTreeSet<(&String, &String)>) {
    let pairs = key.columns.iter().zip(&key.ref_columns);
    (&key.ref_table, pairs.collect())
}

/// Whether a key or a unique rule is on these columns: it refuses the same rows in any order.
pub(super) fn is_on(found: &[String], columns: &[String]) -> bool {
    found.len() == columns.len() && columns.iter().all(|column| found.contains(column))
}

pub(super) fn values(table: &Table) -> BTreeMap<Key, String> {
    let one = Schema {
        tables: [(table.name.clone(), table.clone())].into(),
        ..Schema::default()
    };
    let facts = facts(&one).into_iter();
    facts.map(|fact| (fact.key, fact.value)).collect()
}
