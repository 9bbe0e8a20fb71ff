//! What end-to-end tests share: programs as Cargo builds them, run as processes that know nothing
//! of the developer's environment, and databases of their own.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

pub mod cargo;
#[path = "../../crates/seachange/tests/support.rs"]
pub mod database;
pub mod process;

pub use cargo::{Programs, programs};
pub use database::{TestDatabase, engines, postgres, sqlite};
pub use process::{Place, Ran, eventually};
