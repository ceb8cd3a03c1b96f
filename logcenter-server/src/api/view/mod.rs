//! What JSON looks like, in answers and in the document: serde and OpenAPI types, each made of a value of the domain.

mod event;
mod history;
mod issue;
mod key;
mod project;
mod report;
mod request;
mod stats;
mod text;
pub(crate) mod words;

pub(crate) use event::Event;
pub(crate) use history::HistoryEntry;
pub(crate) use issue::{Issue, issue_json};
pub(crate) use key::IngestKey;
pub(crate) use project::Project;
pub(crate) use report::{Batch, Report};
pub(crate) use request::{Change, Deployment, ProjectMetadata};
pub(crate) use stats::{IssueStats, Stats};
