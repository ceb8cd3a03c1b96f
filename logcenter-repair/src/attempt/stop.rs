//! Why an attempt goes no further.

use crate::lease::{Lost, is_final};
use logcenter_client::api::Error;
use logcenter_core::repair::Verdict;

/// Why an attempt goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The fixer failed.
    Fixer(Verdict, String),
    /// The agent's machine, the repository, the forge or the toolchain failed. It is nobody's fault who is judged.
    Machine(String),
    /// A person wants it to stop.
    Cancelled,
    /// Somebody else may have the issue.
    LeaseLost,
    /// The server does not answer.
    Server(String),
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Lease => Self::LeaseLost,
            Lost::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match &error {
            Error::Refused(problem) if problem.status == 409 => Self::LeaseLost,
            error if is_final(error) => Self::Machine(format!("the server refused: {error}")),
            _ => Self::Server(error.to_string()),
        }
    }
}
