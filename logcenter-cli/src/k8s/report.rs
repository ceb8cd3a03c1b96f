//! What a scan found goes to the server.

use crate::exit::Failure;
use crate::output::say;
use logcenter_client::api::{Api, Error, NewReport};

/// Reports each of them, and says how many were refused: one does not keep back the others.
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
            // The next scan finds the same, and the server counts what it has already once.
            Err(error) => return Err(error.into()),
        }
    }
    Ok(refused)
}
