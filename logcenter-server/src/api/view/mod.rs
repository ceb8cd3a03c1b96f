//! The JSON of responses and of the OpenAPI document: serde and utoipa types, each built from a domain value.

mod attempt;
mod claim;
mod deployment;
mod event;
mod history;
mod issue;
mod key;
mod project;
mod report;
mod request;
mod stats;
mod text;
mod token;
pub(crate) mod words;

pub(crate) use attempt::{Attempt, AttemptUpdate};
pub(crate) use claim::{Claim, Heartbeat, NewClaim, Release};
pub(crate) use deployment::KeptDeployment;
pub(crate) use event::Event;
pub(crate) use history::HistoryEntry;
pub(crate) use issue::{Issue, issue_json};
pub(crate) use key::IngestKey;
pub(crate) use project::Project;
pub(crate) use report::{Batch, Report};
pub(crate) use request::{Change, Deployment, ProjectMetadata};
pub(crate) use stats::{IssueStats, Stats};
pub(crate) use token::{NewToken, Token};
