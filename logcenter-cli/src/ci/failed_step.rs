//! A failed step.

/// What is known about a failed step.
pub(super) struct FailedStep<'a> {
    pub(super) project_id: &'a str,
    pub(super) step: &'a str,
    /// What failed, if that was given.
    pub(super) message: Option<&'a str>,
    /// The end of its log.
    pub(super) log: &'a [u8],
}
