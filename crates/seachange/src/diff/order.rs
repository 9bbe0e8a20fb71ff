//! Tables in the order of their foreign keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Name, Table};

/// The names of these tables so that each stands after the ones it references, by name where there
/// is a choice. In a cycle the first by name goes first, and whoever creates the tables has to add
/// the key that points forward afterwards.
pub(super) fn parents_first(tables: &[&Table]) -> Vec<Name> {
    let mut waiting: BTreeMap<&Name, BTreeSet<&Name>> = tables
        .iter()
        .map(|table| {
            let parents = table
                .foreign_keys
                .iter()
                .map(|key| &key.ref_table)
                .filter(|parent| **parent != table.name)
                .filter(|parent| tables.iter().any(|other| other.name == **parent))
                .collect();
            (&table.name, parents)
        })
        .collect();
    let mut order = Vec::with_capacity(tables.len());
    while let Some(next) = waiting
        .iter()
        .find(|(_, parents)| parents.is_empty())
        .or_else(|| waiting.iter().next())
        .map(|(name, _)| *name)
    {
        waiting.remove(next);
        for parents in waiting.values_mut() {
            parents.remove(next);
        }
        order.push(next.clone());
    }
    order
}
