//! Columns that an engine has by itself.

use crate::dialect::Note;
use crate::dialect::postgres::SYSTEM_COLUMNS;
use crate::schema::{Engine, Key, Kind, Schema};

/// Takes columns out that the engine has in every table: an entity may read `xmin`, but no revision
/// makes it. To SQLite that is a column like any other.
pub fn without_system_columns(engine: Engine, schema: &mut Schema) -> Vec<Note> {
    let mut notes = Vec::new();
    if engine != Engine::Postgres {
        return notes;
    }
    for table in schema.tables.values_mut() {
        let is_system = |name: &str| SYSTEM_COLUMNS.contains(&name);
        let own = table
            .columns
            .extract_if(.., |column| is_system(&column.name));
        notes.extend(own.map(|column| Note {
            object: Key::new(&table.name, Kind::Column, column.name).to_string(),
            reason: "PostgreSQL has it in every table; no revision adds it".to_owned(),
        }));
    }
    notes
}
