//! The pages: for each its store queries, its logic and its template.

pub(super) mod assets;
pub(super) mod attempt;
pub(super) mod bulk;
pub(super) mod change;
pub(super) mod connect;
pub(super) mod export;
pub(super) mod issue;
pub(super) mod issues;
pub(super) mod keys;
pub(super) mod language;
pub(super) mod login;
pub(super) mod overview;
mod pager;
pub(super) mod project;
pub(super) mod projects;
pub(super) mod repair;
mod repair_section;
