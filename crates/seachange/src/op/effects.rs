//! What operations do to those who use the database meanwhile, and to how they can be committed.

use std::collections::BTreeSet;

use super::only::{engine_of, on};
use super::{ColumnChange, EnumUse, Op};
use crate::schema::{Column, DefaultValue, Engine, Index, KeyOn, Name, Type};

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
            } if computes(change) && before.as_ref().is_none_or(|before| !before.is_computed()) => {
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
            Op::RemoveEnumValue { name, value, .. }
            | Op::RenameEnumValue {
                name, from: value, ..
            } => format!("a statement with the value '{value}' of `{name}` fails"),
            Op::RenameEnum { from: name, .. }
            | Op::RenameSequence { from: name, .. }
            | Op::DropSequence { name, .. } => format!("a statement that names `{name}` fails"),
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

/// Whether some engine computes the column from now on.
fn computes(change: &ColumnChange) -> bool {
    let own = change.variants.values();
    let mut all = own.map(|own| &own.generated).chain([&change.generated]);
    all.any(|generated| matches!(generated, Some(Some(_))))
}

/// Whether an INSERT has to give the column a value.
fn is_demanded(column: &Column) -> bool {
    let given = |view: &Column| view.default.is_some() || view.generated.is_some();
    !column.nullable && !column.auto_increment && !column.views().iter().any(given)
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
        Op::CreateIndex { table, index, .. } => Some(format!(
            "writes to `{table}` wait while the index is built ({})",
            match index.only {
                Some(engine) => engine.as_str(),
                None => "PostgreSQL, SQLite",
            }
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
        Op::AddCheck { table, check } => {
            let why = match check.only {
                None => "its rows are checked (PostgreSQL) or copied (SQLite)",
                Some(Engine::Sqlite) => "its rows are copied (SQLite)",
                Some(_) => "its rows are checked (PostgreSQL)",
            };
            Some(all(table, why))
        }
        Op::AddUnique { table, .. } | Op::AddPrimaryKey { table, .. } => {
            let why = match engine_of(op) {
                None => "the index is built (PostgreSQL) or the rows are copied (SQLite)",
                Some(Engine::Sqlite) => "the rows are copied (SQLite)",
                Some(_) => "the index is built (PostgreSQL)",
            };
            Some(all(table, why))
        }
        Op::AddExclusion { table, .. } => Some(all(table, "the index is built (PostgreSQL)")),
        Op::AlterTable { table, change, .. } => {
            let engines = [
                (change.unlogged.is_some() || change.tablespace.is_some()).then_some("PostgreSQL"),
                (change.strict.is_some() || change.without_rowid.is_some()).then_some("SQLite"),
            ];
            let engines: Vec<&str> = engines.into_iter().flatten().collect();
            (!engines.is_empty()).then(|| {
                all(
                    table,
                    &format!("its rows are written anew ({})", engines.join(", ")),
                )
            })
        }
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
        Op::RemoveEnumValue { used_by, .. } | Op::ReorderEnum { used_by, .. }
            if !used_by.is_empty() =>
        {
            Some(format!(
                "reads and writes of {} wait while the rows are written anew (PostgreSQL)",
                tables(used_by, "and")
            ))
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

/// When the operation is refused because of the rows that are there, as a clause.
pub fn refused(op: &Op) -> Option<String> {
    match op {
        Op::RemoveEnumValue { value, used_by, .. } if !used_by.is_empty() => Some(format!(
            "refused while a row of {} is still '{value}'",
            tables(used_by, "or")
        )),
        Op::AlterTable { table, change, .. } if change.strict == Some(true) => Some(format!(
            "refused while a value of `{table}` is none of its column's type (SQLite)"
        )),
        _ => None,
    }
}

/// What may become of rows from now on, as a clause.
pub fn risks(op: &Op) -> Option<String> {
    let unlogged = match op {
        Op::CreateTable { table } if table.options.unlogged => &table.name,
        Op::AlterTable { table, change, .. } if change.unlogged == Some(true) => table,
        _ => return None,
    };
    Some(format!(
        "a crash of the server empties `{unlogged}` from now on (PostgreSQL)"
    ))
}

/// The tables of these columns, each once.
fn tables(uses: &[EnumUse], word: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    for used in uses {
        let name = format!("`{}`", used.table);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => {
            format!("{} {word} {last}", first.join(", "))
        }
        names => names.concat(),
    }
}

/// Whether these operations cannot share one transaction: a batch of rows is committed by itself,
/// some statements run outside transactions only, and PostgreSQL lets nobody use a new enum value
/// before it is committed.
pub fn needs_segments(ops: &[Op]) -> bool {
    ops.iter().any(is_alone)
        || ops.iter().enumerate().any(|(at, op)| match op {
            Op::AddEnumValue { name, value, .. } => ops[at + 1..]
                .iter()
                .any(|later| may_use_value(later, name, value)),
            _ => false,
        })
}

/// Whether the operation may write or compare this value of the enum.
fn may_use_value(op: &Op, name: &Name, value: &str) -> bool {
    let literal = format!("'{}'", value.replace('\'', "''"));
    let sql = |sql: &str| sql.contains(&literal);
    let default = |default: &DefaultValue| match default {
        DefaultValue::String(text) => text == value,
        DefaultValue::Expr(text) => sql(text),
        _ => false,
    };
    let column = |column: &Column| {
        column.default.as_ref().is_some_and(default)
            || column.generated.as_ref().is_some_and(|g| sql(&g.expr))
            || column.extra.as_deref().is_some_and(sql)
    };
    let index = |index: &Index| {
        index.predicate.as_deref().is_some_and(sql)
            || index
                .keys
                .iter()
                .any(|key| matches!(&key.on, KeyOn::Expr(expr) if sql(expr)))
    };
    // Nobody else minds.
    let Some(op) = on(op, Engine::Postgres) else {
        return false;
    };
    match &*op {
        Op::CreateTable { table, .. } => {
            table.columns.iter().any(column)
                || table.checks.iter().any(|check| sql(&check.expr))
                || table.indexes.iter().any(index)
        }
        Op::AddColumn { column: added, .. } => column(added),
        Op::AlterColumn { change, before, .. } => {
            // Rows of another type may hold the value as text.
            let cast = change.ty.as_ref().is_some_and(|ty| {
                let was = before
                    .as_ref()
                    .is_some_and(|before| before.ty.is_enum(name));
                ty.is_enum(name) && !was
            });
            cast || matches!(&change.default, Some(Some(new)) if default(new))
                || change.using.as_deref().is_some_and(sql)
        }
        Op::CreateIndex { index: created, .. } => index(created),
        Op::AddCheck { check, .. } => sql(&check.expr),
        Op::Execute { sql: text, .. } => text.contains(value),
        Op::BulkInsert { .. } | Op::DeleteRows { .. } | Op::Backfill(_) | Op::Run(_) => true,
        _ => false,
    }
}

/// Whether the operation is committed apart from the others of its revision, whatever they are.
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
