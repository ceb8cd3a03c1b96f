//! Use cases shared by the API, the pages and the jobs: one function each.

pub(crate) mod access;
pub(crate) mod issues;
pub(crate) mod keys;
pub(crate) mod projects;
pub(crate) mod repair;
pub(crate) mod tokens;
