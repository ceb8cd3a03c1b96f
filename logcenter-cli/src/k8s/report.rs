//! Sends the findings of a scan to the server.

use crate::exit::Failure;
use crate::output::say;
use logcenter_client::api::{Api, Error, NewReport};

/// Sends each report and returns how many were refused; one refusal does not hold up the others.
pub(super) async fn report(api: &Api, found: &[NewReport]) -> Result<usize, Failure> {
    let mut refused = 0;
    for report in found {
        match api.report(report).await {
            Ok(reported) => {
                say(&format!("{}: issue {} of {}", report.error.message, reported.id, report.project_id))
            }
            Err(Error::Refused(problem)) if problem.status < 500 && problem.status != 429 => {
                refused += 1;
                say(&format!("refused: {}: {}", report.error.message, Error::Refused(problem)));
            }
            // The next scan finds the same failures, and the server counts those it already has once.
            Err(error) => return Err(error.into()),
        }
    }
    Ok(refused)
}
