//! Responses to reports. Clients match on these texts.

use crate::api::problem::Problem;
use crate::api::view::words;
use crate::domain::Outcome;
use logcenter_core::Status;
use serde::Serialize;
use utoipa::ToSchema;

/// Result of a report.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportAnswer {
    /// `Log reported`, `Log deduplicated` or `Regression detected, reopened`.
    #[schema(example = "Log reported")]
    message: &'static str,
    /// Id of the issue.
    id: i64,
    /// The status; only with `Log deduplicated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::Status>)]
    status: Option<Status>,
}

impl From<Outcome> for ReportAnswer {
    fn from(outcome: Outcome) -> Self {
        let id = outcome.id().0;
        match outcome {
            Outcome::Created { .. } => Self { message: "Log reported", id, status: None },
            Outcome::Deduplicated { status, .. } => {
                Self { message: "Log deduplicated", id, status: Some(status) }
            }
            Outcome::Regressed { .. } => Self { message: "Regression detected, reopened", id, status: None },
        }
    }
}

/// Result of one report of a batch: the response it would have got on its own, or its problem.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum BatchItem {
    /// The report was accepted.
    Accepted(ReportAnswer),
    /// The report was rejected.
    Refused {
        /// The reason.
        problem: Problem,
    },
}

/// Results of a batch.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// In the order of the reports.
    pub(super) results: Vec<BatchItem>,
}
