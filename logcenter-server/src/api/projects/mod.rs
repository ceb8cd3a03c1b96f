//! Projects and their ingest keys.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod keys;
pub(super) mod list;
pub(super) mod put;
