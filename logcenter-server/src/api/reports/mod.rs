//! Reporting errors.

pub(super) mod batch;
mod outcome;
pub(super) mod report;
mod schema;
