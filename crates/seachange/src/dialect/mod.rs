//! What is different on each engine: what it can do, how it spells things, and what becomes of a
//! declared schema in it.

pub mod piece;
pub mod postgres;
pub mod sqlite;

use crate::schema::{Engine, Schema, Type};

pub use piece::{Piece, Question, Verdict};

/// What an engine can do, as data.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Schema changes can be rolled back.
    pub transactional_ddl: bool,
    /// Enum types have names of their own.
    pub named_enums: bool,
    /// Tables and columns can carry comments.
    pub comments: bool,
    /// Columns and constraints can be altered in place; else the table is built anew.
    pub alter_in_place: bool,
    /// Tables live in schemas (namespaces).
    pub schemas: bool,
    /// Indexes can carry columns that are not part of the key.
    pub index_include: bool,
    /// Indexes have access methods and operator classes.
    pub index_methods: bool,
    /// Bytes that an identifier may have; the rest is cut off or refused.
    pub identifier_bytes: Option<usize>,
}

/// What the engine can do.
pub fn capabilities(engine: Engine) -> &'static Capabilities {
    match engine {
        Engine::Sqlite => &sqlite::CAPABILITIES,
        Engine::Postgres => &postgres::CAPABILITIES,
        Engine::MySql => &MYSQL,
    }
}

/// A name as the engine keeps it: PostgreSQL cuts the end off a long one.
#[cfg(feature = "migrate")]
pub(crate) fn kept_name(engine: Engine, name: &str) -> &str {
    match capabilities(engine).identifier_bytes {
        Some(bytes) => &name[..name.floor_char_boundary(bytes)],
        None => name,
    }
}

const MYSQL: Capabilities = Capabilities {
    transactional_ddl: false,
    named_enums: false,
    comments: true,
    alter_in_place: true,
    schemas: false,
    index_include: false,
    index_methods: false,
    identifier_bytes: Some(64),
};

/// The engine cannot hold, or this version cannot express, what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{object}: {engine} {problem}")]
pub struct Unsupported {
    /// The engine.
    pub engine: Engine,
    /// The object, as messages name it (`column tasks.labels`).
    pub object: String,
    /// What it has not or cannot, and what to do instead (`has no arrays; use Json`).
    pub problem: String,
}

/// Something that exists or is declared but was left out of a comparison, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The object, as messages name it (`view open_tasks`).
    pub object: String,
    /// Why it is not compared.
    pub reason: String,
}

/// A declared schema in the words in which the engine's reader would report it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canonical {
    /// The schema. Names of primary keys, unique constraints and foreign keys are left out, since
    /// engines and people name them as they like; what the engine drops (comments on SQLite) is
    /// left out too.
    pub schema: Schema,
    /// What is left out of it, or cannot be compared in full, by name.
    pub notes: Vec<Note>,
}

/// Rewrites what of a declared schema is meant for the engine into its words, so that it can be
/// compared with what [`crate::source::catalog`] read.
///
/// # Errors
///
/// The engine cannot hold something that is declared: an array on SQLite, an identifier that is
/// too long.
pub fn canonical(engine: Engine, declared: &Schema) -> Result<Canonical, Unsupported> {
    let declared = declared.on(engine);
    match engine {
        Engine::Sqlite => sqlite::canonical(&declared),
        Engine::Postgres => postgres::canonical(&declared),
        Engine::MySql => Err(Unsupported {
            engine,
            object: "this database".to_owned(),
            problem: "is not supported yet; use PostgreSQL or SQLite".to_owned(),
        }),
    }
}

/// Whether two pieces of SQL on a table with these columns are one text to every engine: they
/// differ in blank space, in the letter case of keywords, in brackets around the whole.
pub fn is_same_text<S: AsRef<str>>(one: &str, other: &str, columns: &[S]) -> bool {
    postgres::normal(one) == postgres::normal(other)
        && sqlite::normal(one, columns) == sqlite::normal(other, columns)
}

/// An identifier in double quotes, as PostgreSQL and SQLite write it.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A string literal in single quotes.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Column names in double quotes, between commas.
pub fn quoted_list<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name.as_ref())).collect();
    names.join(", ")
}

/// Whether SeaORM reads and writes a column of the engine's type `found` without error through a
/// field that is declared as `declared`.
///
/// Lengths and precisions do not matter for that, nor does which of two text types it is.
pub fn reads_as(engine: Engine, declared: &Type, found: &Type) -> bool {
    match engine {
        Engine::Sqlite => sqlite::reads_as(declared, found),
        Engine::Postgres | Engine::MySql => postgres::reads_as(declared, found),
    }
}
