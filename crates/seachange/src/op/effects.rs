//! What operations do to those who use the database meanwhile, and to how they can be committed.

use std::collections::BTreeSet;

use super::{ColumnChange, Op};
use crate::schema::{Column, Name, Type};

/// What of the release that runs now fails once these operations are done, as clauses.
pub fn breaks(ops: &[Op]) -> Vec<String> {
    let created: BTreeSet<&Name> = ops
        .iter()
        .filter_map(|op| match op {
            Op::CreateTable { table, .. } => Some(&table.name),
            _ => None,
        })
        .collect();
    let mut broken: Vec<String> = Vec::new();
    for op in ops
        .iter()
        .filter(|op| !op.table().is_some_and(|table| created.contains(table)))
    {
        let clause = match op {
            Op::DropTable { name, .. } => format!("a statement that names `{name}` fails"),
            Op::RenameTable { from, .. } => format!("a statement that names `{from}` fails"),
            Op::DropColumn { table, column, .. } if comes_back(ops, op, table, column) => continue,
            Op::DropColumn { table, column, .. } => {
                format!("a statement that names `{table}.{column}` fails")
            }
            Op::RenameColumn { table, from, .. } => {
                format!("a statement that names `{table}.{from}` fails")
            }
            Op::AddColumn { table, column, .. } if is_demanded(column) => {
                format!("an INSERT without `{table}.{}` fails", column.name)
            }
            Op::AlterColumn {
                table,
                column,
                change,
                before,
            } if matches!(change.generated, Some(Some(_)))
                && before
                    .as_ref()
                    .is_none_or(|before| before.generated.is_none()) =>
            {
                format!("an INSERT or UPDATE that gives `{table}.{column}` a value fails")
            }
            Op::AlterColumn {
                table,
                column,
                change,
                before,
            } if demands(change, before.as_deref()) => {
                format!("an INSERT without `{table}.{column}` fails")
            }
            _ => continue,
        };
        if !broken.contains(&clause) {
            broken.push(clause);
        }
    }
    broken
}

/// Whether a column that is dropped is added again behind that.
fn comes_back(ops: &[Op], drop: &Op, table: &Name, column: &str) -> bool {
    let behind = ops.iter().skip_while(|op| !std::ptr::eq(*op, drop));
    behind.into_iter().any(|op| {
        matches!(op, Op::AddColumn { table: to, column: added, .. }
            if to == table && added.name == column)
    })
}

/// Whether an INSERT has to give the column a value.
fn is_demanded(column: &Column) -> bool {
    !column.nullable
        && column.default.is_none()
        && !column.auto_increment
        && column.generated.is_none()
}

/// Whether an INSERT has to give the column a value that it did not have to give before.
fn demands(change: &ColumnChange, before: Option<&Column>) -> bool {
    match before {
        Some(before) => {
            let mut after = before.clone();
            change.apply(&mut after);
            is_demanded(&after) && !is_demanded(before)
        }
        None => change.nullable == Some(false) && !matches!(change.default, Some(Some(_))),
    }
}

/// Who waits while the operation runs on a table that has rows, as a clause.
pub fn locks(op: &Op) -> Option<String> {
    let all = |table: &Name, why: &str| format!("reads and writes of `{table}` wait while {why}");
    match op {
        Op::CreateIndex { table, .. } => Some(format!(
            "writes to `{table}` wait while the index is built (PostgreSQL, SQLite)"
        )),
        Op::AddForeignKey { table, key } => {
            let both = match key.ref_table == *table {
                true => format!("`{table}`"),
                false => format!("`{table}` and `{}`", key.ref_table),
            };
            Some(format!(
                "writes to {both} wait while the rows are checked (PostgreSQL) or copied (SQLite)"
            ))
        }
        Op::AddCheck { table, .. } => {
            let why = "its rows are checked (PostgreSQL) or copied (SQLite)";
            Some(all(table, why))
        }
        Op::AddUnique { table, .. } | Op::AddPrimaryKey { table, .. } => {
            let why = "the index is built (PostgreSQL) or the rows are copied (SQLite)";
            Some(all(table, why))
        }
        Op::AddExclusion { table, .. } => Some(all(table, "the index is built (PostgreSQL)")),
        Op::AlterColumn {
            table,
            change,
            before,
            ..
        } => {
            let to = change.ty.as_ref()?;
            let kept = before
                .as_deref()
                .is_some_and(|before| is_kept(&before.ty, to));
            (!kept).then(|| all(table, "its rows are written anew (PostgreSQL)"))
        }
        _ => None,
    }
}

/// Whether PostgreSQL takes values of one type for values of the other as they stand.
fn is_kept(from: &Type, to: &Type) -> bool {
    use crate::schema::Length::{Max, N, Unspecified};
    match (from, to) {
        (Type::String(_) | Type::Text, Type::Text | Type::String(Unspecified | Max)) => true,
        (Type::String(N(from)), Type::String(N(to))) => from <= to,
        _ => false,
    }
}

/// Whether the operation is committed apart from the others of its revision: each batch of rows is,
/// some statements run outside transactions only, and PostgreSQL lets nobody use a new enum value
/// before it is committed.
pub fn is_alone(op: &Op) -> bool {
    match op {
        Op::Backfill(_) => true,
        Op::Execute { sql, .. } => runs_outside(sql) || adds_enum_value(sql),
        _ => false,
    }
}

/// Whether the statement is refused inside a transaction.
pub fn runs_outside(sql: &str) -> bool {
    let words: Vec<String> = sql
        .split_whitespace()
        .take(8)
        .map(str::to_ascii_lowercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["vacuum" | "vacuum;", ..] => true,
        ["create" | "drop" | "reindex", ..] => words.contains(&"concurrently"),
        _ => false,
    }
}

/// Whether the statement gives a PostgreSQL enum a new value.
pub fn adds_enum_value(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    let words: Vec<&str> = sql.split_whitespace().collect();
    words.starts_with(&["alter", "type"]) && words.windows(2).any(|pair| pair == ["add", "value"])
}
