//! `cargo db`: the command line that sees entities and history; the place of Alembic's `env.py`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    seachange::cli(migration::Migrator, entity::metadata())
        .run()
        .await
}
