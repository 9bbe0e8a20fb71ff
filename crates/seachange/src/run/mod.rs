//! Running revisions on a database.

mod foreign;

pub use foreign::foreign;
