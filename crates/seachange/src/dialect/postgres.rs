//! PostgreSQL.
use super::{Canonical, Capabilities, Unsupported};
use crate::op::Op;
use crate::schema::Schema;

/// What PostgreSQL can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    named_enums: true,
    comments: true,
    alter_in_place: true,
    schemas: true,
    index_include: true,
    index_methods: true,
    identifier_bytes: Some(63),
};
/// Stub.
pub fn canonical(_: &Schema) -> Result<Canonical, Unsupported> { Ok(Canonical::default()) }
/// The statements that carry out a schema operation.
pub fn statements(_: &Op) -> Result<Vec<String>, Unsupported> { Ok(Vec::new()) }
