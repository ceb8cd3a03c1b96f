//! Projects and their ingest keys.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod put;
