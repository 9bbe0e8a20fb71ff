//! What a database contains, read in bulk: a fixed number of queries whatever its size.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub mod sqlite;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DatabaseConnection, DbBackend, DbErr};

use crate::dialect::Note;
use crate::schema::{Kind, Name, Schema, Sequence, Type};

/// What a database contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Tables, enums and sequences, in the form of [`crate::dialect::canonical`].
    pub schema: Schema,
    /// What is there but is not in `schema`, or only in part: views, triggers, partitions, objects
    /// of extensions, and the like.
    pub notes: Vec<Note>,
    /// The schema whose tables are named without one, where the engine has schemas.
    pub default_schema: Option<String>,
    /// What else decides how the server prints a text: its version and the search path. Empty on
    /// engines that print texts as they were typed.
    pub server: Server,
    /// What rows are read from and is no table of `schema`, and what it is (`view`): an entity may
    /// be on it.
    pub relations: BTreeMap<Name, &'static str>,
    /// Tables of PostgreSQL that keep nothing apart for being long, and therefore no parameters of
    /// that (`toast.…`).
    pub toastless: BTreeSet<Name>,
    /// What `schema` names without a schema, though it may be declared with one.
    pub visible: Visible,
    /// Sequences that a column owns, but for identities: one of them may be declared as its own.
    pub owned: BTreeMap<Name, Owned>,
    /// Domains, by the words of a column's type, and what they are made of.
    pub domains: BTreeMap<String, Type>,
    /// The names of keys and unique constraints that the server did not choose, by table. `schema`
    /// leaves them out: engines and people name them as they like, so none is a difference.
    pub names: BTreeMap<Name, Vec<ConstraintName>>,
}

/// A constraint that has a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintName {
    /// A primary key, a unique constraint or a foreign key.
    pub kind: Kind,
    /// The columns that it is on.
    pub columns: Vec<String>,
    /// The name.
    pub name: String,
}

impl Catalog {
    /// The same with a schema that has the names of keys and unique constraints.
    #[must_use]
    pub fn named(&self) -> Self {
        let mut named = self.clone();
        for (table, names) in &self.names {
            let Some(table) = named.schema.tables.get_mut(table) else {
                continue;
            };
            let name = |kind: Kind, columns: &[String]| {
                let mut names = names.iter();
                let named = names.find(|named| named.kind == kind && named.columns == columns);
                named.map(|named| named.name.clone())
            };
            if let Some(key) = &mut table.primary_key {
                key.name = name(Kind::PrimaryKey, &key.columns);
            }
            for unique in &mut table.uniques {
                unique.name = name(Kind::Unique, &unique.columns);
            }
            for key in &mut table.foreign_keys {
                key.name = name(Kind::ForeignKey, &key.columns);
            }
        }
        named
    }
}

/// A sequence that a column owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// The sequence.
    pub sequence: Sequence,
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
    /// Whether the column may be NULL, whatever follows from how it is numbered.
    pub nullable: bool,
}

/// What the search path finds without a schema, each with its name in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// Enum types.
    pub enums: BTreeMap<Name, Name>,
    /// Collations, as a column has them.
    pub collations: BTreeMap<String, String>,
}

/// The server behind a catalog, as far as it decides how texts are printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Its version, as a number: `150004`.
    pub version: u32,
    /// Where names without a schema are looked for.
    pub search_path: String,
}

/// Reads the whole database that a connection is on (on PostgreSQL, the connection's default
/// schema and the ones named).
///
/// # Errors
///
/// The database refuses a query, or its engine is not supported.
pub async fn read(db: &DatabaseConnection, schemas: &[String]) -> Result<Catalog, DbErr> {
    // Only PostgreSQL has schemas to choose from.
    #[cfg(not(feature = "postgres"))]
    let _ = schemas;
    match db.get_database_backend() {
        #[cfg(feature = "postgres")]
        DbBackend::Postgres => postgres::read(db, schemas).await,
        DbBackend::Sqlite => sqlite::read(db).await,
        other => Err(DbErr::Custom(format!(
            "{other:?} is not supported yet; use PostgreSQL or SQLite"
        ))),
    }
}
