//! What the entities declare.
use crate::schema::Schema;

/// The entities of a project.
#[derive(Debug, Default)]
pub struct Metadata {}
impl Metadata {
    /// What they declare.
    pub fn schema(&self) -> Result<Schema, String> { Ok(Schema::default()) }
}
/// Stub.
#[derive(Debug)]
pub struct Extras {}
/// Stub.
pub trait TableExtras {}
