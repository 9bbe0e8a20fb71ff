//! Tests of the library, on the real engines where an engine is involved.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    unreachable_pub,
    missing_docs
)]

mod adopt;
mod arbitrary;
mod ask;

mod compare;
mod diff;
mod directory;
mod entities;
mod evolve;
mod extras;
mod history;
mod laws;
mod nouns;
mod only;
mod options;
mod postgres;
mod reader;
mod rebuild;
mod render;
mod rooms;
mod run;
mod scenarios;
mod sequences;
mod snapshot;
mod sqlite;
mod steps;
mod support;
mod types;
