//! The API on real databases, without a port.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod api;
#[cfg(unix)]
mod process;
mod support;
