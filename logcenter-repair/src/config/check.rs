//! What a configuration must not say.

use super::{Config, Project};
use crate::address::{address, web_address};
use std::path::Path;

/// Every fault, each with what to write instead.
pub(super) fn faults(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let agent = &config.agent;
    if agent.name.trim().is_empty()
        || agent.name.chars().count() > 64
        || agent.name.chars().any(char::is_control)
    {
        faults.push("agent.name must have 1 to 64 characters".into());
    }
    if !agent.work_dir.is_absolute() {
        faults.push(format!("agent.work_dir must be an absolute path, not {}", agent.work_dir.display()));
    }
    if !(10..=3600).contains(&agent.lease_seconds) {
        faults.push(format!("agent.lease_seconds must be from 10 to 3600, not {}", agent.lease_seconds));
    }
    for (host, forge) in &config.forge {
        if let Err(fault) = web_address(&forge.api) {
            faults.push(format!("forge.{host:?}.api {fault}"));
        }
        if !is_variable(&forge.token_env) {
            faults.push(format!(
                "forge.{host:?}.token_env must be the name of a variable, not {:?}",
                forge.token_env
            ));
        }
    }
    for (at, project) in config.project.iter().enumerate() {
        let twice = config.project[..at].iter().any(|earlier| earlier.id == project.id);
        let found = if twice { vec!["is there twice".into()] } else { of_project(project) };
        faults.extend(found.into_iter().map(|fault: String| format!("project {}: {fault}", project.id)));
    }
    faults
}

fn of_project(project: &Project) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, command) in
        [("test", &project.test), ("reproduce", &project.reproduce), ("fixer", &project.fixer)]
    {
        if let Some(fault) = of_command(command) {
            faults.push(format!("{name} {fault}"));
        }
    }
    if project.test.is_empty() {
        faults
            .push("test must be the command that runs the tests: without tests no fix can be judged".into());
    }
    if project.fixer.is_empty() == project.preset.is_none() {
        faults.push("needs either fixer, a command, or preset".into());
    }
    if !is_branch(&project.base) {
        faults.push(format!("base must be the name of a branch, not {:?}", project.base));
    }
    if let Some(repo) = &project.repo
        && let Err(fault) = address(repo)
    {
        faults.push(format!("repo {fault}"));
    }
    for path in project.readable.iter().chain(&project.roots) {
        if !path.is_absolute() || path == Path::new("/") {
            faults.push(format!("{} must be an absolute path below /", path.display()));
        }
    }
    faults.extend(project.fixer_env.iter().filter(|name| !is_variable(name)).map(|name| {
        format!("fixer_env holds names of variables, not {name:?}: write the value into the environment")
    }));
    faults.extend(project.network.0.iter().filter(|host| !is_host(host)).map(|host| {
        format!("network holds names of hosts, as api.example.com or api.example.com:8443, not {host:?}")
    }));
    let limits = &project.limits;
    let counts = [limits.fixer_seconds, limits.test_seconds, limits.memory_mb];
    if counts.contains(&0) || limits.files == 0 || limits.lines == 0 || limits.usd.is_nan() {
        faults.push("limits must be greater than 0".into());
    }
    faults
}

/// A command is a list of words: what a shell would expand is how text becomes a command.
fn of_command(command: &[String]) -> Option<String> {
    let program = command.first()?;
    let name = program.rsplit('/').next().unwrap_or_default();
    let is_shell = matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "fish" | "busybox");
    if command.iter().any(|word| word.contains('\0')) || program.is_empty() {
        return Some("must not hold empty programs or NUL".into());
    }
    let runs_text = is_shell && command[1..].iter().any(|word| word.starts_with('-') && word.contains('c'));
    runs_text.then(|| "runs a shell line; write the command as a list of words, or name a script".into())
}

fn is_variable(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// The part of git's rules that excludes everything an option or a path could be mistaken for.
fn is_branch(name: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._/-+".contains(character);
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(allowed)
        && !name.contains("..")
        && !name.contains("//")
        && !name.ends_with(['/', '.'])
        && !name.ends_with(".lock")
}

fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
    !name.is_empty() && name.chars().all(allowed) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    const AGENT: &str = "[agent]\nname = \"a\"\nwork_dir = \"/w\"\n";
    const SHOP: &str = "[[project]]\nid = \"shop\"\nrepo = \"https://h/t/s\"\n";

    fn faults(text: &str) -> String {
        Config::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_fault_is_named_with_what_to_write() {
        let rows = [
            ("test = [\"t\"]\n", "needs either fixer"),
            ("test = [\"t\"]\nfixer = [\"f\"]\npreset = \"codex\"\n", "needs either fixer"),
            ("fixer = [\"f\"]\n", "missing field `test`"),
            ("fixer = [\"f\"]\ntest = []\n", "test must be the command"),
            ("fixer = [\"f\"]\ntest = \"cargo test\"\n", "expected a sequence"),
            ("fixer = [\"f\"]\ntest = [\"sh\", \"-c\", \"cargo test\"]\n", "test runs a shell line"),
            ("fixer = [\"f\"]\ntest = [\"/bin/bash\", \"-ec\", \"x\"]\n", "test runs a shell line"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nbase = \"--upload-pack=x\"\n", "base must be"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nnetwork = \"all\"\n", "network must be"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nnetwork = [\"https://x\"]\n", "network holds names"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nfixer_env = [\"sk-123\"]\n", "fixer_env holds names"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nreadable = [\"/\"]\n", "must be an absolute path"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nlimits = { files = 0 }\n", "limits must be"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\nmax_stage = \"merge\"\n", "unknown variant"),
            ("fixer = [\"f\"]\ntest = [\"t\"]\ntests = []\n", "unknown field"),
        ];
        for (lines, expected) in rows {
            let found = faults(&format!("{AGENT}{SHOP}{lines}"));
            assert!(found.contains(expected), "{lines}: {found}");
        }
        for repo in ["ext::sh -c x", "-oProxyCommand=x", "file:///etc", "team/shop", "https://me:pw@h/x"] {
            let text =
                format!("{AGENT}[[project]]\nid = \"s\"\nrepo = {repo:?}\ntest = [\"t\"]\nfixer = [\"f\"]\n");
            assert!(faults(&text).contains("repo "), "{repo}");
        }
        assert!(faults("[agent]\nname = \"\"\nwork_dir = \"w\"\nlease_seconds = 1\n").lines().count() == 3);
        let forge = "[forge.\"h\"]\nkind = \"gitea\"\napi = \"ftp://h\"\ntoken_env = \"a b\"\n";
        assert_eq!(faults(&format!("{AGENT}{forge}")).lines().count(), 2);
    }

    #[test]
    fn a_script_is_no_shell_line() {
        let test = "test = [\"bash\", \"run-tests\"]\nfixer = [\"f\"]\n";
        assert!(Config::parse(&format!("{AGENT}{SHOP}{test}")).is_ok());
    }
}
