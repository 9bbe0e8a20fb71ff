//! Shows that the library runs without tokio; see `tests/main.rs`.
