//! Where schemas come from: entities, a database's catalog, the snapshot file.

pub mod catalog;
pub mod entities;
pub mod snapshot;
