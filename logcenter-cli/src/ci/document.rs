//! Builds the report of a failed step, whichever way the failure was passed in.

use super::failed_step::FailedStep;
use super::log::Reader;
use super::pipeline::Pipeline;
use super::step;
use logcenter_client::api::{NewReport, NewReportError};
use logcenter_core::{Level, ProjectId, Source};
use logcenter_secrets::Secrets;
use serde_json::Map;
use std::collections::HashMap;

/// Maximum number of characters in a context value, a branch and a message.
const VALUE: usize = 500;
const BRANCH: usize = 128;
const MESSAGE: usize = 2000;

/// Builds the report from the failure and the environment variables.
pub(super) fn document(
    project_id: ProjectId,
    failure: &FailedStep<'_>,
    variables: &HashMap<String, String>,
) -> Result<NewReport, regex::Error> {
    let reader =
        Reader::new(Secrets::of(variables.iter().map(|(name, value)| (name.clone(), value.clone())))?)?;
    let clean = |text: &str, most: usize| reader.sentence(text, most);
    let step = clean(failure.step, VALUE);
    let pipeline = Pipeline::of(variables, &step);
    let shown = reader.plain(failure.log).join(&b"\n"[..]);
    let error_type = step::error_type(&step);
    let branch =
        pipeline.branch.as_deref().map(|branch| clean(branch, BRANCH)).filter(|branch| !branch.is_empty());
    let lines = reader.lines(failure.log);
    let message =
        failure.message.map(|message| clean(message, MESSAGE)).filter(|message| !message.is_empty());
    let what = message.unwrap_or_else(|| {
        let name = |key| {
            pipeline.context.iter().find(|(known, _)| *known == key).map(|(_, value)| clean(value, VALUE))
        };
        let who =
            name("workflow").or_else(|| name("job_name")).map(|name| format!("{name} ")).unwrap_or_default();
        let at = branch.as_deref().map(|branch| format!(" on branch {branch}")).unwrap_or_default();
        format!("{who}failed{at}")
    });
    let context: Map<_, _> =
        pipeline.context.iter().map(|(key, value)| ((*key).to_owned(), clean(value, VALUE).into())).collect();
    Ok(NewReport {
        project_id,
        environment: branch.unwrap_or_else(|| "unknown".into()),
        level: Level::Error,
        source: if error_type == step::DEPLOY { Source::Deployment } else { Source::Cicd },
        version: None,
        commit_hash: pipeline.commit.as_deref().map(|commit| clean(commit, VALUE)),
        repo_url: pipeline.repo_url.as_deref().map(|url| clean(url, VALUE)),
        timestamp: None,
        event_id: pipeline.event_id(failure, &shown),
        error: NewReportError {
            error_type: error_type.into(),
            message: format!("[{step}] {what}"),
            file_path: None,
            line_number: None,
            stack_trace: if lines.iter().all(String::is_empty) { None } else { Some(lines.join("\n")) },
        },
        context,
    })
}
