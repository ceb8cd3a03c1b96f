//! The caller's identity, as far as it has been proven.

use logcenter_core::ProjectId;

/// The caller's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Nothing was proven.
    Anonymous,
    /// A client with a valid ingest key of this project.
    Project(ProjectId),
    /// An administrator.
    Administrator,
}

/// Who is calling, and from where.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// The request was made by a page of another origin.
    pub(crate) cross_origin: bool,
    /// Only this machine is served, and the request did not come from it directly.
    pub(crate) not_local: bool,
    /// Too many wrong tokens came from the caller's address.
    pub(crate) too_many_guesses: bool,
}

impl Caller {
    pub(crate) fn is_administrator(&self) -> bool {
        self.principal == Principal::Administrator
    }
}
