//! What clients speak. Each protocol makes reports of a body; what becomes of those is the same for all of them.

mod native;

use super::budget::Pool;
use logcenter_core::{Rejection, Report};

/// What clients speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// One report of our own JSON.
    Report,
    /// A batch of them.
    Batch,
}

impl Protocol {
    /// The longest body.
    pub(crate) const fn max_bytes(self) -> usize {
        match self {
            Self::Report => 1024 * 1024,
            Self::Batch => 8 * 1024 * 1024,
        }
    }

    /// The memory that bodies take their room from.
    pub(crate) const fn pool(self) -> Pool {
        match self {
            Self::Report => Pool::Single,
            Self::Batch => Pool::Batch,
        }
    }

    /// The reports of a body, each of them valid or with what is wrong with it.
    pub(crate) fn decode(self, body: &[u8]) -> Result<Vec<Result<Report, Rejection>>, Rejection> {
        match self {
            Self::Report => native::report(body),
            Self::Batch => native::batch(body),
        }
    }
}
