//! Seachange.
fn main() {}
