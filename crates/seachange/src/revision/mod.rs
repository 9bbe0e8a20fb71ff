//! Revisions: what a module says about itself, the graph they form, how they are named, and the
//! directory they live in.
//!
//! ```
//! use sea_orm_migration::{prelude::*, schema::*};
//! use seachange::revision::History;
//! use seachange::{Operations, Revision};
//!
//! #[seachange::revision]
//! pub struct Migration;
//!
//! impl Revision for Migration {
//!     fn up(&self, op: &mut Operations) {
//!         op.add_column("tasks", small_integer("priority").default(0));
//!     }
//!
//!     fn down(&self, op: &mut Operations) {
//!         op.drop_column("tasks", "priority");
//!     }
//! }
//!
//! // The struct goes into any `MigratorTrait`, and any runner can run it.
//! let history = History::new(vec![Box::new(Migration)], "seaql_migrations".to_owned())?;
//! let header = history.entries()[0].header.ok_or("no header")?;
//! let mut steps = Operations::default();
//! (header.up)(&mut steps);
//! assert_eq!(steps.steps().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "autogenerate")]
pub mod directory;
pub mod graph;
mod history;
mod id;
#[cfg(feature = "autogenerate")]
pub mod list;
pub mod target;

use std::future::Future;
use std::pin::Pin;

use sea_orm::DbErr;

use crate::op::Operations;

#[cfg(feature = "autogenerate")]
pub use directory::{Change, DirectoryError};
pub use graph::HistoryError;
pub use history::{Entry, History};
pub use id::{IdError, check_id, new_id, slug_of};
pub use target::TargetError;

// What the attribute's code names, so that a migration crate needs no dependency for it.
#[doc(hidden)]
pub use inventory;
#[doc(hidden)]
pub use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// The future of a migration.
#[doc(hidden)]
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>>;

/// The text that a static holds.
#[doc(hidden)]
pub const fn name(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(name) => name,
        Err(_) => "",
    }
}

/// A revision: a list of steps up, and the list that takes them back.
pub trait Revision {
    /// Records the steps that apply the revision.
    fn up(&self, op: &mut Operations);
    /// Records the steps that take it back.
    fn down(&self, op: &mut Operations);
}

/// How the steps of a revision are committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// All of them and the record together.
    #[default]
    Whole,
    /// Each segment by itself; a backfill is always a segment of its own.
    PerSegment,
}

/// What a module says about itself; written by `#[seachange::revision]`, collected at link time,
/// and found by the address of `name`.
#[derive(Debug)]
pub struct Header {
    /// The identifier: the stem of the file's name. Two revisions are the same one if this is the
    /// same memory, whatever their names.
    pub name: &'static str,
    /// The first paragraph of the module's documentation, on one line.
    pub message: &'static str,
    /// The source file, as the compiler knows it.
    pub file: &'static str,
    /// What it follows: one revision, none for a root, several for a merge.
    pub revises: &'static [&'static str],
    /// A checksum of the module's tokens: comments, documentation, blank space and `use` lines do
    /// not count. Empty when the source could not be read at compile time.
    pub checksum: &'static str,
    /// How its steps are committed.
    pub transaction: Transaction,
    /// Records the steps up.
    pub up: fn(&mut Operations),
    /// Records the steps down.
    pub down: fn(&mut Operations),
}

inventory::collect!(Header);
