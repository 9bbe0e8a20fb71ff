//! Foreign keys that stay, and yet have to go for a moment.

use crate::schema::{ForeignKey, Name, Schema, Table};

/// Foreign keys that hold on to what changes: the key or the unique constraint that they refer to,
/// or the type of a column on either side, as far as the two types do not go together on the way.
/// They are added again once all of that is done.
pub(super) fn in_the_way(now: &Schema, to: &Schema) -> Vec<(Name, ForeignKey)> {
    let mut found = Vec::new();
    for table in now.tables.values() {
        for key in &table.foreign_keys {
            let (Some(target), Some(new_target)) =
                (now.table(&key.ref_table), to.table(&key.ref_table))
            else {
                continue;
            };
            if target == new_target && Some(table) == to.table(&table.name) {
                continue;
            }
            if referred_changes(target, new_target, &key.ref_columns)
                || types_change((target, new_target), &key.ref_columns)
                || to
                    .table(&table.name)
                    .is_some_and(|new| types_change((table, new), &key.columns))
            {
                found.push((table.name.clone(), key.clone()));
            }
        }
    }
    found
}

/// Whether something that makes these columns differ goes or changes.
fn referred_changes(now: &Table, to: &Table, columns: &[String]) -> bool {
    let fits = |own: &[String]| {
        own.len() == columns.len() && own.iter().all(|column| columns.contains(column))
    };
    let key = now.primary_key.as_ref();
    let key_changes = (columns.is_empty() || key.is_some_and(|key| fits(&key.columns)))
        && now.primary_key != to.primary_key;
    key_changes
        || now
            .uniques
            .iter()
            .any(|unique| fits(&unique.columns) && !to.uniques.contains(unique))
        || now.indexes.iter().any(|index| {
            let own: Vec<String> = index.columns().map(str::to_owned).collect();
            index.unique && fits(&own) && !to.indexes.contains(index)
        })
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
