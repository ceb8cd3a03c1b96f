//! What may be done for a project.

use super::{Limits, Preset};
use logcenter_core::{ProjectId, Source};
use serde::Deserialize;
use std::path::PathBuf;

/// What may be done for a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Its ID on the server.
    pub id: ProjectId,
    /// Its repository: an `https` or `ssh` address, or an absolute path below one of `roots`.
    pub repo: Option<String>,
    /// The folders below which repositories on this machine may lie.
    #[serde(default)]
    pub roots: Vec<PathBuf>,
    /// The branch that fixes begin from and are meant for.
    #[serde(default = "main")]
    pub base: String,
    /// The command that runs the tests.
    pub test: Vec<String>,
    /// The command that reproduces an error; without one, the fixer is asked for a failing test.
    #[serde(default)]
    pub reproduce: Vec<String>,
    /// Whether an error must be reproduced before it is fixed.
    #[serde(default = "yes")]
    pub reproduce_required: bool,
    /// Which errors are claimed.
    #[serde(default = "runtime")]
    pub sources: Vec<Source>,
    /// The command that edits the files.
    #[serde(default)]
    pub fixer: Vec<String>,
    /// A known fixer, instead of a command.
    pub preset: Option<Preset>,
    /// How far a fix may go.
    #[serde(default = "pull_request")]
    pub max_stage: Reach,
    /// How far a fix of an error may go that nobody vouches for.
    #[serde(default = "patch")]
    pub untrusted_stage: Reach,
    /// Which hosts the fixer may reach.
    #[serde(default)]
    pub network: Network,
    /// The names of the variables that the fixer gets. The tests never get them.
    #[serde(default)]
    pub fixer_env: Vec<String>,
    /// Further files and folders that the sandbox shows, read-only.
    #[serde(default)]
    pub readable: Vec<PathBuf>,
    /// How much an attempt may use.
    #[serde(default)]
    pub limits: Limits,
}

/// How far a fix may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The error is reproduced, nothing more.
    Analyse,
    /// A patch is written and judged, and waits for a person.
    Patch,
    /// The patch is pushed as a branch.
    Branch,
    /// A draft pull request is opened.
    PullRequest,
}

/// Which hosts the fixer may reach, through the agent's proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Network(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Hosts(Vec<String>),
}

impl TryFrom<Written> for Network {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Word(word) if word == "none" => Ok(Self(Vec::new())),
            Written::Word(word) => Err(format!("network must be \"none\" or a list of hosts, not {word:?}")),
            Written::Hosts(hosts) => Ok(Self(hosts)),
        }
    }
}

fn main() -> String {
    "main".into()
}

const fn yes() -> bool {
    true
}

fn runtime() -> Vec<Source> {
    vec![Source::Runtime]
}

const fn pull_request() -> Reach {
    Reach::PullRequest
}

const fn patch() -> Reach {
    Reach::Patch
}

impl Project {
    /// How far a fix may go of an error that is trusted or not, or whose patch a person has approved.
    #[must_use]
    pub fn reach(&self, trusted: bool, approved: bool) -> Reach {
        if trusted || approved { self.max_stage } else { self.max_stage.min(self.untrusted_stage) }
    }

    /// The fixer's command.
    #[must_use]
    pub fn fixer_command(&self) -> Vec<String> {
        self.preset.map_or_else(|| self.fixer.clone(), |preset| preset.command(&self.limits, &self.test))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn project(lines: &str) -> Project {
        let text = format!(
            "[agent]\nname = \"a\"\nwork_dir = \"/w\"\n[[project]]\nid = \"shop\"\nrepo = \"https://h/t/s\"\n\
             test = [\"t\"]\nfixer = [\"f\"]\n{lines}"
        );
        Config::parse(&text).unwrap().project.remove(0)
    }

    #[test]
    fn what_nobody_vouches_for_goes_less_far() {
        let shop = project("");
        assert_eq!(shop.reach(true, false), Reach::PullRequest);
        assert_eq!(shop.reach(false, false), Reach::Patch);
        assert_eq!(shop.reach(false, true), Reach::PullRequest);
        let careful = project("max_stage = \"analyse\"");
        assert_eq!(careful.reach(false, true), Reach::Analyse);
    }

    #[test]
    fn the_network_is_none_or_a_list() {
        assert_eq!(project("network = \"none\"").network, Network::default());
        let hosts = project("network = [\"api.example.com\"]").network;
        assert_eq!(hosts, Network(vec!["api.example.com".into()]));
    }
}
