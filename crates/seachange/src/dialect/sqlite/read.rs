//! From the texts of a database to our nouns, in canonical form.

use std::collections::BTreeMap;

use super::edit::same;
use super::expr::{default_value, normal, spelling};
use super::text::{Clause, ColumnText, IndexText, KeyText, KeyTextOn, TableText, Unreadable};
use super::types;
use crate::dialect::Note;
use crate::schema::{
    Check, Column, ForeignKey, Generated, Index, IndexKey, KeyOn, Name, PrimaryKey, Schema, Table,
    Unique,
};

/// Reads a `CREATE TABLE` text, and says what of it a [`Table`] cannot hold.
///
/// Foreign keys on a table's primary key that do not name its columns are left without them, until
/// [`settle`] has seen all tables.
///
/// # Errors
///
/// It is no such text, or one that cannot be read.
pub fn table(sql: &str) -> Result<(Table, Vec<Note>), Unreadable> {
    let text = TableText::parse(sql)?;
    let columns: Vec<&str> = text
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let spelt = |name: &str| spelling(&columns, name).unwrap_or(name).to_owned();
    let mut table = Table::new(text.name.as_str());
    table.options.strict = text.strict;
    table.options.without_rowid = text.without_rowid;
    table.columns = text
        .columns
        .iter()
        .map(|c| column(sql, c, &columns))
        .collect();
    for constraint in text.all_constraints() {
        let names = |keys: &[KeyText]| keys.iter().map(|key| spelt(key.name())).collect();
        match &constraint.clause {
            Clause::PrimaryKey { columns, .. } => {
                table.primary_key = Some(PrimaryKey {
                    name: None,
                    columns: names(columns),
                    ..PrimaryKey::default()
                });
            }
            Clause::Unique(columns) => table.uniques.push(Unique {
                name: None,
                columns: names(columns),
                ..Unique::default()
            }),
            Clause::Check(expr) => table.checks.push(Check {
                name: constraint.name.clone(),
                expr: normal(&sql[expr.clone()], &columns),
                only: None,
            }),
            Clause::ForeignKey {
                columns,
                references,
            } => table.foreign_keys.push(ForeignKey {
                name: None,
                columns: columns.iter().map(|name| spelt(name)).collect(),
                ref_table: Name::from(references.table.as_str()),
                ref_columns: references.columns.clone(),
                on_delete: references.on_delete,
                on_update: references.on_update,
                deferrable: references.deferrable,
                ..ForeignKey::default()
            }),
            _ => {}
        }
    }
    if text.autoincrement().is_some()
        && let Some((_, [key])) = text.primary_key()
        && let Some(column) = table.column_mut(&spelt(key.name()))
    {
        column.auto_increment = true;
    }
    let notes = notes(&text, &table);
    if let Some(key) = &table.primary_key {
        for name in key.columns.clone() {
            if let Some(column) = table.column_mut(&name) {
                column.nullable = false;
            }
        }
    }
    Ok((table, notes))
}

fn column(sql: &str, text: &ColumnText, columns: &[&str]) -> Column {
    let words = types::normal(text.words(sql));
    let mut column = Column::new(text.name.as_str(), types::read(&words));
    column.nullable = true;
    for constraint in &text.constraints {
        match &constraint.clause {
            // NULL beside it says nothing.
            Clause::NotNull => column.nullable = false,
            Clause::Default(value) => {
                column.default = default_value(&sql[value.clone()], &words, &column.ty);
            }
            Clause::Collate(name) => {
                // BINARY is what a column has when nothing is said.
                let name = name.to_ascii_uppercase();
                column.collation = (name != "BINARY").then_some(name);
            }
            Clause::Generated { expr, stored } => {
                column.generated = Some(Generated {
                    expr: normal(&sql[expr.clone()], columns),
                    stored: *stored,
                });
            }
            _ => {}
        }
    }
    column
}

/// What is kept by every operation, but is not part of a comparison.
fn notes(text: &TableText, table: &Table) -> Vec<Note> {
    let mut left_out: Vec<String> = Vec::new();
    if text
        .all_constraints()
        .any(|constraint| constraint.on_conflict)
    {
        left_out.push("ON CONFLICT".to_owned());
    }
    let ordered = |key: &KeyText| key.descending || key.collation.is_some();
    let keys = text
        .all_constraints()
        .filter_map(|constraint| match &constraint.clause {
            Clause::PrimaryKey { columns, .. } | Clause::Unique(columns) => Some(columns),
            _ => None,
        });
    if keys.flatten().any(ordered) {
        left_out.push("order and collation inside its keys".to_owned());
    }
    let mut notes = Vec::new();
    if !left_out.is_empty() {
        notes.push(Note {
            object: format!("table {}", table.name),
            reason: format!(
                "its {} is kept, but no entity declares it",
                left_out.join(", ")
            ),
        });
    }
    // Only INTEGER PRIMARY KEY, STRICT and WITHOUT ROWID keep NULL out of a key that does not say so.
    let alias = |column: &Column| column.ty == crate::schema::Type::Integer;
    let single = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.len() == 1);
    let nullable = table.columns.iter().filter(|column| {
        column.nullable && table.is_key(&column.name) && !(single && alias(column))
    });
    if !text.without_rowid && !text.strict {
        notes.extend(nullable.map(|column| {
            Note {
                object: format!("column {}.{}", table.name, column.name),
                reason:
                    "SQLite lets a primary key hold NULL unless NOT NULL is said; it is compared \
                     as NOT NULL"
                        .to_owned(),
            }
        }));
    }
    notes
}

/// Reads a `CREATE INDEX` text of a table with these columns.
///
/// # Errors
///
/// It is no such text, or one that cannot be read.
pub fn index<S: AsRef<str>>(sql: &str, columns: &[S]) -> Result<Index, Unreadable> {
    let text = IndexText::parse(sql)?;
    let mut index = Index::new(text.name, Vec::<String>::new());
    index.unique = text.unique;
    index.keys = text
        .keys
        .iter()
        .map(|key| IndexKey {
            on: match &key.on {
                KeyTextOn::Column(name) => match spelling(columns, name) {
                    Some(column) => KeyOn::Column(column.to_owned()),
                    // Both may be columns too.
                    None if same(name, "true") || same(name, "false") => {
                        KeyOn::Expr(name.to_ascii_lowercase())
                    }
                    None => KeyOn::Column(name.clone()),
                },
                KeyTextOn::Expr(span) => KeyOn::Expr(normal(&sql[span.clone()], columns)),
            },
            descending: key.descending,
            nulls_first: None,
            opclass: None,
            collation: key.collation.as_ref().map(|name| name.to_ascii_uppercase()),
        })
        .collect();
    index.predicate = text.predicate.map(|span| normal(&sql[span], columns));
    Ok(index)
}

/// Brings tables that were read one by one into canonical form: names are spelt as the thing they
/// name spells itself, keys that name no column get the columns they mean, and lists whose order
/// means nothing are sorted.
pub fn settle(schema: &mut Schema) {
    let tables: BTreeMap<String, Target> = schema
        .tables
        .values()
        .map(|table| {
            let target = Target {
                name: table.name.clone(),
                columns: table
                    .columns
                    .iter()
                    .map(|column| column.name.clone())
                    .collect(),
                key: table
                    .primary_key
                    .iter()
                    .flat_map(|key| key.columns.clone())
                    .collect(),
            };
            (table.name.name.to_ascii_lowercase(), target)
        })
        .collect();
    for table in schema.tables.values_mut() {
        for key in &mut table.foreign_keys {
            let Some(target) = tables.get(&key.ref_table.name.to_ascii_lowercase()) else {
                continue;
            };
            key.ref_table.clone_from(&target.name);
            if key.ref_columns.is_empty() {
                key.ref_columns.clone_from(&target.key);
            }
            for name in &mut key.ref_columns {
                if let Some(column) = spelling(&target.columns, name) {
                    *name = column.to_owned();
                }
            }
        }
        table.uniques.sort_by(|a, b| a.columns.cmp(&b.columns));
        table.uniques.dedup();
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        table
            .checks
            .sort_by(|a, b| (&a.name, &a.expr).cmp(&(&b.name, &b.expr)));
        table.checks.dedup();
        table.foreign_keys.sort_by(|a, b| {
            let order = |key: &ForeignKey| {
                (
                    key.columns.clone(),
                    key.ref_table.clone(),
                    key.ref_columns.clone(),
                )
            };
            order(a).cmp(&order(b))
        });
    }
}

/// What a foreign key may point at.
struct Target {
    name: Name,
    columns: Vec<String>,
    key: Vec<String>,
}
