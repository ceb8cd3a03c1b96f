//! The agent: its configuration, its server, its secrets, and how it runs commands.

use crate::address::Origin;
use crate::config::{Config, Containment, Project};
use crate::ended::{Failure, News};
use crate::forge::Forge;
use crate::git::Hints;
use crate::sandbox::Sandbox;
use logcenter_client::api::{self, Api, Error, Event};
use logcenter_secrets::Secrets;
use nix::fcntl::{Flock, FlockArg};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::net::IpAddr;
use tokio::net::lookup_host;
use tokio::sync::watch;

/// Hears what happens while the agent works.
pub type Tell = Box<dyn Fn(&News<'_>) + Send + Sync>;

/// Which server the agent works for.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its address.
    pub url: String,
    /// The agent's token; a server in loopback mode needs none.
    pub token: Option<String>,
}

/// A repair agent.
pub struct Agent {
    pub(crate) config: Config,
    pub(crate) api: Api,
    pub(crate) sandbox: Sandbox,
    pub(crate) secrets: Secrets,
    pub(crate) tell: Tell,
    server: Server,
    /// Held as long as the agent lives: two in one folder would take each other's files for their own.
    _lock: Flock<File>,
    stopped: watch::Sender<bool>,
    /// The values of the variables that the configuration names.
    variables: BTreeMap<String, String>,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("name", &self.config.agent.name).finish_non_exhaustive()
    }
}

impl Agent {
    /// Makes an agent. `variable` gives the values of the variables that the configuration names: the forges' tokens and
    /// what the fixers get.
    ///
    /// # Errors
    /// [`Failure`] if this machine cannot run it.
    pub fn new(
        config: Config,
        server: Server,
        variable: impl Fn(&str) -> Option<String>,
        tell: Tell,
    ) -> Result<Self, Failure> {
        if config.agent.sandbox == Containment::None && server.token.is_none() {
            let why = "sandbox = \"none\" needs a server with a token: set LOGCENTER_AGENT_TOKEN";
            return Err(Failure::Machine(why.into()));
        }
        let work_dir = &config.agent.work_dir;
        let unusable =
            |error| Failure::Machine(format!("work_dir {} cannot be used: {error}", work_dir.display()));
        std::fs::create_dir_all(work_dir).map_err(unusable)?;
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(work_dir, private).map_err(unusable)?;
        let lock = File::create(work_dir.join("lock")).map_err(unusable)?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock).map_err(|_| {
            let folder = work_dir.display();
            Failure::Machine(format!("another agent works in {folder}: wait for it, or use another work_dir"))
        })?;
        let sandbox = Sandbox::new(config.agent.sandbox, work_dir).map_err(Failure::Machine)?;
        let api = Api::new(&server.url, server.token.as_deref())
            .map_err(|error| Failure::Machine(format!("the server's URL cannot be used: {error}")))?;
        let tokens = config.forge.values().map(|forge| &forge.token_env);
        let names = tokens.chain(config.project.iter().flat_map(|project| &project.fixer_env));
        let variables: BTreeMap<String, String> =
            names.filter_map(|name| Some((name.clone(), variable(name)?))).collect();
        let values = variables.values().cloned().chain(server.token.clone());
        let secrets = Secrets::with_values(values).map_err(|error| Failure::Machine(error.to_string()))?;
        let (stopped, _) = watch::channel(false);
        Ok(Self { config, api, sandbox, secrets, tell, server, _lock: lock, stopped, variables })
    }

    /// Ends [`run`](Self::run): an issue that it works on is given back first.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Waits until it is to stop.
    pub(crate) async fn stopping(&self) {
        // The sender lives as long as the agent.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// The kept events of an issue, newest first: as many as it takes to find one that is trusted.
    pub(crate) async fn events(&self, issue: i64) -> Result<Vec<Event>, Error> {
        let (mut events, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.api.event_page(issue, cursor.as_deref()).await?;
            events.extend(page.events);
            cursor = page.next_cursor;
            if cursor.is_none() || events.iter().any(|event| event.trusted) {
                return Ok(events);
            }
        }
    }

    /// What the server says of a project.
    pub(crate) fn hints(&self, project: &api::Project) -> Hints {
        let text = |name: &str| project.more.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        Hints { repo_url: text("repo_url"), local_path: text("local_path") }
    }

    /// What git proves itself with to the host of an address: the address that the token belongs to, and the token.
    pub(crate) fn login(&self, origin: &Origin) -> Result<Option<(String, String)>, String> {
        let Origin::Address { url, host, .. } = origin else { return Ok(None) };
        let Some((scheme, _)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("http")) else {
            return Ok(None);
        };
        let token = self.forge_token(host)?;
        Ok(token.map(|token| (format!("{scheme}://{host}/"), token)))
    }

    /// The forge of a repository, if it has one.
    pub(crate) fn forge(&self, origin: &Origin) -> Result<Option<Forge>, String> {
        let Origin::Address { host, name, .. } = origin else { return Ok(None) };
        match (self.config.forge.get(host), self.forge_token(host)?) {
            (Some(forge), Some(token)) => Forge::new(forge, token, name).map(Some),
            _ => Ok(None),
        }
    }

    fn forge_token(&self, host: &str) -> Result<Option<String>, String> {
        let Some(forge) = self.config.forge.get(host) else { return Ok(None) };
        let token = self.variables.get(&forge.token_env).filter(|token| !token.trim().is_empty());
        let token = token
            .ok_or_else(|| format!("the variable {} of the forge {host} is not set", forge.token_env))?;
        Ok(Some(token.trim().to_owned()))
    }

    /// The variables that a project's fixer gets.
    pub(crate) fn fixer_environment(&self, project: &Project) -> Vec<(String, String)> {
        let names = project.fixer_env.iter();
        names.filter_map(|name| Some((name.clone(), self.variables.get(name)?.clone()))).collect()
    }

    /// Variables of a project's fixer that have no value.
    pub(crate) fn unset<'a>(&'a self, project: &'a Project) -> impl Iterator<Item = &'a String> {
        project.fixer_env.iter().filter(|name| !self.variables.contains_key(*name))
    }

    /// Where the server is.
    pub(crate) fn server_url(&self) -> &str {
        &self.server.url
    }

    /// The server's addresses, which a fixer must not reach even if its host is named.
    pub(crate) async fn server_addresses(&self) -> Result<Vec<IpAddr>, String> {
        let rest = self.server.url.split_once("://").map_or(self.server.url.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let target = if has_port { authority.to_owned() } else { format!("{authority}:443") };
        let found =
            lookup_host(target).await.map_err(|error| format!("the server's name means nothing: {error}"))?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
