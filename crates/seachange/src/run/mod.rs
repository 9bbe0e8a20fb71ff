//! Running revisions on a database.
