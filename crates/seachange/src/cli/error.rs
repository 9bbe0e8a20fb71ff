//! What a command fails with: a message, hints, and an exit code. All conversions from the
//! library's errors are here, so that codes and hints have one home.

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

    pub(super) fn usage(message: impl ToString) -> Self {
        Self::new(code::USAGE, message.to_string())
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
