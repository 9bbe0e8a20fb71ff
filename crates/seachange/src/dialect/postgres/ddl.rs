//! Operations as statements.

use super::alter::alter_column;
use super::canonical::{check_column, check_length, check_name, column_object};
use super::constraints::{
    check_constraint, create_index, drop_check, drop_constraint, drop_foreign_key, drop_unique,
    exclusion_constraint, foreign_key, primary_key, unique_constraint,
};
use super::default::is_number;
use super::numbering::{identity_sql, serial_type};
use super::options::{alter_table, tablespace, with};
use super::types::{qualified, type_sql};
use super::{enums, names, sequences};
use crate::dialect::{Unsupported, literal, quote};
use crate::op::Op;
use crate::schema::{Column, DefaultValue, Name, Table, Type};

/// The statements that carry out a schema operation. Operations on rows have none here: the runner
/// does them.
///
/// Each statement stands by itself, so that what is printed is what is run. A constraint whose name
/// the operation does not know is looked up by its columns where the statement runs.
///
/// # Errors
///
/// PostgreSQL cannot hold what the operation makes.
pub fn statements(op: &Op) -> Result<Vec<String>, Unsupported> {
    Ok(match op {
        Op::CreateEnum(ty) => enums::create(ty)?,
        Op::DropEnum { name, .. } => vec![format!("DROP TYPE {}", qualified(name))],
        Op::CreateSchema { name } => {
            check_length(|| format!("schema {name}"), name)?;
            vec![create_schema(name)]
        }
        Op::DropSchema { name } => vec![drop_schema(name)],
        Op::AddEnumValue {
            name,
            value,
            place,
            used_by: _,
        } => enums::add_value(name, value, place)?,
        Op::RenameEnumValue { name, from, to, .. } => enums::rename_value(name, from, to)?,
        Op::RemoveEnumValue { name, value, .. } => enums::remove_value(name, value),
        Op::ReorderEnum { name, values, .. } => enums::reorder(name, values)?,
        Op::RenameEnum { from, to } => enums::rename(from, to)?,
        Op::CreateSequence(sequence) => sequences::create(sequence)?,
        Op::DropSequence { name, .. } => vec![format!("DROP SEQUENCE {}", qualified(name))],
        Op::AlterSequence { sequence, .. } => sequences::change(sequence)?,
        Op::RenameSequence { from, to } => sequences::rename(from, to)?,
        Op::RenameIndex {
            table, from, to, ..
        } => names::rename_index(table, from, to),
        Op::RenameConstraint {
            table,
            kind,
            target,
            to,
        } => names::rename_constraint(table, *kind, target, to.as_deref())?,
        Op::CreateTable { table } => create_table(table)?,
        Op::DropTable { name, .. } => vec![format!("DROP TABLE {}", qualified(name))],
        Op::RenameTable { from, to } => names::rename_table(from, to)?,
        Op::CommentTable { table, comment, .. } => {
            vec![comment_on_table(table, comment.as_deref())]
        }
        Op::AlterTable { table, change, .. } => alter_table(table, change),
        Op::AddColumn { table, column } => add_column(table, column)?,
        Op::DropColumn { table, column, .. } => {
            vec![format!("{} DROP COLUMN {}", alter(table), quote(column))]
        }
        Op::RenameColumn { table, from, to } => names::rename_column(table, from, to)?,
        Op::AlterColumn {
            table,
            column,
            change,
            before,
        } => alter_column(table, column, change, before.as_deref())?,
        Op::AddPrimaryKey { table, key } => {
            vec![format!("{} ADD {}", alter(table), primary_key(key))]
        }
        Op::DropPrimaryKey { table, .. } => vec![drop_constraint(
            table,
            "primary key",
            "c.contype = 'p'",
            None,
        )],
        Op::AddUnique { table, unique } => {
            vec![format!(
                "{} ADD {}",
                alter(table),
                unique_constraint(unique)
            )]
        }
        Op::DropUnique { table, target, .. } => drop_unique(table, target),
        Op::CreateIndex { table, index } => vec![create_index(table, index)],
        Op::DropIndex { table, name, .. } => {
            let index = Name {
                schema: table.schema.clone(),
                name: name.clone(),
            };
            vec![format!("DROP INDEX {}", qualified(&index))]
        }
        Op::AddForeignKey { table, key } => {
            vec![format!("{} ADD {}", alter(table), foreign_key(key))]
        }
        Op::DropForeignKey {
            table,
            target,
            before,
        } => drop_foreign_key(table, target, before.as_deref()),
        Op::AddCheck { table, check } => {
            vec![format!("{} ADD {}", alter(table), check_constraint(check))]
        }
        Op::DropCheck { table, target, .. } => drop_check(table, target)?,
        Op::AddExclusion { table, exclusion } => {
            vec![format!(
                "{} ADD {}",
                alter(table),
                exclusion_constraint(exclusion)
            )]
        }
        Op::DropExclusion { table, name, .. } => {
            vec![format!("{} DROP CONSTRAINT {}", alter(table), quote(name))]
        }
        Op::Execute { .. }
        | Op::BulkInsert { .. }
        | Op::DeleteRows { .. }
        | Op::Backfill(_)
        | Op::Run(_) => Vec::new(),
    })
}

pub(super) fn alter(table: &Name) -> String {
    format!("ALTER TABLE {}", qualified(table))
}

pub(super) fn schema_of(name: &Name) -> Option<String> {
    name.schema.as_deref().map(create_schema)
}

/// Creates a schema. `CREATE SCHEMA IF NOT EXISTS` asks for a right on the database even where the
/// schema is there.
fn create_schema(name: &str) -> String {
    block(
        "",
        &format!(
            "IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = {}) THEN \
             CREATE SCHEMA {}; END IF;",
            literal(name),
            quote(name)
        ),
    )
}

/// A name for what is on its way to another schema under another name: either of its two names may
/// be taken in the other schema.
const ON_THE_WAY: &str = "_seachange_on_the_way";

/// Gives a table or a type another name, in another schema if need be; `alter` begins the statement.
pub(super) fn rename_statements(alter: fn(&Name) -> String, from: &Name, to: &Name) -> Vec<String> {
    let mut statements = Vec::new();
    let mut now = from.clone();
    let rename = |now: &Name, name| format!("{} RENAME TO {}", alter(now), quote(name));
    if from.schema != to.schema {
        if from.name != to.name {
            statements.push(rename(&now, ON_THE_WAY));
            ON_THE_WAY.clone_into(&mut now.name);
        }
        statements.extend(schema_of(to));
        statements.push(set_schema(&alter(&now), to));
        now.schema.clone_from(&to.schema);
    }
    if now.name != to.name {
        statements.push(rename(&now, &to.name));
    }
    statements
}

/// Moves a table, a type or a sequence into the schema of a name.
fn set_schema(alter: &str, to: &Name) -> String {
    match &to.schema {
        Some(schema) => format!("{alter} SET SCHEMA {}", quote(schema)),
        // Which schema is the connection's own, only the server knows.
        None => block(
            "",
            &format!(
                "EXECUTE {} || quote_ident(current_schema());",
                literal(&format!("{alter} SET SCHEMA "))
            ),
        ),
    }
}

/// Drops a schema that nothing is in any more, whatever kind of thing it may be. One of somebody
/// else's stays.
fn drop_schema(name: &str) -> String {
    block(
        "",
        &format!(
            "IF EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = {} \
             AND pg_catalog.pg_has_role(n.nspowner, 'USAGE') \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d \
             WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.refobjid = n.oid)) \
             THEN DROP SCHEMA {}; END IF;",
            literal(name),
            quote(name)
        ),
    )
}

fn create_table(table: &Table) -> Result<Vec<String>, Unsupported> {
    check_name(|| format!("table {}", table.name), &table.name)?;
    let mut parts = Vec::new();
    for column in &table.columns {
        parts.push(column_definition(&table.name, column)?);
    }
    parts.extend(table.primary_key.as_ref().map(primary_key));
    parts.extend(table.uniques.iter().map(unique_constraint));
    parts.extend(table.checks.iter().map(check_constraint));
    parts.extend(table.exclusions.iter().map(exclusion_constraint));
    parts.extend(table.foreign_keys.iter().map(foreign_key));
    let body = match parts.as_slice() {
        [] => "()".to_owned(),
        parts => format!("(\n    {}\n)", parts.join(",\n    ")),
    };
    let mut statements: Vec<String> = schema_of(&table.name).into_iter().collect();
    let options = &table.options;
    let kind = if options.unlogged { "UNLOGGED " } else { "" };
    statements.push(format!(
        "CREATE {kind}TABLE {} {body}{}{}",
        qualified(&table.name),
        with(&options.storage),
        tablespace(options.tablespace.as_deref()),
    ));
    if let Some(comment) = &table.comment {
        statements.push(comment_on_table(&table.name, Some(comment)));
    }
    for column in &table.columns {
        if let Some(comment) = &column.comment {
            statements.push(comment_on_column(&table.name, &column.name, Some(comment)));
        }
    }
    // A plan creates them by operations of their own, but a table that comes back brings its own.
    let indexes = table.indexes.iter();
    statements.extend(indexes.map(|index| create_index(&table.name, index)));
    Ok(statements)
}

pub(super) fn column_definition(table: &Name, column: &Column) -> Result<String, Unsupported> {
    let object = || column_object(table, &column.name);
    check_length(object, &column.name)?;
    check_column(object, column)?;
    let ty = match serial_type(column) {
        Some(serial) => serial.to_owned(),
        None => type_sql(&column.ty)?,
    };
    let mut sql = format!("{} {ty}", quote(&column.name));
    if let Some(collation) = &column.collation {
        sql.push_str(&collate(collation));
    }
    if column.auto_increment && serial_type(column).is_none() {
        sql.push(' ');
        sql.push_str(&identity_sql(column.numbering.as_ref()));
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        sql.push_str(" DEFAULT ");
        sql.push_str(&default_sql(default, &column.ty));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored {
            "STORED"
        } else {
            "VIRTUAL"
        };
        sql.push_str(&format!(" GENERATED ALWAYS AS ({}) {kind}", generated.expr));
    }
    if let Some(extra) = &column.extra {
        sql.push(' ');
        sql.push_str(extra);
    }
    Ok(sql)
}

/// A collation by its name; one in quotes already has its schema with it.
pub(super) fn collate(collation: &str) -> String {
    match collation.starts_with('"') {
        true => format!(" COLLATE {collation}"),
        false => format!(" COLLATE {}", quote(collation)),
    }
}

pub(super) fn default_sql(default: &DefaultValue, ty: &Type) -> String {
    match default {
        // Other engines have no booleans, and a definition may be for all of them.
        DefaultValue::Bool(value) if is_number(ty) => u8::from(*value).to_string(),
        DefaultValue::Number(number) if *ty == Type::Boolean => literal(number),
        DefaultValue::Bool(true) => "TRUE".to_owned(),
        DefaultValue::Bool(false) => "FALSE".to_owned(),
        DefaultValue::Number(number) => number.clone(),
        DefaultValue::String(text) => literal(text),
        DefaultValue::CurrentTimestamp => "CURRENT_TIMESTAMP".to_owned(),
        DefaultValue::Expr(sql) => format!("({sql})"),
    }
}

pub(super) fn add_column(table: &Name, column: &Column) -> Result<Vec<String>, Unsupported> {
    let mut statements = vec![format!(
        "{} ADD COLUMN {}",
        alter(table),
        column_definition(table, column)?
    )];
    if let Some(comment) = &column.comment {
        statements.push(comment_on_column(table, &column.name, Some(comment)));
    }
    Ok(statements)
}

fn comment_on_table(table: &Name, comment: Option<&str>) -> String {
    format!("COMMENT ON TABLE {} IS {}", qualified(table), text(comment))
}

pub(super) fn comment_on_column(table: &Name, column: &str, comment: Option<&str>) -> String {
    format!(
        "COMMENT ON COLUMN {}.{} IS {}",
        qualified(table),
        quote(column),
        text(comment)
    )
}

fn text(comment: Option<&str>) -> String {
    comment.map_or_else(|| "NULL".to_owned(), literal)
}

/// A block of PL/pgSQL.
pub(super) fn block(declare: &str, body: &str) -> String {
    let declare = match declare {
        "" => String::new(),
        declare => format!("DECLARE {declare} "),
    };
    anonymous(&format!("{declare}BEGIN {body} END"))
}

/// A block of PL/pgSQL as a statement, between dollar quotes that its text does not hold.
pub(super) fn anonymous(code: &str) -> String {
    let mut tag = "$$".to_owned();
    while code.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    format!("DO {tag} {code} {tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_s_quotes_are_not_in_its_text() {
        assert_eq!(block("", "x"), "DO $$ BEGIN x END $$");
        assert_eq!(block("", "'$$' '$_$'"), "DO $__$ BEGIN '$$' '$_$' END $__$");
    }
}
