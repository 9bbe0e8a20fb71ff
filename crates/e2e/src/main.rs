//! sea-orm-cli's `migrate`, from its own library: the real words, without an installed program.

use std::error::Error;

use clap::Parser;
use sea_orm_cli::{Cli, Commands, run_migrate_command};

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    match cli.command {
        Commands::Migrate {
            migration_dir,
            database_schema,
            database_url,
            command,
        } => run_migrate_command(
            command,
            &migration_dir,
            database_schema,
            database_url,
            cli.verbose,
        ),
        _ => Err("only `migrate` is here".into()),
    }
}
