//! What every report goes through, whatever the protocol: the permission check, then the queue.

use super::budget::Reservation;
use super::queue::Intake;
use super::refusal::Refusal;
use crate::access::{Denied, Trust};
use crate::domain::{Outcome, ReceivedReport};
use crate::store::StoreError;
use logcenter_core::{ProjectId, Rejection, Report, Timestamp};

/// Why one report of a body was rejected. Others of the same body may have been accepted.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is invalid.
    Rejected(Rejection),
    /// The caller may not report for its project.
    Denied(Denied),
    /// The store could not record it.
    Store(StoreError),
}

/// Records the valid reports of a body, and returns the result of each once it is durable. `trust` decides whether the
/// caller may report for a project.
pub(crate) async fn accept(
    intake: &Intake,
    memory: Reservation,
    reports: Vec<Result<Report, Rejection>>,
    received_at: Timestamp,
    trust: impl Fn(&ProjectId) -> Result<Trust, Denied>,
) -> Result<Vec<Result<Outcome, Refused>>, Refusal> {
    let mut received = Vec::with_capacity(reports.len());
    let mut refused = Vec::with_capacity(reports.len());
    for report in reports {
        let judged = report.map_err(Refused::Rejected).and_then(|report| {
            let trusted = trust(&report.project_id).map_err(Refused::Denied)? == Trust::Trusted;
            Ok(ReceivedReport { report, received_at, trusted })
        });
        refused.push(judged.map(|report| received.push(report)).err());
    }
    let recorded = if received.is_empty() { Vec::new() } else { intake.submit(received, memory).await? };
    let mut recorded = recorded.into_iter();
    let results = refused.into_iter().filter_map(|refused| match refused {
        Some(refused) => Some(Err(refused)),
        None => recorded.next().map(|outcome| outcome.map_err(Refused::Store)),
    });
    Ok(results.collect())
}
