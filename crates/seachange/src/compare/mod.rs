//! Entities × snapshot × database: what is to be done, and whose doing a difference is.
//!
//! What an entity says is compared with what it said (the snapshot) and with what the database has:
//!
//! | entity against snapshot | database against entity | label |
//! |---|---|---|
//! | changed | differs | your change |
//! | changed | equal already | already here |
//! | same | differs | drift |
//! | in neither | exists | unmanaged |
//!
//! So a removal is written only when the snapshot shows that the thing was declared, and one
//! database's accident never enters everybody's history.

mod adopt;
mod ask;
mod base;
mod cache;
mod drift;
mod filter;
mod found;
mod here;
mod label;
mod meaning;
mod pattern;
mod qualify;
mod read;
#[cfg(feature = "postgres")]
mod scratch;
mod settle;
mod spelling;
mod system;
mod words;

pub use adopt::{adopt, adopt_on};
pub use ask::{AskError, Asking, Scratch, ask};
pub use base::{BaseError, base, recorded, undone};
pub use drift::put_back;
pub use filter::Filter;
pub use found::Found;
pub use label::{Comparison, Conflict, Drift, compare};
pub use pattern::ParseFilterError;
pub use read::{known, read};
pub use settle::{Adopted, Rule, settle};
pub use system::without_system_columns;
