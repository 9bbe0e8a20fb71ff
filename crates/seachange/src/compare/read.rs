//! What a database has beside what this library and its like keep in it.

use sea_orm::{DatabaseConnection, DbErr};

use super::qualify;
use crate::dialect::Note;
use crate::run::journal;
use crate::schema::{Name, Schema, Table};
use crate::source::catalog::{self, Catalog};

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
    let schemas: Vec<String> = want
        .tables
        .keys()
        .filter_map(|name| name.schema.clone())
        .collect();
    let mut catalog = catalog::read(db, &schemas).await?;
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

/// A table of the connection's own schema may be declared with that schema's name: then it is here
/// under that name.
fn name_as_declared(want: &Schema, catalog: &mut Catalog) {
    let Some(own) = &catalog.default_schema else {
        return;
    };
    let declared = |name: &Name| {
        let qualified = Name {
            schema: Some(own.clone()),
            name: name.name.clone(),
        };
        let wanted = name.schema.is_none() && want.table(name).is_none();
        (wanted && want.table(&qualified).is_some()).then_some(qualified)
    };
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
