//! Reading requests: bodies within bounds, and fields and parameters one by one, so that all that is wrong is told at once.

pub(super) mod body;
pub(super) mod fields;
pub(super) mod path;
pub(super) mod query;
