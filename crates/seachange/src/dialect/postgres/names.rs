//! Names that change: of tables and columns with those that the server chose by them, of indexes
//! and of constraints.

use super::canonical::{check_length, check_name, column_object, cut, shortened};
use super::constraints::{found_constraint, on_columns};
use super::ddl::{alter, anonymous, rename_statements};
use super::types::qualified;
use super::unsupported;
use crate::dialect::{Unsupported, literal, quote};
use crate::op::Target;
use crate::schema::{Kind, Name};

/// Renames a table, and what the server named after it.
pub(super) fn rename_table(from: &Name, to: &Name) -> Result<Vec<String>, Unsupported> {
    check_name(|| format!("table {to}"), to)?;
    let mut statements = rename_statements(alter, from, to);
    if from.name != to.name {
        statements.push(follow(to, [&from.name, &to.name], None));
    }
    Ok(statements)
}

/// Renames a column, and what the server named after it.
pub(super) fn rename_column(
    table: &Name,
    from: &str,
    to: &str,
) -> Result<Vec<String>, Unsupported> {
    check_length(|| column_object(table, to), to)?;
    let mut statements = vec![format!(
        "{} RENAME COLUMN {} TO {}",
        alter(table),
        quote(from),
        quote(to)
    )];
    if from != to {
        let same = [table.name.as_str(); 2];
        statements.push(follow(table, same, Some([from, to])));
    }
    Ok(statements)
}

/// Gives keys, checks and sequences that are called after a table or a column the name that the
/// server would choose now.
fn follow(relation: &Name, tables: [&str; 2], columns: Option<[&str; 2]>) -> String {
    let column = |at: usize| columns.map_or("NULL::text".to_owned(), |names| literal(names[at]));
    let sql = include_str!("follow.sql")
        .replace(":relation", &literal(&qualified(relation)))
        .replace(":was_table", &literal(tables[0]))
        .replace(":table", &literal(tables[1]))
        .replace(":was_column", &column(0))
        .replace(":column", &column(1));
    anonymous(sql.trim_end())
}

/// Renames an index.
pub(super) fn rename_index(table: &Name, from: &str, to: &str) -> Vec<String> {
    if cut(from) == cut(to) {
        return Vec::new();
    }
    let index = Name {
        schema: table.schema.clone(),
        name: from.to_owned(),
    };
    vec![format!(
        "ALTER INDEX {} RENAME TO {}",
        qualified(&index),
        quote(to)
    )]
}

/// Renames a constraint: by its columns where they are known, since it may have been named by
/// another hand, else by its name.
pub(super) fn rename_constraint(
    table: &Name,
    kind: Option<Kind>,
    target: &Target,
    to: Option<&str>,
) -> Result<Vec<String>, Unsupported> {
    let to = match to {
        Some(to) => to.to_owned(),
        None => chosen_name(table, kind, &target.columns)?,
    };
    let (what, condition) = match kind {
        Some(Kind::PrimaryKey) => ("primary key".to_owned(), "c.contype = 'p'".to_owned()),
        Some(Kind::Unique | Kind::ForeignKey) if !target.columns.is_empty() => {
            let (what, letter) = match kind {
                Some(Kind::Unique) => ("unique constraint", 'u'),
                _ => ("foreign key", 'f'),
            };
            (
                format!("{what} on ({})", target.columns.join(", ")),
                format!(
                    "c.contype = '{letter}' AND {}",
                    on_columns("c.conkey", "c.conrelid", &target.columns)
                ),
            )
        }
        _ => {
            let Some(from) = &target.name else {
                return Err(unsupported(
                    format!("a constraint of {table}"),
                    "has to be told which one is renamed; name it, or say its columns",
                ));
            };
            if cut(from) == cut(&to) {
                return Ok(Vec::new());
            }
            return Ok(vec![format!(
                "{} RENAME CONSTRAINT {} TO {}",
                alter(table),
                quote(from),
                quote(&to)
            )]);
        }
    };
    let action = format!(
        "IF found <> {to} THEN EXECUTE {before} || quote_ident(found) || {after}; END IF;",
        to = literal(cut(&to)),
        before = literal(&format!("{} RENAME CONSTRAINT ", alter(table))),
        after = literal(&format!(" TO {}", quote(&to))),
    );
    let preferred = target.name.as_deref();
    Ok(vec![found_constraint(
        table, &what, &condition, preferred, &action,
    )])
}

/// Whether a constraint has the name that the server gives to one that has none.
pub(crate) fn is_chosen_name(name: &str, table: &Name, kind: Kind, columns: &[String]) -> bool {
    let columns = match kind {
        Kind::PrimaryKey => &[],
        _ => columns,
    };
    chosen_name(table, Some(kind), columns).is_ok_and(|chosen| chosen == name)
}

/// The name that the server gives to a constraint that has none.
fn chosen_name(
    table: &Name,
    kind: Option<Kind>,
    columns: &[String],
) -> Result<String, Unsupported> {
    let ending = match kind {
        Some(Kind::PrimaryKey) => "_pkey",
        Some(Kind::Unique) => "_key",
        Some(Kind::ForeignKey) => "_fkey",
        _ => {
            return Err(unsupported(
                format!("a constraint of {table}"),
                "has to be told the new name; name it",
            ));
        }
    };
    let columns = (!columns.is_empty()).then(|| columns.join("_"));
    Ok(shortened(&table.name, columns.as_deref(), ending.len()) + ending)
}
