//! `logcenter ci report`

use super::args::{Center, CiReport};
use super::document::document;
use super::failed_step::FailedStep;
use super::log;
use crate::output::{say, show_line};
use logcenter_client::api::{Api, NewReport};
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How long a pipeline waits for a report to be sent.
const PATIENCE: Duration = Duration::from_secs(3);

/// Reports a failed step and prints the result; never fails the pipeline.
pub(super) async fn report(center: &Center, wanted: CiReport) -> ExitCode {
    let path = Path::new(&wanted.message_or_file);
    // A pipe or a device may never end.
    let is_file = std::fs::metadata(path).is_ok_and(|about| about.is_file());
    let message = wanted.message_or_file.to_string_lossy();
    let (message, log) = if is_file {
        match log::end_of(path) {
            Ok(log) => (None, log),
            Err(_) => (Some(format!("{message} cannot be read")), Vec::new()),
        }
    } else {
        (Some(message.into_owned()), wanted.message_or_file.as_bytes().to_vec())
    };
    let failure = FailedStep {
        project_id: &wanted.project,
        step: &wanted.step,
        message: message.as_deref(),
        log: &log,
    };
    send(center, failure).await;
    ExitCode::SUCCESS
}

/// The environment variables as text.
pub(super) fn variables() -> HashMap<String, String> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into(), value.to_string_lossy().into()))
        .collect()
}

/// Sends the report of a failed step, and prints the result.
pub(super) async fn send(center: &Center, failure: FailedStep<'_>) {
    let project_id = match failure.project_id.parse() {
        Ok(project_id) => project_id,
        Err(error) => return say(&format!("not reported: the project {:?} {error}", failure.project_id)),
    };
    let report = match document(project_id, &failure, &variables()) {
        Ok(report) => report,
        Err(error) => return say(&format!("not reported: {error}")),
    };
    if center.dry_run {
        return show_line(&report);
    }
    match tokio::time::timeout(PATIENCE, post(center, &report)).await {
        Ok(Ok(id)) => say(&format!("reported as issue {id} of {}", report.project_id)),
        Ok(Err(why)) => say(&format!("not reported: {why}")),
        Err(_) => {
            say(&format!("not reported: {} did not answer within {} s", center.url, PATIENCE.as_secs()))
        }
    }
}

async fn post(center: &Center, report: &NewReport) -> Result<i64, logcenter_client::api::Error> {
    let api = Api::new(&center.url, center.key.as_deref())?;
    Ok(api.report(report).await?.id)
}
