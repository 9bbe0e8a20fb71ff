//! End-to-end tests of the developer's loop; see `tests/main.rs`.
