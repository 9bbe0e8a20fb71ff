//! What a database has beside what this library and its like keep in it.

use std::borrow::Cow;

use sea_orm::{DatabaseConnection, DbErr};

use super::qualify;
use crate::dialect::Note;
use crate::dialect::postgres::next_value;
use crate::run::journal;
use crate::schema::{Name, Numbering, Schema, Table};
use crate::source::catalog::{self, Catalog, Owned};

/// Reads a database as entities see it: in the schemas that they name, without the record of
/// migrations, without the journal, and without the records of other services that share it.
///
/// # Errors
///
/// See [`catalog::read`].
pub async fn read(
    db: &DatabaseConnection,
    want: &Schema,
    record_table: &str,
) -> Result<Catalog, DbErr> {
    let names = want.tables.keys().chain(want.sequences.keys());
    let schemas: Vec<String> = names.filter_map(|name| name.schema.clone()).collect();
    let mut catalog = catalog::read(db, &schemas).await?;
    sequences_as_declared(want, &mut catalog);
    name_as_declared(want, &mut catalog);
    qualify::as_declared(want, &mut catalog);
    let ours = [record_table, journal::TABLE];
    let Catalog { schema, notes, .. } = &mut catalog;
    schema
        .tables
        .retain(|name, _| !ours.contains(&name.name.as_str()));
    notes.retain(|Note { object, .. }| !ours.iter().any(|table| object.contains(table)));
    schema.tables.retain(|name, table| {
        let of_another = is_record(table) && want.table(name).is_none();
        if of_another {
            notes.push(Note {
                object: format!("table {name}"),
                reason: "another service records its migrations there".to_owned(),
            });
        }
        !of_another
    });
    Ok(catalog)
}

/// The name with the connection's own schema, where it is declared so.
fn in_full(name: &Name, own: &str, is_declared: impl Fn(&Name) -> bool) -> Option<Name> {
    let qualified = Name::from((own, name.name.as_str()));
    (name.schema.is_none() && !is_declared(name) && is_declared(&qualified)).then_some(qualified)
}

/// A sequence that is declared is here, though a column owns it; the column takes its values from it
/// like any other.
fn sequences_as_declared(want: &Schema, catalog: &mut Catalog) {
    let Catalog { schema, owned, .. } = catalog;
    let is_declared = |name: &Name| want.sequences.contains_key(name);
    let own = catalog.default_schema.as_deref();
    let called = |name: &Name| own.and_then(|own| in_full(name, own, is_declared));
    for mut sequence in std::mem::take(&mut schema.sequences).into_values() {
        if let Some(name) = called(&sequence.name) {
            sequence.name = name;
        }
        schema.sequences.insert(sequence.name.clone(), sequence);
    }
    let found = owned.extract_if(.., |name, _| is_declared(name) || called(name).is_some());
    for (
        name,
        Owned {
            mut sequence,
            table,
            column,
            nullable,
        },
    ) in found
    {
        sequence.owned_by = Some(format!("{table}.{column}"));
        if let Some(name) = called(&name) {
            sequence.name = name;
        }
        schema.sequences.insert(sequence.name.clone(), sequence);
        let table = schema.tables.get_mut(&table);
        if let Some(column) = table.and_then(|table| table.column_mut(&column))
            && column
                .numbering
                .take_if(|it| *it == Numbering::Serial)
                .is_some()
        {
            column.auto_increment = false;
            column.nullable = nullable;
            column.default = Some(next_value(&name));
        }
    }
}

/// What a database may have: what the entities declare, and what they declared before. A table that
/// no entity declares any more is still here, maybe as the last one of its schema.
pub fn known<'a>(want: &'a Schema, held: Option<&Schema>) -> Cow<'a, Schema> {
    let mut known = Cow::Borrowed(want);
    let Some(held) = held else {
        return known;
    };
    for (name, table) in &held.tables {
        if !want.tables.contains_key(name) {
            known.to_mut().tables.insert(name.clone(), table.clone());
        }
    }
    for (name, ty) in &held.enums {
        if !want.enums.contains_key(name) {
            known.to_mut().enums.insert(name.clone(), ty.clone());
        }
    }
    known
}

/// A table of the connection's own schema may be declared with that schema's name: then it is here
/// under that name.
fn name_as_declared(want: &Schema, catalog: &mut Catalog) {
    let Some(own) = &catalog.default_schema else {
        return;
    };
    let declared = |name: &Name| in_full(name, own, |name| want.table(name).is_some());
    let tables = std::mem::take(&mut catalog.schema.tables);
    for (_, mut table) in tables {
        if let Some(name) = declared(&table.name) {
            table.name = name;
        }
        for key in &mut table.foreign_keys {
            if let Some(name) = declared(&key.ref_table) {
                key.ref_table = name;
            }
        }
        catalog.schema.tables.insert(table.name.clone(), table);
    }
    let names = std::mem::take(&mut catalog.names).into_iter();
    catalog.names = names
        .map(|(name, names)| (declared(&name).unwrap_or(name), names))
        .collect();
    let relations = std::mem::take(&mut catalog.relations).into_iter();
    catalog.relations = relations
        .map(|(name, word)| (declared(&name).unwrap_or(name), word))
        .collect();
}

/// Whether a table is made as sea-orm-migration makes its record.
fn is_record(table: &Table) -> bool {
    let columns = table.columns.iter().map(|column| column.name.as_str());
    columns.eq(["version", "applied_at"]) && table.is_key("version")
}
