//! Foreign keys that stay, and yet have to go for a moment.

use std::collections::BTreeMap;

use crate::schema::{ForeignKey, Name, Schema, Table};

/// Foreign keys that hold on to what changes: the key or the unique constraint that they refer to,
/// or the type of a column on either side, as far as the two types do not go together on the way.
/// They are added again once all of that is done. `pairs` are the tables that change.
pub(super) fn in_the_way(
    now: &Schema,
    to: &Schema,
    pairs: &[(Table, Table)],
) -> Vec<(Name, ForeignKey)> {
    let changed: BTreeMap<&Name, &Table> = pairs.iter().map(|(_, to)| (&to.name, to)).collect();
    let target = |name: &Name| changed.get(name).copied().or_else(|| to.table(name));
    let mut found = Vec::new();
    for table in now.tables.values() {
        for key in &table.foreign_keys {
            let (Some(other), Some(new_other)) =
                (now.table(&key.ref_table), target(&key.ref_table))
            else {
                continue;
            };
            let new = target(&table.name);
            if other == new_other && Some(table) == new {
                continue;
            }
            if referred_changes(other, new_other, &key.ref_columns)
                || types_change((other, new_other), &key.ref_columns)
                || new.is_some_and(|new| types_change((table, new), &key.columns))
            {
                found.push((table.name.clone(), key.clone()));
            }
        }
    }
    found
}

/// Whether something that makes these columns differ goes or changes, or is built anew since what
/// it includes gets another type.
fn referred_changes(now: &Table, to: &Table, columns: &[String]) -> bool {
    let fits = |own: &[String]| {
        own.len() == columns.len() && own.iter().all(|column| columns.contains(column))
    };
    let retyped = |included: &[String]| {
        included.iter().any(|name| {
            let ty = |table: &Table| table.column(name).map(|column| column.ty.clone());
            ty(now) != ty(to)
        })
    };
    let key = now.primary_key.as_ref().is_some_and(|key| {
        (columns.is_empty() || fits(&key.columns))
            && (now.primary_key != to.primary_key || retyped(&key.include))
    });
    let unique = now.uniques.iter().any(|unique| {
        fits(&unique.columns) && (!to.uniques.contains(unique) || retyped(&unique.include))
    });
    let index = now.indexes.iter().any(|index| {
        let own: Vec<String> = index.columns().map(str::to_owned).collect();
        index.unique && fits(&own) && (!to.indexes.contains(index) || retyped(&index.include))
    });
    key || unique || index
}

fn types_change((now, to): (&Table, &Table), columns: &[String]) -> bool {
    columns.iter().any(|name| {
        let (Some(old), Some(new)) = (now.column(name), to.column(name)) else {
            return false;
        };
        // Values come to an enum and go by operations that mind its keys.
        let enumeration = old.ty.enumeration();
        let one_enum = enumeration.is_some_and(|(name, _)| new.ty.is_enum(name));
        old.ty != new.ty && !one_enum && !(old.ty.is_integer() && new.ty.is_integer())
    })
}
