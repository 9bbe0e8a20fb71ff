//! What a command fails with: a message, hints, and an exit code. All conversions from the
//! library's errors are here, so that codes and hints have one home.

use crate::run::RunError;

/// The exit codes, documented in `--help` and stable.
pub(super) mod code {
    pub(crate) const FAILED: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const TO_DO: u8 = 3;
    pub(crate) const ANSWER_NEEDED: u8 = 4;
}

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    /// Without `error: `; lines after the first stand as they are. Empty when all was said.
    pub(super) message: String,
    pub(super) hints: Vec<String>,
}

/// What a command comes to.
pub(super) type Outcome = Result<(), Failure>;

impl Failure {
    pub(super) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    pub(super) fn failed(message: impl ToString) -> Self {
        Self::new(code::FAILED, message.to_string())
    }

    #[cfg(feature = "autogenerate")]
    pub(super) fn usage(message: impl ToString) -> Self {
        Self::new(code::USAGE, message.to_string())
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Errors whose message says all there is to say, and their codes.
macro_rules! plain {
    ($($(#[$attribute:meta])* $error:ty: $code:expr;)*) => {
        $($(#[$attribute])* impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new($code, error.to_string())
            }
        })*
    };
}

plain! {
    crate::config::ConfigError: code::USAGE;
    crate::run::ConnectError: code::FAILED;
    crate::revision::HistoryError: code::FAILED;
    crate::revision::TargetError: code::FAILED;
    crate::revision::IdError: code::USAGE;
    crate::dialect::Unsupported: code::FAILED;
    crate::source::entities::EntityError: code::FAILED;
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::failed(crate::run::server_words(&error))
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let failure = Self::new(error.exit_code(), error.to_string());
        match &error {
            RunError::Unknown { unknown } => {
                let Some(first) = unknown.first() else {
                    return failure;
                };
                failure
                    .hint(format!(
                        "another branch?             git log --all --oneline -- '*{}.rs'",
                        first.id
                    ))
                    .hint("take it off this database:  cargo db downgrade -1")
                    .hint("throw the database away:    cargo db fresh")
            }
            RunError::Step(step) => {
                let failure = match step.applied_before.last() {
                    Some(before) => failure.hint(format!(
                        "correct the file or the rows and run it again; do not downgrade: -1 would \
                         undo {before}"
                    )),
                    None => failure.hint("correct the file or the rows and run it again"),
                };
                if step.rolled_back {
                    failure
                } else {
                    failure.hint("look at what is there before you run it again: cargo db current")
                }
            }
            RunError::HalfApplied(half) => failure.hint(format!(
                "write step {} as it was done, and it goes on at step {}; the steps after may be \
                 edited freely",
                half.changed,
                half.steps_done + 1
            )),
            RunError::Database { .. } if failure.message.contains("permission denied") => failure
                .hint("the role may not do this; name one that may in MIGRATION_DATABASE_URL"),
            _ => failure,
        }
    }
}
