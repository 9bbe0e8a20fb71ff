//! UNLOGGED, storage parameters and tablespaces.

use std::collections::BTreeMap;

use super::ddl::alter;
use super::unsupported;
use crate::dialect::{Unsupported, literal, quote};
use crate::op::TableChange;
use crate::schema::{Key, Name, Schema};

/// Where tables are that are put nowhere else.
const USUAL_TABLESPACE: &str = "pg_default";

/// Storage parameters of a table or an index.
pub(super) fn with(storage: &BTreeMap<String, String>) -> String {
    match storage.is_empty() {
        true => String::new(),
        false => format!(" WITH ({})", settings(storage.iter())),
    }
}

fn settings<'a>(storage: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let settings =
        storage.map(|(parameter, setting)| format!("{parameter} = {}", literal(setting)));
    settings.collect::<Vec<_>>().join(", ")
}

pub(super) fn tablespace(name: Option<&str>) -> String {
    name.map(|name| format!(" TABLESPACE {}", quote(name)))
        .unwrap_or_default()
}

pub(super) fn alter_table(table: &Name, change: &TableChange) -> Vec<String> {
    let mut actions = Vec::new();
    actions.extend(change.unlogged.map(|unlogged| match unlogged {
        true => "SET UNLOGGED".to_owned(),
        false => "SET LOGGED".to_owned(),
    }));
    let set = change.storage.iter();
    let set: BTreeMap<&String, &String> = set
        .filter_map(|(parameter, setting)| Some((parameter, setting.as_ref()?)))
        .collect();
    if !set.is_empty() {
        actions.push(format!("SET ({})", settings(set.into_iter())));
    }
    let reset = change
        .storage
        .iter()
        .filter(|(_, setting)| setting.is_none());
    let reset: Vec<&str> = reset.map(|(parameter, _)| parameter.as_str()).collect();
    if !reset.is_empty() {
        actions.push(format!("RESET ({})", reset.join(", ")));
    }
    actions.extend(change.tablespace.as_ref().map(|name| {
        let name = name.as_deref().unwrap_or(USUAL_TABLESPACE);
        format!("SET TABLESPACE {}", quote(name))
    }));
    let statements = actions.into_iter();
    statements
        .map(|action| format!("{} {action}", alter(table)))
        .collect()
}

/// A key to a table that a crash may empty.
pub(super) fn check_logged(declared: &Schema) -> Result<(), Unsupported> {
    let logged = declared.tables.values().filter(|it| !it.options.unlogged);
    for table in logged {
        for key in &table.foreign_keys {
            let other = declared.table(&key.ref_table);
            if other.is_some_and(|other| other.options.unlogged) {
                return Err(unsupported(
                    Key::foreign_key(&table.name, key).to_string(),
                    format!(
                        "lets only unlogged tables refer to one that is UNLOGGED; make `{}` unlogged \
                         too, or `{}` not",
                        table.name, key.ref_table
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Storage parameters, and one word for yes and one for no.
pub(super) fn settle_storage(storage: &mut BTreeMap<String, String>) {
    let settled = std::mem::take(storage).into_iter();
    storage.extend(settled.map(|(parameter, setting)| {
        let setting = setting.to_lowercase();
        let setting = match setting.as_str() {
            "true" | "yes" => "on".to_owned(),
            "false" | "no" => "off".to_owned(),
            _ => setting,
        };
        (parameter.to_lowercase(), setting)
    }));
}

pub(super) fn settle_tablespace(tablespace: &mut Option<String>) {
    tablespace.take_if(|name| name == USUAL_TABLESPACE);
}
