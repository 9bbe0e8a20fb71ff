//! A declared schema in the words of the database at hand.

use std::collections::BTreeSet;

use crate::dialect::{Canonical, Note, Unsupported, canonical};
use crate::schema::{Engine, Key, Kind, Name, Schema};
use crate::source::catalog::Catalog;

/// The declared schema in the engine's words, and, as far as that depends on it, in those of this
/// database: in a table that is STRICT here, though nobody declared it, types are spelt as such
/// tables have them; and what a table cannot keep here is noted and left out.
///
/// # Errors
///
/// The engine cannot hold something that is declared.
pub(super) fn words_here(
    engine: Engine,
    declared: &Schema,
    catalog: &Catalog,
) -> Result<Canonical, Unsupported> {
    let is_strict = |name: &Name| {
        let here = catalog.schema.table(name);
        here.is_some_and(|here| here.options.strict)
    };
    let tables = declared.tables.values();
    let strict: BTreeSet<&Name> = tables
        .filter(|table| !table.options.strict && is_strict(&table.name))
        .map(|table| &table.name)
        .collect();
    let mut words = match strict.is_empty() {
        true => canonical(engine, declared)?,
        false => {
            let mut spelt = declared.clone();
            for table in spelt.tables.values_mut() {
                table.options.strict |= strict.contains(&table.name);
            }
            // A type that no STRICT table has is a difference.
            canonical(engine, &spelt).or_else(|_| canonical(engine, declared))?
        }
    };
    for (name, table) in &mut words.schema.tables {
        if strict.contains(name) {
            table.options.strict = false;
        }
        if catalog.toastless.contains(name) {
            let storage = &mut table.options.storage;
            let kept = storage.extract_if(.., |parameter, _| parameter.starts_with("toast."));
            words.notes.extend(kept.map(|(parameter, _)| Note {
                object: Key::new(name, Kind::Option, parameter).to_string(),
                reason:
                    "the table has no column that PostgreSQL keeps apart for being long".to_owned(),
            }));
        }
    }
    Ok(words)
}
