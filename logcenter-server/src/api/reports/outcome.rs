//! What a client is told of its report. Clients match on these texts.

use super::super::problem::Problem;
use crate::domain::Outcome;
use crate::schema;
use logcenter_core::Status;
use serde::Serialize;
use utoipa::ToSchema;

/// What became of a report.
#[derive(Serialize, ToSchema)]
pub(super) struct Told {
    /// `Log reported`, `Log deduplicated` or `Regression detected, reopened`.
    #[schema(example = "Log reported")]
    message: &'static str,
    /// The issue.
    id: i64,
    /// Where the issue stands; only with `Log deduplicated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Status>)]
    status: Option<Status>,
}

impl From<Outcome> for Told {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Reported { id } => Self { message: "Log reported", id, status: None },
            Outcome::Deduplicated { id, status } => {
                Self { message: "Log deduplicated", id, status: Some(status) }
            }
            Outcome::Regressed { id } => Self { message: "Regression detected, reopened", id, status: None },
        }
    }
}

/// What became of one report of a batch: the answer it would have had alone, or its problem.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Result {
    /// It was taken.
    Told(Told),
    /// It was not.
    Refused {
        /// Why.
        problem: Problem,
    },
}

/// What became of a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct Results {
    /// In the order of the reports.
    pub(super) results: Vec<Result>,
}
