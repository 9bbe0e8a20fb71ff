//! No code: the feature sets of crates that several packages share. See `Cargo.toml`.
