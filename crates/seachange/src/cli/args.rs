//! The words of the command line: Alembic's, and sea-orm-cli's beside them.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::config;

/// What a production image runs: revisions, without entities or sources.
#[derive(Debug, Parser)]
#[command(
    version,
    about = "Applies this project's migrations",
    after_help = EXIT_CODES,
)]
pub(super) struct RunnerArgs {
    #[command(flatten)]
    pub(super) global: Global,
    /// Without one, `up`, as sea-orm-migration does.
    #[command(subcommand)]
    pub(super) command: Option<RunCommand>,
}

/// The whole command line of a project.
#[cfg(feature = "autogenerate")]
#[derive(Debug, Parser)]
#[command(
    name = "cargo db",
    bin_name = "cargo db",
    version,
    about = "Writes, applies and checks this project's migrations",
    after_help = EXIT_CODES,
)]
pub(super) struct ProjectArgs {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: ProjectCommand,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do          4  an answer is needed and there is no terminal
  1  failed (database, file)         5  the lock is held by another
  2  usage, or configuration         6  a half-applied revision needs repair
  3  something is to be done         130  interrupted";

#[derive(Debug, Args)]
pub(super) struct Global {
    /// Database URL; better given as DATABASE_URL or DATABASE_URL_FILE, since arguments can be
    /// seen by every user of the machine
    #[arg(short = 'u', long, global = true, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// PostgreSQL schema to work in, instead of the connection's own
    #[arg(
        short = 's',
        long,
        global = true,
        env = "DATABASE_SCHEMA",
        value_name = "SCHEMA"
    )]
    pub(super) database_schema: Option<String>,
    /// Say more
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// Print data as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Compare SQL in a temporary place of this server, though it is not on this machine
    #[cfg(feature = "autogenerate")]
    #[arg(long, global = true)]
    pub(super) scratch_here: bool,
    /// How long to wait for the lock (30s, 5m)
    #[arg(long, global = true, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    pub(super) wait: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    config::duration(text).ok_or_else(|| "write 30s, 5m or 1h".to_owned())
}

#[cfg(feature = "autogenerate")]
#[derive(Debug, Subcommand)]
pub(super) enum ProjectCommand {
    /// Write a new revision
    Revision(RevisionArgs),
    /// Compare entities, history and database
    Check {
        /// Compare entities with the snapshot only; no database is needed
        #[arg(long)]
        offline: bool,
    },
    /// Show the snapshot, or accept what the entities declare as done
    Snapshot {
        /// Write a snapshot of what the entities declare now; no revision will be written for it
        #[arg(long)]
        accept: bool,
    },
    /// Take back the newest revision, if it is not applied: module, list and snapshot
    Remove,
    /// Put back what was changed on this database outside its history
    Repair(RepairArgs),
    #[command(flatten)]
    Run(RunCommand),
}

#[cfg(feature = "autogenerate")]
#[derive(Debug, Args)]
pub(super) struct RevisionArgs {
    /// What the revision does; becomes its documentation and part of its file name
    #[arg(short, long)]
    pub(super) message: Option<String>,
    /// Write what turns the database's history into what the entities declare
    #[arg(long)]
    pub(super) autogenerate: bool,
    /// The revision's identifier, instead of date, time and message
    #[arg(long, value_name = "ID")]
    pub(super) rev_id: Option<String>,
    /// What disappears and appears is one thing: column:tasks.title=name, table:tasks=todos
    #[arg(long, value_name = "WHAT=NEW")]
    pub(super) rename: Vec<String>,
    /// What disappears is dropped, its values with it: column:tasks.title, table:tasks
    #[arg(long, value_name = "WHAT")]
    pub(super) drop: Vec<String>,
    /// Write what these tables need, and leave the rest to the next revision: tasks,tags
    #[arg(
        long,
        value_name = "TABLE",
        value_delimiter = ',',
        requires = "autogenerate"
    )]
    pub(super) only: Vec<String>,
    /// Drop what no entity ever declared: table:legacy_import, index:ix_hot; without a name, ask
    #[arg(long, value_name = "WHAT", num_args = 0..=1, requires = "autogenerate",
          action = clap::ArgAction::Append)]
    pub(super) drop_unmanaged: Option<Vec<String>>,
    /// What rows without a value get: users.full_name="first_name || ' ' || last_name"
    #[arg(long, value_name = "COLUMN=SQL")]
    pub(super) backfill: Vec<String>,
}

#[cfg(feature = "autogenerate")]
#[derive(Debug, Args)]
pub(super) struct RepairArgs {
    /// Make the objects that `check` calls drifted what history made them
    #[arg(long)]
    pub(super) drift: bool,
    /// Show the statements and run none of them
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Lose values without being asked
    #[arg(long)]
    pub(super) allow_data_loss: bool,
    /// What rows without a value get: users.full_name="first_name || ' ' || last_name"
    #[arg(long, value_name = "COLUMN=SQL")]
    pub(super) backfill: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RunCommand {
    /// Apply revisions
    Upgrade {
        /// head, +N, an identifier or a unique part of one
        #[arg(default_value = "head")]
        target: String,
        /// Show the statements and run none of them
        #[arg(long)]
        dry_run: bool,
        /// Lose values that a column's new type cannot hold
        #[arg(long)]
        allow_data_loss: bool,
    },
    /// Take revisions back
    Downgrade {
        /// base, -N, an identifier or a unique part of one
        #[arg(allow_hyphen_values = true)]
        target: String,
        /// Show the statements and run none of them
        #[arg(long)]
        dry_run: bool,
        /// Lose rows and values without being asked
        #[arg(long)]
        allow_data_loss: bool,
    },
    /// Show where this database is
    Current {
        /// Fail unless every revision is applied
        #[arg(long)]
        check_heads: bool,
    },
    /// List the revisions, newest first
    History {
        /// Mark where this database is
        #[arg(short, long)]
        indicate_current: bool,
    },
    /// Show the newest revision
    Heads,
    /// Show one revision
    Show {
        /// head, an identifier or a unique part of one
        #[arg(default_value = "head")]
        revision: String,
    },
    /// Say which revisions are applied and which are pending
    Status,
    /// Record revisions as applied, or as not applied, without running them
    Stamp {
        /// head, base, an identifier or a unique part of one
        target: String,
    },
    /// Drop everything in this database, then apply every revision
    Fresh {
        /// Lose all rows without being asked
        #[arg(long)]
        allow_data_loss: bool,
    },
    /// sea-orm-cli's word for `upgrade`
    #[command(hide = true)]
    Up {
        /// How many; all when not said
        #[arg(short, long)]
        num: Option<u32>,
    },
    /// sea-orm-cli's word for `downgrade`
    #[command(hide = true)]
    Down {
        /// How many
        #[arg(short, long, default_value = "1")]
        num: u32,
    },
    /// sea-orm-cli's word for `downgrade base` and `upgrade`
    #[command(hide = true)]
    Refresh,
    /// sea-orm-cli's word for `downgrade base`
    #[command(hide = true)]
    Reset,
    /// flask-db's word for writing a revision, sea-orm-cli's for applying them
    #[command(hide = true)]
    Migrate {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}
