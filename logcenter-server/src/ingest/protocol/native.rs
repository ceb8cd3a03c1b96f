//! Our own JSON.

use logcenter_core::report::ReportBatch;
use logcenter_core::{Rejection, Report};

/// Reports in one batch.
const MAX_REPORTS: usize = 200;

/// One report; if it is not valid, neither is the body.
pub(super) fn report(body: &[u8]) -> Result<Vec<Result<Report, Rejection>>, Rejection> {
    Report::from_json(body).map(|report| vec![Ok(report)])
}

/// Many reports.
pub(super) fn batch(body: &[u8]) -> Result<Vec<Result<Report, Rejection>>, Rejection> {
    ReportBatch::from_json(body, MAX_REPORTS).map(|ReportBatch(reports)| reports)
}
