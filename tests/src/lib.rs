//! End-to-end tests of the template; see `main.rs`.
