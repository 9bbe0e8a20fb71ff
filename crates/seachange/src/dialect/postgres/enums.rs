//! Named enum types: made, and changed value by value.

use super::canonical::check_name;
use super::ddl::{anonymous, rename_statements, schema_of};
use super::types::qualified;
use super::{NAME_BYTES, unsupported};
use crate::dialect::{Unsupported, literal};
use crate::op::ValuePlace;
use crate::schema::{EnumType, Name};

pub(super) fn create(ty: &EnumType) -> Result<Vec<String>, Unsupported> {
    check_name(|| format!("enum {}", ty.name), &ty.name)?;
    let values: Vec<String> = ty.values.iter().map(|value| literal(value)).collect();
    let create = format!(
        "CREATE TYPE {} AS ENUM ({})",
        qualified(&ty.name),
        values.join(", ")
    );
    Ok(schema_of(&ty.name).into_iter().chain([create]).collect())
}

pub(super) fn add_value(
    name: &Name,
    value: &str,
    place: &ValuePlace,
) -> Result<Vec<String>, Unsupported> {
    check_value(name, value)?;
    let place = match place {
        ValuePlace::Last => String::new(),
        ValuePlace::Before(other) => format!(" BEFORE {}", literal(other)),
        ValuePlace::After(other) => format!(" AFTER {}", literal(other)),
    };
    Ok(vec![format!(
        "{} ADD VALUE {}{place}",
        alter(name),
        literal(value)
    )])
}

pub(super) fn rename_value(name: &Name, from: &str, to: &str) -> Result<Vec<String>, Unsupported> {
    check_value(name, to)?;
    Ok(vec![format!(
        "{} RENAME VALUE {} TO {}",
        alter(name),
        literal(from),
        literal(to)
    )])
}

/// A new type without the value, and a cast of everything that uses the old one.
pub(super) fn remove_value(name: &Name, value: &str) -> Vec<String> {
    vec![recast(
        name,
        &labels(name, &format!("<> {}", literal(value))),
    )]
}

/// The values of a type of which this is so, in their order.
fn labels(name: &Name, are: &str) -> String {
    format!(
        "ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e \
         WHERE e.enumtypid = {}::pg_catalog.regtype AND e.enumlabel {are} ORDER BY e.enumsortorder)",
        literal(&qualified(name)),
    )
}

/// A new type with the values in this order, those that nobody declared behind them, and a cast of
/// everything that uses the old one.
pub(super) fn reorder(name: &Name, values: &[String]) -> Result<Vec<String>, Unsupported> {
    for value in values {
        check_value(name, value)?;
    }
    let values: Vec<String> = values.iter().map(|value| literal(value)).collect();
    let values = format!("ARRAY[{}]::text[]", values.join(", "));
    Ok(vec![recast(
        name,
        &format!(
            "{values} || {}",
            labels(name, &format!("<> ALL ({values})"))
        ),
    )])
}

pub(super) fn rename(from: &Name, to: &Name) -> Result<Vec<String>, Unsupported> {
    check_name(|| format!("enum {to}"), to)?;
    Ok(rename_statements(alter, from, to))
}

fn alter(name: &Name) -> String {
    format!("ALTER TYPE {}", qualified(name))
}

fn recast(name: &Name, labels: &str) -> String {
    let mut temporary = format!("_seachange_new_{}", name.name);
    temporary.truncate(temporary.floor_char_boundary(NAME_BYTES));
    let sql = include_str!("recast.sql")
        .replace(":temporary", &literal(&temporary))
        .replace(":name", &literal(&name.name))
        .replace(":type", &literal(&qualified(name)))
        .replace(":labels", labels);
    anonymous(sql.trim_end())
}

fn check_value(name: &Name, value: &str) -> Result<(), Unsupported> {
    match value.len() > NAME_BYTES {
        true => Err(unsupported(
            format!("enum {name}"),
            format!("refuses values of more than {NAME_BYTES} bytes; shorten `{value}`"),
        )),
        false => Ok(()),
    }
}
