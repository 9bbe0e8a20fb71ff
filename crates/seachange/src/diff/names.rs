//! Indexes and constraints that are what they were, under another name. No row is at stake, so
//! nobody is asked; where several fit, they are paired in their order.

use super::Work;
use crate::op::{Op, Target};
use crate::schema::{Exclusion, ForeignKey, Index, Kind, Name, PrimaryKey, Schema, Table, Unique};

/// Renames what can be renamed. What cannot, because its new name is taken until another one lets
/// it go, is left to be dropped and made again.
pub(super) fn rename(work: &mut Work<'_>) {
    let pairs = work.pairs();
    let mut waiting: Vec<Op> = pairs
        .iter()
        .flat_map(|(now, to)| operations(now, to))
        .collect();
    loop {
        let count = waiting.len();
        let mut left = Vec::new();
        for op in waiting {
            match is_free(&work.now, &op) {
                true => work.push(op),
                false => left.push(op),
            }
        }
        if left.is_empty() || left.len() == count {
            break;
        }
        waiting = left;
    }
}

/// The table as it shall be, but with the old names of what is only to be renamed.
pub(super) fn under_old_names(now: &Table, to: &Table) -> Table {
    let mut table = to.clone();
    for (old, new) in indexes(now, to) {
        table.indexes[new].name.clone_from(&now.indexes[old].name);
    }
    for (old, new) in uniques(now, to) {
        table.uniques[new].name.clone_from(&now.uniques[old].name);
    }
    for (old, new) in foreign_keys(now, to) {
        let name = &now.foreign_keys[old].name;
        table.foreign_keys[new].name.clone_from(name);
    }
    for (old, new) in checks(now, to) {
        table.checks[new].name.clone_from(&now.checks[old].name);
    }
    for (old, new) in exclusions(now, to) {
        table.exclusions[new]
            .name
            .clone_from(&now.exclusions[old].name);
    }
    table
}

/// The places of things that differ, and are the same but for the name.
type Pairs = Vec<(usize, usize)>;

fn paired<T: PartialEq>(now: &[T], to: &[T], same: impl Fn(&T, &T) -> bool) -> Pairs {
    let places = |items: &[T], others: &[T]| -> Vec<usize> {
        let alone = items
            .iter()
            .enumerate()
            .filter(|(_, item)| !others.contains(item));
        alone.map(|(at, _)| at).collect()
    };
    let mut gone = places(now, to);
    let pair = |new: usize| {
        let at = gone.iter().position(|old| same(&now[*old], &to[new]))?;
        Some((gone.remove(at), new))
    };
    places(to, now).into_iter().filter_map(pair).collect()
}

fn indexes(now: &Table, to: &Table) -> Pairs {
    paired(&now.indexes, &to.indexes, |old, new| {
        let renamed = Index {
            name: new.name.clone(),
            ..old.clone()
        };
        renamed == *new
    })
}

fn uniques(now: &Table, to: &Table) -> Pairs {
    paired(&now.uniques, &to.uniques, |old, new| {
        let renamed = Unique {
            name: new.name.clone(),
            ..old.clone()
        };
        renamed == *new
    })
}

fn foreign_keys(now: &Table, to: &Table) -> Pairs {
    paired(&now.foreign_keys, &to.foreign_keys, |old, new| {
        let renamed = ForeignKey {
            name: new.name.clone(),
            ..old.clone()
        };
        renamed == *new
    })
}

/// A check is found by its name alone.
fn checks(now: &Table, to: &Table) -> Pairs {
    paired(&now.checks, &to.checks, |old, new| {
        let same = old.expr == new.expr && old.only == new.only;
        same && old.name.is_some() && new.name.is_some()
    })
}

fn exclusions(now: &Table, to: &Table) -> Pairs {
    paired(&now.exclusions, &to.exclusions, |old, new| {
        let renamed = Exclusion {
            name: new.name.clone(),
            ..old.clone()
        };
        renamed == *new
    })
}

fn operations(now: &Table, to: &Table) -> Vec<Op> {
    let rename = |kind, only, name: &Option<String>, columns: &[String], new: &Option<String>| {
        Op::RenameConstraint {
            table: to.name.clone(),
            kind: Some(kind),
            target: Target {
                name: name.clone(),
                columns: columns.to_vec(),
                only,
            },
            to: new.clone(),
        }
    };
    let mut ops = Vec::new();
    if let (Some(old), Some(new)) = (&now.primary_key, &to.primary_key)
        && old != new
        && *new
            == (PrimaryKey {
                name: new.name.clone(),
                ..old.clone()
            })
    {
        ops.push(rename(Kind::PrimaryKey, None, &old.name, &[], &new.name));
    }
    for (old, new) in indexes(now, to) {
        ops.push(Op::RenameIndex {
            table: to.name.clone(),
            from: now.indexes[old].name.clone(),
            to: to.indexes[new].name.clone(),
            only: to.indexes[new].only,
        });
    }
    for (old, new) in uniques(now, to) {
        let (old, new) = (&now.uniques[old], &to.uniques[new]);
        let only = new.only;
        ops.push(rename(
            Kind::Unique,
            only,
            &old.name,
            &old.columns,
            &new.name,
        ));
    }
    for (old, new) in foreign_keys(now, to) {
        let (old, new) = (&now.foreign_keys[old], &to.foreign_keys[new]);
        ops.push(rename(
            Kind::ForeignKey,
            None,
            &old.name,
            &old.columns,
            &new.name,
        ));
    }
    for (old, new) in checks(now, to) {
        let (old, new) = (&now.checks[old], &to.checks[new]);
        ops.push(rename(Kind::Check, new.only, &old.name, &[], &new.name));
    }
    for (old, new) in exclusions(now, to) {
        let only = to.exclusions[new].only;
        let [old, new] =
            [&now.exclusions[old], &to.exclusions[new]].map(|it| Some(it.name.clone()));
        ops.push(rename(Kind::Exclusion, only, &old, &[], &new));
    }
    ops
}

/// Whether nothing has the name that the operation gives, on any engine: SQLite does not tell cases
/// apart, and names of PostgreSQL's indexes belong to the schema.
fn is_free(now: &Schema, op: &Op) -> bool {
    let (table, from, to) = match op {
        Op::RenameIndex {
            table, from, to, ..
        } => (table, Some(from), to),
        Op::RenameConstraint {
            table,
            target,
            to: Some(to),
            ..
        } => (table, target.name.as_ref(), to),
        _ => return true,
    };
    let own = |owner: &Name, name: &String| owner == table && Some(name) == from;
    let mut others = now
        .tables
        .values()
        .filter(|other| other.name.schema == table.schema)
        .flat_map(names);
    !others.any(|(owner, name)| name.eq_ignore_ascii_case(to) && !own(owner, name))
}

fn names(table: &Table) -> impl Iterator<Item = (&Name, &String)> {
    let indexes = table.indexes.iter().map(|index| &index.name);
    let key = table.primary_key.iter().filter_map(|key| key.name.as_ref());
    let uniques = table.uniques.iter().filter_map(|it| it.name.as_ref());
    let keys = table.foreign_keys.iter().filter_map(|it| it.name.as_ref());
    let checks = table.checks.iter().filter_map(|it| it.name.as_ref());
    let exclusions = table.exclusions.iter().map(|it| &it.name);
    let all = indexes.chain(key).chain(uniques).chain(keys).chain(checks);
    all.chain(exclusions).map(move |name| (&table.name, name))
}
