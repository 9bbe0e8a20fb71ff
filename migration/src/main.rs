//! What a production image runs, and what `sea-orm-cli migrate` calls: it applies revisions and
//! needs neither entities nor sources. The whole command line is `cargo db`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    seachange::runner(migration::Migrator).run().await
}
