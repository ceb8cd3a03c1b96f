//! Asks the forges what became of the pull requests, for those that cannot reach the server.

use crate::agent::Agent;
use crate::config::Project;
use crate::ended::News;
use crate::forge::{Checks, Forge, State};
use crate::git::origin;
use logcenter_client::api::{Error, Issue, IssueFilter, StatusChange};
use logcenter_core::Status;
use logcenter_core::repair::REFUSED_BY_A_PERSON;

/// Pull requests that are asked for each time.
const MOST: u32 = 200;

/// Asks for all projects. What cannot be found out is asked again the next time.
pub(crate) async fn poll(agent: &Agent) {
    for project in &agent.config.project {
        if let Err(why) = poll_project(agent, project).await {
            (agent.tell)(&News::Trouble(&format!("project {}: {why}", project.id)));
        }
    }
}

async fn poll_project(agent: &Agent, project: &Project) -> Result<(), String> {
    let about = match agent.api.project(&project.id).await {
        Ok(about) => about,
        // It has not reported anything yet.
        Err(Error::Refused(problem)) if problem.status == 404 => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    // `doctor` says what is wrong with where the code is.
    let Ok(origin) = origin(project, &agent.hints(&about), &agent.config.forge) else { return Ok(()) };
    let Some(forge) = agent.forge(&origin)? else { return Ok(()) };
    let filter = IssueFilter {
        project_id: Some(project.id.clone()),
        status: Some(Status::Fixed),
        limit: Some(MOST),
        ..IssueFilter::default()
    };
    let page = agent.api.issues(&filter).await.map_err(|error| error.to_string())?;
    // One that cannot be asked for does not keep the others waiting.
    let mut failed = None;
    for issue in page.issues {
        match became(agent, &forge, &project.base, &issue).await {
            Ok(None) => {}
            // A webhook, or somebody else, may be faster.
            Ok(Some(change)) => drop(agent.api.change(issue.id, &change).await),
            Err(why) => failed = Some(format!("issue {}: {why}", issue.id)),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// What became of the pull request of a fixed issue.
async fn became(
    agent: &Agent,
    forge: &Forge,
    base: &str,
    issue: &Issue,
) -> Result<Option<StatusChange>, String> {
    // The one of the fix that counts now: a person may have fixed it otherwise since.
    let history = agent.api.history(issue.id).await.map_err(|error| error.to_string())?;
    let fixed = history.into_iter().find(|entry| entry.to == Status::Fixed);
    let Some(url) = fixed.and_then(|entry| entry.pull_request_url) else { return Ok(None) };
    let change = |status, note: &str| StatusChange {
        expected_status: Some(Status::Fixed),
        expected_revision: Some(issue.revision),
        note: Some(note.into()),
        pull_request_url: Some(url.clone()),
        ..StatusChange::to(status)
    };
    let state = forge.state(&url, base).await.map_err(|error| error.to_string())?;
    Ok(match state {
        State::Open => None,
        State::Closed => Some(change(Status::FixFailed, REFUSED_BY_A_PERSON)),
        State::Merged(commit_hash) => {
            let checks = match &commit_hash {
                Some(commit) => forge.checks(commit).await.map_err(|error| error.to_string())?,
                None => Checks::Green,
            };
            match checks {
                Checks::Running => None,
                Checks::Failed => Some(change(Status::FixFailed, "the checks of the merged fix failed")),
                Checks::Green => {
                    let verified = change(Status::Verified, "merged, and its checks are green");
                    Some(StatusChange { commit_hash, ..verified })
                }
            }
        }
    })
}
