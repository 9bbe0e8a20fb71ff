//! Migrations for SeaORM: edit an entity, get a reviewed revision; start a service, find the
//! schema right.
//!
//! The rooms of the library, each of which knows only the ones below it:
//!
//! ```text
//! cli      commands, prompts, printing, exit codes
//! compare  entities × snapshot × database → labels, revisions
//! run      lock, journal, runner, events, start-up
//! source   entities, catalogs of the engines, the snapshot file
//! render   operations → a Rust module
//! diff     schema × schema → operations
//! revision headers, graph, identifiers, the directory of modules
//! op       the closed list of operations, and the recorder of a revision
//! dialect  what is different on each engine
//! schema   nouns
//! ```

#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "migrate")]
pub mod compare;
#[cfg(feature = "migrate")]
pub mod config;
pub mod dialect;
pub mod diff;
pub mod op;
#[cfg(feature = "autogenerate")]
pub mod render;
#[cfg(feature = "migrate")]
pub mod revision;
#[cfg(feature = "migrate")]
pub mod run;
pub mod schema;
pub mod source;

#[cfg(feature = "autogenerate")]
pub use cli::cli;
#[cfg(feature = "cli")]
pub use cli::{Cli, runner};
#[cfg(feature = "migrate")]
pub use config::Config;
pub use op::Operations;
#[cfg(feature = "migrate")]
pub use revision::Revision;
#[cfg(feature = "migrate")]
pub use run::startup;
pub use schema::{Engine, Numbering, Sequence, Variant, enum_type};
#[cfg(feature = "migrate")]
pub use seachange_macros::revision;
pub use source::entities::{Extras, Metadata, TableExtras};
