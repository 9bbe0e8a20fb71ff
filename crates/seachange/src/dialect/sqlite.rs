//! SQLite.
use super::{Canonical, Capabilities, Unsupported};
use crate::op::Op;
use crate::schema::Schema;

/// What SQLite can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    named_enums: false,
    comments: false,
    alter_in_place: false,
    schemas: false,
    index_include: false,
    index_methods: false,
    identifier_bytes: None,
};
/// Stub.
pub fn canonical(_: &Schema) -> Result<Canonical, Unsupported> { Ok(Canonical::default()) }
/// A table as the database holds it, in the words in which it was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSource {
    /// Its `CREATE TABLE` text.
    pub create: String,
    /// `CREATE INDEX` texts of its indexes, by name; automatic ones have none.
    pub indexes: Vec<(String, String)>,
    /// `CREATE TRIGGER` texts.
    pub triggers: Vec<(String, String)>,
    /// Whether the database holds views, which a rename would have to look into.
    pub views: bool,
}
/// Whether the operation needs the table's own text, because SQLite has no statement for it.
pub fn rebuilds(_: &Op) -> bool { false }
/// Statements of an operation that SQLite has statements for.
pub fn statements(_: &Op) -> Result<Vec<String>, Unsupported> { Ok(Vec::new()) }
/// Statements that build the table anew with these operations done.
pub fn rebuild(_: &TableSource, _: &[&Op]) -> Result<Vec<String>, Unsupported> { Ok(Vec::new()) }
