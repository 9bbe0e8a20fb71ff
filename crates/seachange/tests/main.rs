//! Tests of the library, on the real engines where an engine is involved.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    unreachable_pub,
    missing_docs
)]

mod arbitrary;
mod diff;
mod directory;
mod history;
mod snapshot;
mod entities;
mod postgres;
mod support;
