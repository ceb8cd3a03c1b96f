//! What the API, the pages and the jobs all do: one function for each use case, whoever asks for it.

pub(crate) mod access;
pub(crate) mod issues;
pub(crate) mod keys;
pub(crate) mod projects;
