//! End-to-end tests of the template.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod features;
mod template;
