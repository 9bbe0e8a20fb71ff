//! A declared table in a temporary place, to hear what the server makes of it.

use super::constraints::{check_constraint, create_index, exclusion_constraint};
use super::ddl::{column_definition, default_sql};
use super::default::is_constant;
use super::types::type_sql;
use crate::dialect::{Unsupported, literal, quote};
use crate::schema::{DefaultValue, EnumType, Index, Name, Table, Type};

/// The schema that PostgreSQL keeps for one connection alone.
const TEMPORARY: &str = "pg_temp";

/// Statements that create the tables, and the enum types, where only this connection sees them.
/// Enum types take the place of others of their name.
///
/// # Errors
///
/// PostgreSQL cannot hold something of a table.
pub fn create_scratch(enums: &[EnumType], tables: &[&Table]) -> Result<Vec<String>, Unsupported> {
    let mut statements = Vec::new();
    for ty in enums {
        let values: Vec<String> = ty.values.iter().map(|value| literal(value)).collect();
        statements.push(format!(
            "CREATE TYPE {} AS ENUM ({})",
            temporary(&ty.name.name),
            values.join(", ")
        ));
    }
    for table in tables {
        let mut parts = Vec::new();
        for column in &table.columns {
            parts.push(column_definition(&table.name, column)?);
        }
        parts.extend(table.checks.iter().map(check_constraint));
        parts.extend(table.exclusions.iter().map(exclusion_constraint));
        statements.push(format!(
            "CREATE TABLE {} ({})",
            temporary(&table.name.name),
            parts.join(", ")
        ));
        let name = Name {
            schema: Some(TEMPORARY.to_owned()),
            name: table.name.name.clone(),
        };
        // Where it is kept makes no difference to what it is.
        let indexes = table.indexes.iter().map(|index| Index {
            tablespace: None,
            ..index.clone()
        });
        statements.extend(indexes.map(|index| create_index(&name, &index)));
    }
    Ok(statements)
}

fn temporary(name: &str) -> String {
    format!("{TEMPORARY}.{}", quote(name))
}

/// The query whether two defaults are one value of the type; `None` where they are not constant.
pub fn values_are_equal(one: &DefaultValue, other: &DefaultValue, ty: &Type) -> Option<String> {
    if !is_constant(one) || !is_constant(other) {
        return None;
    }
    let words = type_sql(ty).ok()?;
    let value = |default: &DefaultValue| {
        let sql = format!("({})::{words}", default_sql(default, ty));
        match ty {
            // It has no equality of its own.
            Type::Json => format!("({sql})::jsonb"),
            _ => sql,
        }
    };
    Some(format!("SELECT ({} = {})::text", value(one), value(other)))
}
