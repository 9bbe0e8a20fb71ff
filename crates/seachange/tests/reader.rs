//! The reader of SQLite's `CREATE TABLE` and `CREATE INDEX` texts, against SQLite itself: it reads
//! every text that the engine takes, and reads what the engine's pragmas tell of it; and no text
//! whatever makes it panic.
//!
//! `SEACHANGE_PAIRS=5000` draws that many texts instead of a few, other ones in every run.

mod grammar;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use seachange::dialect::sqlite::{
    canonical, index, read_default, read_type, settle, statements, table,
};
use seachange::op::Op;
use seachange::schema::{KeyOn, Schema, Table};

use grammar::Tape;

fn runner(few: u32) -> TestRunner {
    let many = std::env::var("SEACHANGE_PAIRS").ok();
    let many: Option<u32> = many.map(|many| many.parse().expect("SEACHANGE_PAIRS is a number"));
    TestRunner::new(Config {
        cases: many.unwrap_or(few),
        rng_seed: match many {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(2),
        },
        failure_persistence: None,
        max_shrink_iters: 5_000,
        ..Config::default()
    })
}

/// The reason names the text; the bytes it was made of would say nothing.
fn holds<T: std::fmt::Debug>(result: Result<(), TestError<T>>) {
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, _) | TestError::Abort(reason)) => panic!("{reason}"),
    }
}

struct Sqlite {
    runtime: tokio::runtime::Runtime,
    db: DatabaseConnection,
}

impl Sqlite {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.sqlx_logging(false).max_connections(1);
        let db = runtime.block_on(Database::connect(options)).unwrap();
        Self { runtime, db }
    }

    fn run(&self, sql: &str) -> Result<(), String> {
        let done = self.runtime.block_on(self.db.execute_unprepared(sql));
        done.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Rows as text; NULL is `None`.
    fn rows(&self, sql: &str, columns: usize) -> Vec<Vec<Option<String>>> {
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        let rows = self.runtime.block_on(self.db.query_all_raw(statement));
        rows.unwrap_or_else(|error| panic!("{error}\n{sql}"))
            .iter()
            .map(|row| {
                (0..columns)
                    .map(|at| row.try_get_by_index(at).unwrap())
                    .collect()
            })
            .collect()
    }

    /// The names and texts of the tables or indexes that there are.
    fn texts(&self, kind: &str) -> Vec<(String, String)> {
        let sql = format!(
            "select name, sql from sqlite_schema where type = '{kind}' and sql is not null \
             and name not like 'sqlite\\_%' escape '\\' order by rowid"
        );
        let rows = self.rows(&sql, 2).into_iter();
        rows.map(|mut row| (row.remove(0).unwrap(), row.remove(0).unwrap()))
            .collect()
    }

    fn clear(&self) {
        for (name, _) in self.texts("table") {
            self.run(&format!("drop table {}", quoted(&name))).unwrap();
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn fail(
    what: &str,
    sql: &str,
    wanted: impl std::fmt::Debug,
    found: impl std::fmt::Debug,
) -> String {
    format!("{what}\n{sql}\nSQLite: {wanted:?}\nread:   {found:?}")
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    sql: &str,
    wanted: T,
    found: T,
) -> Result<(), String> {
    match wanted == found {
        true => Ok(()),
        false => Err(fail(what, sql, wanted, found)),
    }
}

/// Holds what was read of the one table that there is against the pragmas.
fn agrees(db: &Sqlite, sql: &str, types: bool) -> Result<Table, String> {
    let (read, _) = table(sql).map_err(|error| format!("cannot read: {error}\n{sql}"))?;
    let name = literal(&read.name.name);
    let rows = db.rows(
        &format!(
            "select name, type, cast(\"notnull\" as text), dflt_value, cast(pk as text), \
             cast(hidden as text) from pragma_table_xinfo({name}) order by cid"
        ),
        6,
    );
    let mut key: Vec<(i64, String)> = Vec::new();
    let mut told = Vec::new();
    let mut said = Vec::new();
    if rows.len() != read.columns.len() {
        return Err(fail("columns", sql, &rows, &read.columns));
    }
    for (row, column) in rows.iter().zip(&read.columns) {
        let [
            Some(name),
            Some(words),
            Some(required),
            default,
            Some(pk),
            Some(hidden),
        ] = row.as_slice()
        else {
            match types {
                true => return Err(format!("{row:?}")),
                false => return Ok(read),
            }
        };
        let place: i64 = pk.parse().unwrap();
        if place > 0 {
            key.push((place, name.clone()));
        }
        // What becomes of quotes among the words of a type is left aside.
        let odd = !types
            || words.contains(['\'', '"', '`', '[', ']'])
            || column.ty.to_string().contains('"');
        told.push((
            name.clone(),
            if odd {
                column.ty.clone()
            } else {
                read_type(words)
            },
            required == "0" && place == 0,
            default.as_deref().and_then(|sql| read_default(sql, words)),
            match hidden.as_str() {
                "2" => Some(false),
                "3" => Some(true),
                _ => None,
            },
        ));
        said.push((
            column.name.clone(),
            column.ty.clone(),
            column.nullable,
            column.default.clone(),
            column.generated.as_ref().map(|generated| generated.stored),
        ));
    }
    same("columns", sql, told, said)?;
    key.sort();
    let key: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
    let said: Vec<String> = read
        .primary_key
        .iter()
        .flat_map(|key| key.columns.clone())
        .collect();
    same("primary key", sql, &key, &said)?;
    uniques(db, sql, &read, &key)?;
    foreign_keys(db, sql, &read)?;
    collations(db, sql, &read)?;
    Ok(read)
}

fn uniques(db: &Sqlite, sql: &str, read: &Table, key: &[String]) -> Result<(), String> {
    let rows = db.rows(
        &format!(
            "select i.name, c.name from pragma_index_list({}) i, pragma_index_info(i.name) c \
             where i.origin = 'u' order by i.seq, c.seqno",
            literal(&read.name.name)
        ),
        2,
    );
    let mut told: Vec<(Option<String>, Vec<String>)> = Vec::new();
    for row in rows {
        match told.last_mut().filter(|(name, _)| *name == row[0]) {
            Some((_, columns)) => columns.extend(row[1].clone()),
            None => told.push((row[0].clone(), row[1].clone().into_iter().collect())),
        }
    }
    let mut told: BTreeSet<Vec<String>> = told.into_iter().map(|(_, columns)| columns).collect();
    let mut said: BTreeSet<Vec<String>> = read.uniques.iter().map(|u| u.columns.clone()).collect();
    // One on the key's columns has no index of its own.
    told.remove(key);
    said.remove(key);
    same("uniques", sql, told, said)
}

fn foreign_keys(db: &Sqlite, sql: &str, read: &Table) -> Result<(), String> {
    let rows = db.rows(
        &format!(
            "select cast(id as text), \"table\", \"from\", \"to\", on_update, on_delete \
             from pragma_foreign_key_list({}) order by id desc, seq",
            literal(&read.name.name)
        ),
        6,
    );
    type Key = (String, Vec<String>, Vec<String>, String, String);
    let mut told: Vec<(Option<String>, Key)> = Vec::new();
    for row in rows {
        let column = row[2].clone().unwrap();
        if let Some((_, key)) = told.last_mut().filter(|(id, _)| *id == row[0]) {
            key.1.push(column);
            key.2.extend(row[3].clone());
            continue;
        }
        let word = |at: usize| row[at].clone().unwrap_or_default().to_lowercase();
        let target = row[1].clone().unwrap();
        let key = (
            target,
            vec![column],
            row[3].clone().into_iter().collect(),
            word(4),
            word(5),
        );
        told.push((row[0].clone(), key));
    }
    let told: Vec<Key> = told.into_iter().map(|(_, key)| key).collect();
    let said: Vec<Key> = read
        .foreign_keys
        .iter()
        .map(|key| {
            (
                key.ref_table.name.clone(),
                key.columns.clone(),
                key.ref_columns.clone(),
                key.on_update.as_str().to_owned(),
                key.on_delete.as_str().to_owned(),
            )
        })
        .collect();
    let sorted = |mut keys: Vec<Key>| {
        keys.sort();
        keys
    };
    same("foreign keys", sql, sorted(told), sorted(said))
}

/// No pragma tells a column's collation, but an index on it does.
fn collations(db: &Sqlite, sql: &str, read: &Table) -> Result<(), String> {
    let columns: Vec<String> = read.columns.iter().map(|c| quoted(&c.name)).collect();
    db.run(&format!(
        "create index \"~probe\" on {} ({})",
        quoted(&read.name.name),
        columns.join(", ")
    ))?;
    let rows = db.rows(
        "select coll from pragma_index_xinfo('~probe') where key = 1 order by seqno",
        1,
    );
    db.run("drop index \"~probe\"")?;
    let told: Vec<String> = rows
        .into_iter()
        .map(|mut row| row.remove(0).unwrap_or_default().to_uppercase())
        .collect();
    let binary = || "BINARY".to_owned();
    let said = read
        .columns
        .iter()
        .map(|c| c.collation.clone().unwrap_or_else(binary));
    same("collations", sql, told, said.collect())
}

/// What was read is written, taken by the engine, and read as the same.
fn comes_back(db: &Sqlite, sql: &str, read: &Table) -> Result<(), String> {
    let mut schema = Schema::default();
    let mut read = read.clone();
    // It may refer to a table that is not there, and to a schema that is.
    read.indexes.clear();
    schema.insert(read.clone());
    settle(&mut schema);
    let again = canonical(&schema)
        .map_err(|error| format!("{error}\n{sql}"))?
        .schema;
    same(
        "read again",
        sql,
        schema.tables.values().next(),
        again.tables.values().next(),
    )?;
    db.clear();
    let create = Op::CreateTable {
        table: Box::new(read),
    };
    for written in statements(&create).map_err(|error| error.to_string())? {
        db.run(&written)
            .map_err(|error| format!("{error}\n{sql}\nwritten as {written}"))?;
    }
    Ok(())
}

fn agrees_index(db: &Sqlite, read: &Table) -> Result<(), String> {
    let columns: Vec<&str> = read.columns.iter().map(|c| c.name.as_str()).collect();
    for (name, sql) in db.texts("index") {
        let index =
            index(&sql, &columns).map_err(|error| format!("cannot read: {error}\n{sql}"))?;
        same("name", &sql, &name, &index.name)?;
        let rows = db.rows(
            &format!(
                "select name, cast(\"desc\" as text), coll from pragma_index_xinfo({}) \
                 where key = 1 order by seqno",
                literal(&name)
            ),
            3,
        );
        let told: Vec<_> = rows
            .into_iter()
            .map(|row| {
                (
                    row[0].clone(),
                    row[1].as_deref() == Some("1"),
                    row[2].clone(),
                )
            })
            .collect();
        let said: Vec<_> = index
            .keys
            .iter()
            .zip(&told)
            .map(|(key, told)| {
                let own = match &key.on {
                    KeyOn::Column(name) => Some(name.clone()),
                    KeyOn::Expr(_) => None,
                };
                let column = own.as_ref().and_then(|name| read.column(name));
                let collation = key
                    .collation
                    .clone()
                    .or_else(|| column.and_then(|column| column.collation.clone()))
                    .unwrap_or_else(|| "BINARY".to_owned());
                // An expression may bring a collation of its own.
                let equal = own.is_none() && key.collation.is_none()
                    || told
                        .2
                        .as_ref()
                        .is_some_and(|coll| coll.eq_ignore_ascii_case(&collation));
                let collation = if equal {
                    told.2.clone()
                } else {
                    Some(collation)
                };
                (own, key.descending, collation)
            })
            .collect();
        same("keys", &sql, told.len(), index.keys.len())?;
        same("keys", &sql, told, said)?;
        let flags = db.rows(
            &format!(
                "select cast(\"unique\" as text), cast(partial as text) from pragma_index_list({}) \
                 where name = {}",
                literal(&read.name.name),
                literal(&name)
            ),
            2,
        );
        let said =
            [index.unique, index.predicate.is_some()].map(|flag| Some(u8::from(flag).to_string()));
        same(
            "unique and partial",
            &sql,
            flags[0].as_slice(),
            said.as_slice(),
        )?;
    }
    Ok(())
}

#[test]
fn texts_that_sqlite_takes() {
    let db = Sqlite::new();
    let (drawn, taken) = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    let result = runner(400).run(&vec(any::<u8>(), 0..400), |bytes| {
        db.clear();
        let mut tape = Tape::new(bytes);
        let sql = grammar::table(&mut tape);
        drawn.set(drawn.get() + 1);
        if db.run(&sql).is_err() {
            return Ok(());
        }
        taken.set(taken.get() + 1);
        let held = db.texts("table").remove(0).1;
        let read = agrees(&db, &held, true).map_err(TestCaseError::fail)?;
        let columns: Vec<String> = read.columns.iter().map(|c| c.name.clone()).collect();
        for _ in 0..2 {
            let _ = db.run(&grammar::index(&mut tape, &read.name.name, &columns));
        }
        agrees_index(&db, &read).map_err(TestCaseError::fail)?;
        comes_back(&db, &held, &read).map_err(TestCaseError::fail)
    });
    holds(result);
    let (drawn, taken) = (drawn.get(), taken.get());
    assert!(taken * 3 > drawn, "SQLite took {taken} texts of {drawn}");
}

/// A good text with a few bytes changed: what SQLite still takes is read as it is, and nothing
/// panics.
#[test]
fn texts_that_are_spoilt() {
    let db = Sqlite::new();
    let spoilt = (
        vec(any::<u8>(), 0..200),
        vec(
            (any::<prop::sample::Index>(), any::<u8>(), "[ -~\\PC]{0,2}"),
            1..4,
        ),
    );
    let result = runner(400).run(&spoilt, |(bytes, changes)| {
        db.clear();
        let mut tape = Tape::new(bytes);
        let mut sql = grammar::table(&mut tape);
        for (at, cut, piece) in changes {
            let mut start = at.index(sql.len());
            while !sql.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (start + usize::from(cut % 3)).min(sql.len());
            while !sql.is_char_boundary(end) {
                end += 1;
            }
            sql.replace_range(start..end, &piece);
            if sql.is_empty() {
                break;
            }
        }
        let _ = table(&sql);
        let _ = index(&sql, &["a"]);
        if db.run(&sql).is_ok()
            && let [(_, held)] = db.texts("table").as_slice()
            && table(held).is_ok()
        {
            agrees(&db, held, false).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    holds(result);
}

#[test]
fn texts_of_any_kind() {
    let pieces = prop::sample::select(vec![
        "create table",
        "t",
        "(",
        ")",
        ",",
        "'",
        "\"",
        "`",
        "[",
        "]",
        "--",
        "/*",
        "*/",
        "\n",
        "primary key",
        "references",
        "on delete",
        "default",
        "check",
        "constraint",
        "x'",
        "0x",
        "1e",
        ".",
        "-",
        "not",
        "null",
        "deferrable",
        "index",
        "create",
        "unique",
        "on",
        "where",
        "é",
        "\0",
        "generated always as",
        "collate",
        "autoincrement",
        "without rowid",
        ";",
    ]);
    let texts = prop_oneof![
        vec(pieces, 0..40).prop_map(|pieces| pieces.join(" ")),
        vec(any::<u8>(), 0..120).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        "create table \\PC{0,60}",
    ];
    let result = runner(2_000).run(&texts, |text| {
        for sql in [
            text.clone(),
            format!("create table t ({text}"),
            format!("create index i on {text}"),
        ] {
            let _ = table(&sql);
            let _ = index(&sql, &["a"]);
            let _ = read_default(&sql, "integer");
            let _ = read_type(&sql);
        }
        Ok(())
    });
    holds(result);
}
