//! The most memory that comparing holds, on the schemas of `schema`.
//!
//! `cargo bench -p benches --bench memory`; PostgreSQL takes part when `TEST_POSTGRES_URL` is set. It
//! is no part of `schema`, since counting costs time.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark that cannot set itself up has nothing to say"
)]

use benches::{Checking, SIZES, places, schema};
use peak_alloc::PeakAlloc;
use tokio::runtime::Runtime;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    let runtime = Runtime::new().unwrap();
    for size in SIZES {
        let schema = schema(size);
        let checking = Checking::of(&schema);
        for place in places(&runtime, &schema) {
            let base = schema.clone();
            let db = runtime.block_on(place.connect());
            MEMORY.reset_peak_usage();
            let before = MEMORY.current_usage_as_mb();
            runtime.block_on(checking.check(&db, place.engine, &schema, base));
            let most = MEMORY.peak_usage_as_mb() - before;
            let engine = place.engine;
            println!("{engine} {size} tables, check, unchanged: at most {most:.1} MB");
            runtime.block_on(place.drop());
        }
    }
}
