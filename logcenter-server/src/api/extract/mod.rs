//! Request parsing: bodies within limits, and fields and parameters one by one, so that all errors are reported at
//! once.

pub(super) mod body;
pub(super) mod fields;
pub(super) mod path;
pub(super) mod query;
pub(super) mod visitor;
