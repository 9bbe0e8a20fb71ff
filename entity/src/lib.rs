//! The data of the application: one SeaORM entity a file, one table each.
//!
//! Change an entity, then let `cargo db revision --autogenerate -m "…"` write the migration.

#![allow(
    missing_docs,
    reason = "SeaORM's derives make public items, and fields speak for themselves"
)]

pub mod comment;
pub mod prelude;
pub mod project;
pub mod tag;
pub mod task;
pub mod task_tag;
pub mod user;

/// The entities that migrations are compared with. A new one is a file, a `pub mod` line and a
/// word here; whichever is forgotten, `cargo db check` tells.
pub fn metadata() -> seachange::Metadata {
    seachange::entities![comment, project, tag, task, task_tag, user]
}
