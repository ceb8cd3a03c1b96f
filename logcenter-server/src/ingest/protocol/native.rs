//! Our own JSON format.

use logcenter_core::report::ReportBatch;
use logcenter_core::{Rejection, Report};

/// Maximum number of reports in a batch.
const MAX_REPORTS: usize = 200;

/// A single report; if it is invalid, so is the body.
pub(super) fn report(body: &[u8]) -> Result<Vec<Result<Report, Rejection>>, Rejection> {
    Report::from_json(body).map(|report| vec![Ok(report)])
}

/// A batch of reports.
pub(super) fn batch(body: &[u8]) -> Result<Vec<Result<Report, Rejection>>, Rejection> {
    ReportBatch::from_json(body, MAX_REPORTS).map(|ReportBatch(reports)| reports)
}
