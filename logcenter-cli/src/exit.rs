//! How a command exits when it fails.

use crate::output::say;
use std::process::ExitCode;

/// Why a command failed: a message for people, an exit code for scripts.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// 1: the command failed.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self { code: 1, text: text.into() }
    }

    /// 2: invalid usage. clap exits with the same code.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { code: 2, text: text.into() }
    }

    /// 4: the server does not allow it.
    pub(crate) fn not_allowed(text: impl Into<String>) -> Self {
        Self { code: 4, text: text.into() }
    }

    /// 5: the server cannot be reached.
    pub(crate) fn unreachable(text: impl Into<String>) -> Self {
        Self { code: 5, text: text.into() }
    }

    /// 6: this machine cannot do it.
    pub(crate) fn machine(text: impl Into<String>) -> Self {
        Self { code: 6, text: text.into() }
    }

    /// Prints the message on standard error and returns the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        say(&self.text);
        ExitCode::from(self.code)
    }
}
