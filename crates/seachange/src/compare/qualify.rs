//! Enum types and collations that the search path finds, under the names that are declared.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Engine, Name, Schema, Table, Type};
use crate::source::catalog::{Catalog, Visible};

/// What the catalog names without a schema may be declared with it: then it is here under that
/// name, so that a connection's search path makes no difference.
pub(super) fn as_declared(want: &Schema, catalog: &mut Catalog) {
    let Catalog {
        schema, visible, ..
    } = catalog;
    if *visible == Visible::default() {
        return;
    }
    let mut want = want.on(Engine::Postgres).into_owned();
    let is_declared_in_full =
        |name: &Name, full: &Name| !want.enums.contains_key(name) && want.enums.contains_key(full);
    let mut enums = visible.enums.clone();
    enums.retain(|name, full| is_declared_in_full(name, full));
    let declared: BTreeSet<String> = want
        .tables
        .values_mut()
        .flat_map(collations)
        .map(|collation| collation.clone())
        .collect();

    for mut ty in std::mem::take(&mut schema.enums).into_values() {
        if let Some(full) = enums.get(&ty.name) {
            ty.name.clone_from(full);
        }
        schema.enums.insert(ty.name.clone(), ty);
    }
    for table in schema.tables.values_mut() {
        for column in &mut table.columns {
            qualify_enum(&mut column.ty, &enums);
        }
        for collation in collations(table) {
            if let Some(full) = visible.collations.get(collation)
                && declared.contains(full)
                && !declared.contains(collation)
            {
                collation.clone_from(full);
            }
        }
    }
}

fn qualify_enum(ty: &mut Type, names: &BTreeMap<Name, Name>) {
    match ty {
        Type::Enum { name, .. } => {
            if let Some(full) = names.get(name) {
                name.clone_from(full);
            }
        }
        Type::Array(element) => qualify_enum(element, names),
        _ => {}
    }
}

/// Every collation that a table speaks of.
fn collations(table: &mut Table) -> impl Iterator<Item = &mut String> {
    let columns = table.columns.iter_mut().map(|column| &mut column.collation);
    let indexes = table.indexes.iter_mut().flat_map(|index| &mut index.keys);
    let excluded = table
        .exclusions
        .iter_mut()
        .flat_map(|exclusion| &mut exclusion.elements)
        .map(|excluded| &mut excluded.key);
    let keys = indexes.chain(excluded).map(|key| &mut key.collation);
    columns.chain(keys).flatten()
}
