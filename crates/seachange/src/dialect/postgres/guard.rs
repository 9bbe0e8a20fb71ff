//! Statements that look first whether they have been carried out already.

use super::canonical::cut;
use super::constraints::on_columns;
use super::ddl::{alter, block, statements};
use super::types::{qualified, type_sql};
use crate::dialect::{Unsupported, literal, quote};
use crate::op::{On, Op, Part, Thing, done_when};
use crate::schema::Name;

/// The statements of a step that passes over what is done already. PostgreSQL has IF NOT EXISTS for
/// some of them, which then looks at nothing but the name; here all of them look for the thing
/// itself, on the table where it belongs.
///
/// # Errors
///
/// PostgreSQL cannot hold what the operation makes.
pub fn guarded(op: &Op) -> Result<Vec<String>, Unsupported> {
    if let Op::AlterColumn {
        table,
        column,
        change,
        ..
    } = op
        && let (Some(ty), Some(_)) = (&change.ty, &change.using)
    {
        return converted_once(op, &has_type(table, column, &type_sql(ty)?));
    }
    let statements = statements(op)?;
    let conditions = done_when(op);
    if conditions.is_empty() {
        return Ok(statements);
    }
    let mut declare = "";
    let mut body = String::new();
    if let [(Thing::Part(table, Part::Check(expr)), _)] = conditions.as_slice() {
        declare = "found boolean;";
        body = find_check(table, expr);
    }
    let done: Vec<String> = conditions
        .iter()
        .map(|(thing, there)| match there {
            true => is_there(thing),
            false => format!("NOT {}", is_there(thing)),
        })
        .collect();
    body.push_str(&format!(
        "IF NOT ({}) THEN {}; END IF;",
        done.join(" AND "),
        statements.join("; ")
    ));
    Ok(vec![block(declare, &body)])
}

/// Statements that alter a column, and convert its values only where it has another type.
fn converted_once(op: &Op, has_type: &str) -> Result<Vec<String>, Unsupported> {
    let mut plain = op.clone();
    if let Op::AlterColumn { change, .. } = &mut plain {
        change.using = None;
    }
    let body = format!(
        "IF {has_type} THEN {}; ELSE {}; END IF;",
        statements(&plain)?.join("; "),
        statements(op)?.join("; ")
    );
    Ok(vec![block("", &body)])
}

/// A condition that is true when the column has this type, of whatever length.
pub(super) fn has_type(table: &Name, column: &str, ty: &str) -> String {
    format!(
        "EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} \
         AND atttypid = pg_catalog.to_regtype({}))",
        found("class", table),
        literal(column),
        literal(ty)
    )
}

/// A condition that is true when the thing is there, in brackets where it needs them.
fn is_there(thing: &Thing<'_>) -> String {
    let exists = |from: String| format!("EXISTS (SELECT FROM pg_catalog.{from})");
    match thing {
        Thing::Enum(name) => format!("({} IS NOT NULL)", found("type", name)),
        Thing::EnumValue(name, value) => exists(format!(
            "pg_enum WHERE enumtypid = {} AND enumlabel = {}",
            found("type", name),
            literal(value)
        )),
        Thing::Sequence(name) => exists(format!(
            "pg_class c WHERE c.oid = {} AND c.relkind = 'S' AND NOT EXISTS \
             (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass \
             AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)",
            found("class", name)
        )),
        Thing::Table(name) => format!("({} IS NOT NULL)", found("class", name)),
        Thing::Part(table, part) => {
            let table = found("class", table);
            let constraint = |condition: String| {
                exists(format!(
                    "pg_constraint c WHERE c.conrelid = {table} AND {condition}"
                ))
            };
            let on = |kind: char, on: &On<'_>| match on {
                On::Columns(columns) => format!(
                    "c.contype = '{kind}' AND {}",
                    on_columns("c.conkey", "c.conrelid", columns)
                ),
                On::Name(name) => {
                    format!(
                        "c.contype = '{kind}' AND c.conname = {}",
                        literal(cut(name))
                    )
                }
            };
            match part {
                Part::Column(name) => exists(format!(
                    "pg_attribute WHERE attrelid = {table} AND attname = {} AND attnum > 0 \
                     AND NOT attisdropped",
                    literal(name)
                )),
                Part::Index(name) => exists(format!(
                    "pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
                     WHERE x.indrelid = {table} AND i.relname = {}",
                    literal(cut(name))
                )),
                Part::Constraint(name) => constraint(format!("c.conname = {}", literal(cut(name)))),
                Part::PrimaryKey => constraint("c.contype = 'p'".to_owned()),
                Part::Unique(wanted) => constraint(on('u', wanted)),
                Part::ForeignKey(wanted, None) => constraint(on('f', wanted)),
                Part::ForeignKey(wanted, Some(to)) => constraint(format!(
                    "{} AND c.confrelid = {}",
                    on('f', wanted),
                    found("class", to)
                )),
                // `find_check` has looked for it.
                Part::Check(_) => "found".to_owned(),
            }
        }
    }
}

/// What has this name, as a number of the catalog, or NULL: in the connection's own schema unless
/// it is qualified.
fn found(kind: &str, name: &Name) -> String {
    match &name.schema {
        Some(_) => format!("pg_catalog.to_reg{kind}({})", literal(&qualified(name))),
        None => format!(
            "pg_catalog.to_reg{kind}(quote_ident(current_schema()) || {})",
            literal(&format!(".{}", quote(&name.name)))
        ),
    }
}

/// Sets `found`: the server keeps the text of a check in its own words, so the condition is added
/// for a moment, without looking at rows, and another one is looked for that reads the same.
fn find_check(table: &Name, expr: &str) -> String {
    let alter = alter(table);
    let probe = "seachange probe";
    let text = |of: &str| format!("pg_catalog.pg_get_expr({of}.conbin, {of}.conrelid)");
    format!(
        "{alter} ADD CONSTRAINT {quoted} CHECK ({expr}) NOT VALID; \
         SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_constraint p \
         ON p.conrelid = c.conrelid AND p.conname = {name} AND c.conname <> p.conname \
         WHERE c.conrelid = {table}::regclass AND c.contype = 'c' AND {c} = {p}) INTO found; \
         {alter} DROP CONSTRAINT {quoted}; ",
        quoted = quote(probe),
        name = literal(probe),
        table = literal(&qualified(table)),
        c = text("c"),
        p = text("p"),
    )
}
