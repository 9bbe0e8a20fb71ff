//! The snapshot file: what the entities declared when the newest revision was written.
