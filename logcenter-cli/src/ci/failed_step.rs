//! A step that failed.

/// What is known of a step that failed.
pub(super) struct FailedStep<'a> {
    pub(super) project_id: &'a str,
    pub(super) step: &'a str,
    /// What failed, if somebody said it.
    pub(super) said: Option<&'a str>,
    /// The end of its log.
    pub(super) log: &'a [u8],
}
