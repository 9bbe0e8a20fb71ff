//! The command line that a project embeds: commands, prompts, printing, exit codes.
//!
//! Nothing below this room prints, asks or exits.

#[cfg(feature = "autogenerate")]
mod answers;
mod args;
#[cfg(feature = "autogenerate")]
mod ask;
#[cfg(feature = "autogenerate")]
mod autogenerate;
#[cfg(feature = "autogenerate")]
mod check;
mod error;
mod marks;
mod print;
#[cfg(feature = "autogenerate")]
mod project;
mod read;
#[cfg(feature = "autogenerate")]
mod repair;
mod report;
mod run;
mod session;
mod terminal;
#[cfg(feature = "autogenerate")]
mod unmanaged;
#[cfg(feature = "autogenerate")]
mod write;

use std::marker::PhantomData;
use std::process::ExitCode;

use clap::Parser;
use sea_orm_migration::MigratorTrait;

use crate::revision::History;
#[cfg(feature = "autogenerate")]
use crate::source::entities::Metadata;

#[cfg(feature = "autogenerate")]
use args::{ProjectArgs, ProjectCommand};
use args::{RunCommand, RunnerArgs};
use error::{Failure, Outcome, code};
use session::Session;

/// A command line to [`run`](Cli::run).
#[derive(Debug)]
pub struct Cli<M> {
    migrator: PhantomData<M>,
    #[cfg(feature = "autogenerate")]
    metadata: Option<Metadata>,
}

/// The command line of a production image: it runs revisions, and needs neither entities nor
/// sources.
///
/// ```no_run
/// # use sea_orm_migration::prelude::*;
/// # struct Migrator;
/// # impl MigratorTrait for Migrator {
/// #     fn migrations() -> Vec<Box<dyn MigrationTrait>> { vec![] }
/// # }
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     seachange::runner(Migrator).run().await
/// }
/// ```
pub fn runner<M: MigratorTrait>(_migrator: M) -> Cli<M> {
    Cli {
        migrator: PhantomData,
        #[cfg(feature = "autogenerate")]
        metadata: None,
    }
}

/// The whole command line of a project, which also writes revisions; the place of Alembic's
/// `env.py`.
///
/// ```no_run
/// # use sea_orm_migration::prelude::*;
/// # struct Migrator;
/// # impl MigratorTrait for Migrator {
/// #     fn migrations() -> Vec<Box<dyn MigrationTrait>> { vec![] }
/// # }
/// # mod entity { pub fn metadata() -> seachange::Metadata { seachange::entities![] } }
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     seachange::cli(Migrator, entity::metadata()).run().await
/// }
/// ```
#[cfg(feature = "autogenerate")]
pub fn cli<M: MigratorTrait>(_migrator: M, metadata: Metadata) -> Cli<M> {
    Cli {
        migrator: PhantomData,
        metadata: Some(metadata),
    }
}

impl<M: MigratorTrait> Cli<M> {
    /// Does what the arguments of the process say.
    pub async fn run(self) -> ExitCode {
        #[cfg(feature = "autogenerate")]
        if let Some(metadata) = self.metadata {
            let args = ProjectArgs::parse();
            return finish(project::<M>(args, &metadata).await);
        }
        let args = RunnerArgs::parse();
        print::as_program(std::env::args().next().as_deref());
        finish(runner_command::<M>(args).await)
    }
}

fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure {
            code,
            message,
            hints,
        }) => {
            if !message.is_empty() {
                print::note(format!("error: {message}"));
            }
            for hint in hints {
                print::note(format!("hint: {hint}"));
            }
            ExitCode::from(code)
        }
    }
}

#[cfg(feature = "autogenerate")]
async fn project<M: MigratorTrait>(args: ProjectArgs, metadata: &Metadata) -> Outcome {
    let session = Session::new(History::of::<M>()?, args.global)?;
    match args.command {
        ProjectCommand::Revision(args) => write::revision(&session, metadata, &args).await,
        ProjectCommand::Check { offline } => check::check(&session, metadata, offline).await,
        ProjectCommand::Snapshot { accept } => write::snapshot(&session, metadata, accept).await,
        ProjectCommand::Remove => write::remove(&session, metadata).await,
        ProjectCommand::Repair(args) => repair::repair(&session, metadata, &args).await,
        ProjectCommand::Run(command) => run_command(&session, command).await,
    }
}

async fn runner_command<M: MigratorTrait>(args: RunnerArgs) -> Outcome {
    let RunnerArgs { global, command } = args;
    let session = Session::new(History::of::<M>()?, global)?;
    match command {
        // sea-orm-cli builds and runs this program for its own `fresh`, and has no flag to pass on.
        // An image is a release build: there the flag is needed.
        Some(RunCommand::Fresh {
            allow_data_loss: false,
        }) if cfg!(debug_assertions) => run::fresh(&session, run::Consent::OnTerminal).await,
        Some(command) => run_command(&session, command).await,
        None => run::upgrade(&session, "head", false, run::Consent::Asked).await,
    }
}

async fn run_command(session: &Session, command: RunCommand) -> Outcome {
    use run::Consent;
    match command {
        RunCommand::Upgrade {
            target,
            dry_run,
            allow_data_loss,
        } => {
            let consent = Consent::flag(allow_data_loss);
            run::upgrade(session, &target, dry_run, consent).await
        }
        RunCommand::Downgrade {
            target,
            dry_run,
            allow_data_loss,
        } => {
            let consent = Consent::flag(allow_data_loss);
            run::downgrade(session, &target, dry_run, consent).await
        }
        RunCommand::Current { check_heads } => read::current(session, check_heads).await,
        RunCommand::History { indicate_current } => read::history(session, indicate_current).await,
        RunCommand::Heads => read::heads(session),
        RunCommand::Show { revision } => read::show(session, &revision).await,
        RunCommand::Status => read::status(session).await,
        RunCommand::Stamp { target } => run::stamp(session, &target).await,
        RunCommand::Fresh { allow_data_loss } => {
            run::fresh(session, Consent::flag(allow_data_loss)).await
        }
        RunCommand::Up { num: None } => run::upgrade(session, "head", false, Consent::Asked).await,
        RunCommand::Up { num: Some(num) } => run::up(session, num).await,
        RunCommand::Down { num } => run::down(session, num, Consent::OnTerminal).await,
        RunCommand::Refresh => {
            run::downgrade(session, "base", false, Consent::OnTerminal).await?;
            run::upgrade(session, "head", false, Consent::Asked).await
        }
        RunCommand::Reset => run::downgrade(session, "base", false, Consent::OnTerminal).await,
        RunCommand::Migrate { .. } => Err(Failure::new(
            code::USAGE,
            "`migrate` means two things; say which",
        )
        .hint("to write a revision:  cargo db revision --autogenerate -m \"…\"")
        .hint("to apply revisions:   cargo db upgrade")),
    }
}
