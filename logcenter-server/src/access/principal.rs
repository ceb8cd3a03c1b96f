//! Who calls, as far as it is proved.

use logcenter_core::ProjectId;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Nothing was proved.
    Anonymous,
    /// A client with a valid ingest key of this project.
    Project(ProjectId),
    /// An administrator.
    Administrator,
}

/// Who calls, and from where.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// A page of another origin makes the request.
    pub(crate) cross_origin: bool,
    /// Only this machine is answered here, and the request does not come from it directly.
    pub(crate) shut_out: bool,
    /// Too many wrong tokens came from its address.
    pub(crate) too_many_guesses: bool,
}

impl Caller {
    pub(crate) fn is_administrator(&self) -> bool {
        self.principal == Principal::Administrator
    }
}
