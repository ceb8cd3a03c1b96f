//! The protocols that clients use. Each decodes a body into reports; the rest is the same for all of them.

mod native;

use super::budget::Pool;
use logcenter_core::{Rejection, Report};

/// A protocol that clients use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// One report in our own JSON format.
    Report,
    /// A batch of such reports.
    Batch,
}

impl Protocol {
    /// Maximum body size in bytes.
    pub(crate) const fn max_bytes(self) -> usize {
        match self {
            Self::Report => 1024 * 1024,
            Self::Batch => 8 * 1024 * 1024,
        }
    }

    /// Maximum size of a compressed body once it is decoded, in bytes.
    pub(crate) const fn max_decoded_bytes(self) -> usize {
        4 * self.max_bytes()
    }

    /// The memory pool that bodies are charged to.
    pub(crate) const fn pool(self) -> Pool {
        match self {
            Self::Report => Pool::Single,
            Self::Batch => Pool::Batch,
        }
    }

    /// Decodes a body into reports, each of them valid or rejected.
    pub(crate) fn decode(self, body: &[u8]) -> Result<Vec<Result<Report, Rejection>>, Rejection> {
        match self {
            Self::Report => native::report(body),
            Self::Batch => native::batch(body),
        }
    }
}
