//! What has to step aside while columns of its table are changed.
//!
//! A computed column stands in the way of every change of what it is computed from, and one that is
//! computed anew takes along what is on it. So that the way back knows all of that, each thing goes
//! by an operation of its own, and comes back by one.

use super::{Work, drop_check, drop_column, drop_foreign_key};
use crate::op::{Op, Target, computed_anew, mentions};
use crate::schema::{Column, Index, KeyOn, Name, Table, views_of};

/// Whether the column gets another type; another list of values is no other enum.
fn retyped(old: &Column, new: &Column) -> bool {
    old.ty.with_enum_values(&[]) != new.ty.with_enum_values(&[])
}

/// Drops what is on columns that are computed anew, and computed columns that are dropped or whose
/// sources change.
pub(super) fn step_aside(work: &mut Work<'_>, name: &Name) {
    let Some((now, to)) = work.pair(name) else {
        return;
    };
    let gone = computed_to_drop(&now, &to);
    let anew = to.columns.iter().filter(|new| {
        let old = now.column(&new.name);
        let views = old.map(|old| views_of(old, new)).unwrap_or_default();
        views.iter().any(|(old, new)| computed_anew(old, new))
    });
    let mut moved: Vec<&str> = anew.map(|column| column.name.as_str()).collect();
    moved.extend(gone.iter().map(|column| column.name.as_str()));
    if moved.is_empty() {
        return;
    }
    drop_users(work, &now, &moved);
    for column in gone {
        work.push(drop_column(name, column));
    }
}

/// Computed columns that go, or whose sources change their type or go.
fn computed_to_drop<'a>(now: &'a Table, to: &Table) -> Vec<&'a Column> {
    let changed: Vec<&str> = now
        .columns
        .iter()
        .filter(|old| match to.column(&old.name) {
            Some(new) => {
                let mut views = views_of(old, new).into_iter();
                views.any(|(old, new)| retyped(&old, &new) || old.collation != new.collation)
            }
            None => true,
        })
        .map(|column| column.name.as_str())
        .collect();
    now.columns
        .iter()
        .filter(|column| {
            if !column.is_computed() {
                return false;
            }
            let views = column.views();
            let texts = || views.iter().filter_map(|view| view.generated.as_ref());
            let source_changes = || {
                let mut sources = changed.iter().filter(|source| **source != column.name);
                sources.any(|source| texts().any(|text| mentions(&text.expr, source)))
            };
            match to.column(&column.name) {
                // One that becomes plain keeps its values.
                Some(new) => new.is_computed() && source_changes(),
                None => true,
            }
        })
        .collect()
}

fn drop_users(work: &mut Work<'_>, now: &Table, columns: &[&str]) {
    let on = |names: &[String]| names.iter().any(|name| columns.contains(&name.as_str()));
    let table = &now.name;
    let keys: Vec<(Name, _)> = work
        .now
        .tables
        .values()
        .flat_map(|owner| owner.foreign_keys.iter().map(move |key| (owner, key)))
        .filter(|(owner, key)| {
            (owner.name == *table && on(&key.columns))
                || (key.ref_table == *table && on(&key.ref_columns))
        })
        .map(|(owner, key)| (owner.name.clone(), key.clone()))
        .collect();
    for (owner, key) in keys {
        work.push(drop_foreign_key(&owner, &key));
    }
    for check in now.checks.iter().rev() {
        if columns.iter().any(|column| mentions(&check.expr, column)) {
            work.push(drop_check(table, check));
        }
    }
    for index in now.indexes.iter().filter(|index| uses(index, columns)) {
        work.push(Op::DropIndex {
            table: table.clone(),
            name: index.name.clone(),
            only: index.only,
            before: Some(Box::new(index.clone())),
        });
    }
    for exclusion in &now.exclusions {
        let computed = |sql: &str| columns.iter().any(|column| mentions(sql, column));
        let used = exclusion
            .elements
            .iter()
            .any(|element| match &element.key.on {
                KeyOn::Column(name) => columns.contains(&name.as_str()),
                KeyOn::Expr(sql) => computed(sql),
            });
        if used || exclusion.predicate.as_deref().is_some_and(computed) {
            work.push(Op::DropExclusion {
                table: table.clone(),
                name: exclusion.name.clone(),
                only: exclusion.only,
                before: Some(Box::new(exclusion.clone())),
            });
        }
    }
    for unique in &now.uniques {
        if on(&unique.columns) || on(&unique.include) {
            work.push(Op::DropUnique {
                table: table.clone(),
                target: Target {
                    name: unique.name.clone(),
                    columns: unique.columns.clone(),
                    only: unique.only,
                },
                before: Some(unique.clone()),
            });
        }
    }
    if now.primary_key.as_ref().is_some_and(|key| on(&key.columns)) {
        work.push(Op::DropPrimaryKey {
            table: table.clone(),
            before: now.primary_key.clone(),
        });
    }
}

fn uses(index: &Index, columns: &[&str]) -> bool {
    let computed = |sql: &str| columns.iter().any(|column| mentions(sql, column));
    index.keys.iter().any(|key| match &key.on {
        KeyOn::Column(name) => columns.contains(&name.as_str()),
        KeyOn::Expr(sql) => computed(sql),
    }) || index
        .include
        .iter()
        .any(|name| columns.contains(&name.as_str()))
        || index.predicate.as_deref().is_some_and(computed)
}
