//! SQLite's catalog: one query, whose texts are read; pragmas only for a table whose text nobody
//! can read.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::Catalog;
use crate::dialect::{Note, literal, sqlite};
use crate::schema::{Action, Column, ForeignKey, Name, PrimaryKey, Table, Type, Unique};

/// Reads the main database of a connection.
///
/// # Errors
///
/// The database refuses a query.
pub async fn read<C: ConnectionTrait>(db: &C) -> Result<Catalog, DbErr> {
    let rows = all(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema").await?;
    let rows: Vec<Row> = rows.iter().map(Row::read).collect::<Result<_, _>>()?;
    let virtual_tables = rows
        .iter()
        .any(|row| row.kind == "table" && row.is_virtual());
    let shadows = match virtual_tables {
        true => shadows(db).await?,
        false => Vec::new(),
    };
    let mut catalog = Catalog::default();
    let mut unread = Vec::new();
    for row in rows
        .iter()
        .filter(|row| row.kind == "table" && !row.is_own())
    {
        if row.is_virtual() {
            catalog.relation(&row.name, "virtual table");
            catalog.note(
                "virtual table",
                &row.name,
                "virtual tables are not compared",
            );
        } else if shadows.contains(&row.name) {
            catalog.relation(&row.name, "table of a virtual table");
            catalog.note("table", &row.name, "it belongs to a virtual table");
        } else {
            match sqlite::table(&row.sql) {
                Ok((table, notes)) => {
                    catalog.notes.extend(notes);
                    catalog.schema.tables.insert(table.name.clone(), table);
                }
                Err(problem) => {
                    let reason = format!(
                        "{problem} in its SQL, so it was read without checks, collations and \
                         generated expressions"
                    );
                    catalog.note("table", &row.name, &reason);
                    unread.push(row.name.as_str());
                }
            }
        }
    }
    for name in unread {
        let table = described(db, name).await?;
        catalog.schema.tables.insert(table.name.clone(), table);
    }
    let tables: BTreeMap<String, Name> = catalog
        .schema
        .tables
        .keys()
        .map(|name| (name.name.to_ascii_lowercase(), name.clone()))
        .collect();
    for row in &rows {
        match row.kind.as_str() {
            "index" if !row.sql.is_empty() => {
                let name = tables.get(&row.table.to_ascii_lowercase());
                let Some(table) = name.and_then(|name| catalog.schema.tables.get_mut(name)) else {
                    continue;
                };
                let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
                match sqlite::index(&row.sql, &columns) {
                    Ok(index) => table.indexes.push(index),
                    Err(problem) => {
                        catalog.note("index", &row.name, &format!("{problem} in its SQL"));
                    }
                }
            }
            "view" => {
                catalog.relation(&row.name, "view");
                catalog.note("view", &row.name, "views are not declared by entities");
            }
            "trigger" => {
                catalog.note(
                    "trigger",
                    &row.name,
                    "triggers are not declared by entities",
                );
            }
            _ => {}
        }
    }
    sqlite::settle(&mut catalog.schema);
    catalog.notes.sort();
    Ok(catalog)
}

impl Catalog {
    fn relation(&mut self, name: &str, word: &'static str) {
        self.relations.insert(Name::from(name), word);
    }

    fn note(&mut self, kind: &str, name: &str, reason: &str) {
        self.notes.push(Note {
            object: format!("{kind} {name}"),
            reason: reason.to_owned(),
        });
    }
}

/// A row of `sqlite_schema`; automatic indexes have no text.
struct Row {
    kind: String,
    name: String,
    table: String,
    sql: String,
}

impl Row {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            kind: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            table: row.try_get_by_index(2)?,
            sql: row
                .try_get_by_index::<Option<String>>(3)?
                .unwrap_or_default(),
        })
    }

    /// SQLite's own: `sqlite_sequence`, `sqlite_stat1`.
    fn is_own(&self) -> bool {
        self.name.to_ascii_lowercase().starts_with("sqlite_")
    }

    fn is_virtual(&self) -> bool {
        // SQLite itself writes these two words at the beginning of the text.
        let start = self.sql.get(..14).unwrap_or_default();
        start.eq_ignore_ascii_case("CREATE VIRTUAL")
    }
}

async fn all<C: ConnectionTrait>(db: &C, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
}

/// Tables in which virtual tables keep what they hold.
async fn shadows<C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'";
    let rows = all(db, sql).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// A table by the pragmas, which tell less than its text.
async fn described<C: ConnectionTrait>(db: &C, name: &str) -> Result<Table, DbErr> {
    let mut table = Table::new(name);
    let quoted = literal(name);
    let sql = format!(
        "SELECT strict, wr FROM pragma_table_list WHERE schema = 'main' AND name = {quoted}"
    );
    for row in all(db, &sql).await? {
        table.options.strict = row.try_get_by_index(0)?;
        table.options.without_rowid = row.try_get_by_index(1)?;
    }
    let sql = format!(
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo({quoted}) \
         WHERE hidden <> 1 ORDER BY cid"
    );
    let mut key: Vec<(i64, String)> = Vec::new();
    for row in all(db, &sql).await? {
        let mut column = Column::new(row.try_get_by_index::<String>(0)?, Type::Text);
        let words: String = row.try_get_by_index(1)?;
        column.ty = sqlite::read_type(&words);
        column.nullable = row.try_get_by_index::<i64>(2)? == 0;
        let default: Option<String> = row.try_get_by_index(3)?;
        column.default = default.and_then(|sql| sqlite::read_default(&sql, &words));
        let place: i64 = row.try_get_by_index(4)?;
        if place > 0 {
            key.push((place, column.name.clone()));
            column.nullable = false;
        }
        table.columns.push(column);
    }
    key.sort();
    if !key.is_empty() {
        table.primary_key = Some(PrimaryKey {
            name: None,
            columns: key.into_iter().map(|(_, column)| column).collect(),
            ..PrimaryKey::default()
        });
    }
    let sql = format!(
        "SELECT i.name, c.name FROM pragma_index_list({quoted}) AS i \
         JOIN pragma_index_info(i.name) AS c WHERE i.origin = 'u' ORDER BY i.seq, c.seqno"
    );
    let mut uniques: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in all(db, &sql).await? {
        let column: Option<String> = row.try_get_by_index(1)?;
        uniques
            .entry(row.try_get_by_index(0)?)
            .or_default()
            .extend(column);
    }
    table
        .uniques
        .extend(uniques.into_values().map(|columns| Unique {
            name: None,
            columns,
            ..Unique::default()
        }));
    let sql = format!(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete \
         FROM pragma_foreign_key_list({quoted}) ORDER BY id, seq"
    );
    let mut keys: BTreeMap<i64, ForeignKey> = BTreeMap::new();
    for row in all(db, &sql).await? {
        let action = |at| -> Result<Action, DbErr> {
            let words: String = row.try_get_by_index(at)?;
            Ok(Action::parse(&words).unwrap_or_default())
        };
        let target: String = row.try_get_by_index(1)?;
        let key = keys.entry(row.try_get_by_index(0)?).or_insert(ForeignKey {
            name: None,
            columns: Vec::new(),
            ref_table: Name::from(target),
            ref_columns: Vec::new(),
            on_delete: action(5)?,
            on_update: action(4)?,
            ..ForeignKey::default()
        });
        key.columns.push(row.try_get_by_index(2)?);
        key.ref_columns
            .extend(row.try_get_by_index::<Option<String>>(3)?);
    }
    table.foreign_keys.extend(keys.into_values());
    Ok(table)
}
