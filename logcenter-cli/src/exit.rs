//! How a command ends when it fails.

use crate::output::say;
use std::process::ExitCode;

/// Why a command failed: a sentence for people, a code for scripts.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// 1: it did not work.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self { code: 1, text: text.into() }
    }

    /// 2: it was called wrongly. clap exits with the same code.
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

    /// Says it on standard error.
    pub(crate) fn report(&self) -> ExitCode {
        say(&self.text);
        ExitCode::from(self.code)
    }
}
