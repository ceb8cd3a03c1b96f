//! What the variables of Gitea Actions and GitHub Actions tell of a run.

use std::collections::HashMap;

/// A run of a pipeline.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub(super) branch: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) repo_url: Option<String>,
    /// The same for every try to report the same failure.
    pub(super) event_id: Option<String>,
    /// In the order in which it is told.
    pub(super) context: Vec<(&'static str, String)>,
}

impl Pipeline {
    /// Of these variables.
    pub(super) fn of(variables: &HashMap<String, String>, step: &str) -> Self {
        let get = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let forge = get("LOG_CENTER_FORGE_URL")
            .or_else(|| get("GITHUB_SERVER_URL"))
            .map(|url| url.trim_end_matches('/'));
        let repository = forge.zip(get("GITHUB_REPOSITORY")).map(|(forge, name)| format!("{forge}/{name}"));
        let number = get("GITHUB_RUN_NUMBER");
        // Gitea's pages are found by the number of a run, GitHub's by its id.
        let page = if get("GITEA_ACTIONS") == Some("true") { number } else { get("GITHUB_RUN_ID") };
        let run_url = repository.as_ref().zip(page).map(|(url, page)| format!("{url}/actions/runs/{page}"));
        let branch = get("GITHUB_HEAD_REF").or_else(|| get("GITHUB_REF_NAME"));
        let event_id = get("GITHUB_RUN_ID").map(|run| {
            let attempt = get("GITHUB_RUN_ATTEMPT").unwrap_or("1");
            let id = format!("ci.{run}.{attempt}.{}.{step}", get("GITHUB_JOB").unwrap_or_default());
            id.chars().take(64).collect()
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
            event_id,
            context: context.into_iter().filter_map(|(key, value)| Some((key, value?.to_owned()))).collect(),
        }
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
        assert_eq!(pipeline.event_id.as_deref(), Some("ci.9001.1.build.test"));
        assert_eq!(pipeline.repo_url.as_deref(), Some("https://git.example.com/team/shop.git"));
        assert_eq!(Pipeline::of(&HashMap::new(), "test").context, [("step_name", "test".to_owned())]);
    }
}
