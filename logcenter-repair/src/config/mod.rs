//! `repair.toml`: what this machine's operator allows. Nothing that comes over HTTP widens it.

mod check;
mod limits;
mod preset;
mod project;

pub use limits::Limits;
pub use preset::Preset;
pub use project::{Network, Project, Reach};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The agent's configuration.
///
/// ```
/// use logcenter_repair::config::Config;
///
/// let config = Config::parse(
///     r#"
///     [agent]
///     name = "repair-1"
///     work_dir = "/var/lib/logcenter-repair"
///
///     [[project]]
///     id = "shop"
///     repo = "https://git.example.com/team/shop.git"
///     base = "main"
///     test = ["cargo", "test", "--offline"]
///     fixer = ["/usr/local/bin/fix"]
///     "#,
/// )?;
/// assert_eq!(config.agent.lease_seconds, 120);
/// # Ok::<(), logcenter_repair::config::Unusable>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The agent itself.
    pub agent: Agent,
    /// Where pull requests are opened, by the host of the repository's address.
    #[serde(default)]
    pub forge: BTreeMap<String, Forge>,
    /// What may be repaired.
    #[serde(default)]
    pub project: Vec<Project>,
}

/// The agent itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Its name, as the issues show it.
    pub name: String,
    /// A folder of its own, for mirrors and work in progress.
    pub work_dir: PathBuf,
    /// For how long the server leaves an issue to it without hearing from it.
    #[serde(default = "lease_seconds")]
    pub lease_seconds: u32,
    /// What contains the fixer and the tests.
    #[serde(default)]
    pub sandbox: Containment,
}

const fn lease_seconds() -> u32 {
    120
}

/// What contains the fixer and the tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Containment {
    /// bubblewrap: no network, no credentials, a file system of its own, bounded.
    #[default]
    Bubblewrap,
    /// Nothing. They run as the agent's user, with all that this user may.
    None,
}

/// A forge: where pull requests are opened.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forge {
    /// Which API it speaks.
    pub kind: ForgeKind,
    /// The address of its API, as `https://git.example.com/api/v1`.
    pub api: String,
    /// The variable that holds its token. Only the agent itself reads it.
    pub token_env: String,
}

/// Which API a forge speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeKind {
    /// Gitea and Forgejo.
    Gitea,
    /// GitHub.
    GitHub,
}

/// Why a configuration cannot be used: one line for each fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable(pub Vec<String>);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Unusable {}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`Unusable`] if it cannot be read, or says what cannot be done.
    pub fn read(path: &Path) -> Result<Self, Unusable> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Unusable(vec![format!("{} cannot be read: {error}. Name it with --config", path.display())])
        })?;
        Self::parse(&text).map_err(|Unusable(faults)| {
            Unusable(faults.into_iter().map(|fault| format!("{}: {fault}", path.display())).collect())
        })
    }

    /// Reads a configuration.
    ///
    /// # Errors
    /// [`Unusable`] if it is not TOML, or says what cannot be done.
    pub fn parse(text: &str) -> Result<Self, Unusable> {
        let config: Self =
            toml::from_str(text).map_err(|error| Unusable(vec![error.to_string().trim_end().to_owned()]))?;
        let faults = check::faults(&config);
        if faults.is_empty() { Ok(config) } else { Err(Unusable(faults)) }
    }

    /// What is configured for a project.
    #[must_use]
    pub fn project(&self, id: &logcenter_core::ProjectId) -> Option<&Project> {
        self.project.iter().find(|project| project.id == *id)
    }
}
