//! What the variables of Gitea Actions and GitHub Actions say about a run.

use super::failed_step::FailedStep;
use crate::event_id;
use std::collections::HashMap;

/// A pipeline run.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub(super) branch: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) repo_url: Option<String>,
    /// Distinguishes the run, attempt and job from all others, if the run belongs to a forge.
    job: Option<String>,
    /// In the order in which it is reported.
    pub(super) context: Vec<(&'static str, String)>,
}

impl Pipeline {
    /// Reads a run from these variables.
    pub(super) fn of(variables: &HashMap<String, String>, step: &str) -> Self {
        let get = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let forge = get("LOG_CENTER_FORGE_URL")
            .or_else(|| get("GITHUB_SERVER_URL"))
            .map(|url| url.trim_end_matches('/'));
        let repository = forge.zip(get("GITHUB_REPOSITORY")).map(|(forge, name)| format!("{forge}/{name}"));
        let number = get("GITHUB_RUN_NUMBER");
        // Gitea's run pages are addressed by run number, GitHub's by run ID.
        let page = if get("GITEA_ACTIONS") == Some("true") { number } else { get("GITHUB_RUN_ID") };
        let run_url = repository.as_ref().zip(page).map(|(url, page)| format!("{url}/actions/runs/{page}"));
        let branch = get("GITHUB_HEAD_REF").or_else(|| get("GITHUB_REF_NAME"));
        let job = get("GITHUB_RUN_ID").map(|run| {
            let identity = ["GITHUB_RUN_ATTEMPT", "GITHUB_JOB", "RUNNER_NAME"];
            identity
                .iter()
                .fold(run.to_owned(), |job, name| format!("{job}|{}", get(name).unwrap_or_default()))
        });
        let context = [
            ("job_name", get("GITHUB_JOB")),
            ("step_name", Some(step)),
            ("workflow", get("GITHUB_WORKFLOW")),
            ("run_id", number),
            ("branch", branch),
            ("actor", get("GITHUB_ACTOR")),
            ("commit", get("GITHUB_SHA")),
            ("run_url", get("LOG_CENTER_RUN_URL").or(run_url.as_deref())),
        ];
        Self {
            branch: branch.map(Into::into),
            commit: get("GITHUB_SHA").map(Into::into),
            repo_url: repository.map(|url| format!("{url}.git")),
            job,
            context: context.into_iter().filter_map(|(key, value)| Some((key, value?.to_owned()))).collect(),
        }
    }

    /// The ID of a failure, the same in every attempt to report it. Legs of a matrix have the same variables, so their
    /// output tells them apart.
    pub(super) fn event_id(&self, failure: &FailedStep<'_>, shown: &[u8]) -> Option<String> {
        let job = self.job.as_ref()?;
        let identity = format!("{job}|{}|{}|", failure.project_id, failure.step);
        Some(event_id::of("ci", &[identity.as_bytes(), shown].concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forges_have_their_addresses() {
        let mut variables: HashMap<String, String> = [
            ("GITHUB_SERVER_URL", "https://git.example.com/"),
            ("GITHUB_REPOSITORY", "team/shop"),
            ("GITHUB_RUN_ID", "9001"),
            ("GITHUB_RUN_NUMBER", "24"),
            ("GITHUB_JOB", "build"),
            ("GITHUB_REF_NAME", "main"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let url = |variables: &_| {
            Pipeline::of(variables, "test").context.into_iter().find(|(key, _)| *key == "run_url").unwrap().1
        };
        assert_eq!(url(&variables), "https://git.example.com/team/shop/actions/runs/9001");
        variables.insert("GITEA_ACTIONS".into(), "true".into());
        assert_eq!(url(&variables), "https://git.example.com/team/shop/actions/runs/24");
        let pipeline = Pipeline::of(&variables, "test");
        let named = |step: &str, shown: &[u8]| {
            let failure = FailedStep { project_id: "shop", step, message: None, log: b"" };
            pipeline.event_id(&failure, shown).unwrap()
        };
        assert_eq!(named("test", b"a"), named("test", b"a"));
        assert_ne!(named("test", b"a"), named("test", b"b"));
        let long = "tests of ".repeat(20);
        assert_ne!(named(&format!("{long}x"), b"a"), named(&format!("{long}y"), b"a"));
        assert!(named(&long, b"a").len() <= 64);
        assert_eq!(pipeline.repo_url.as_deref(), Some("https://git.example.com/team/shop.git"));
        assert_eq!(Pipeline::of(&HashMap::new(), "test").context, [("step_name", "test".to_owned())]);
    }
}
