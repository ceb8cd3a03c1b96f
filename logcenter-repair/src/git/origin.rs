//! Where a project's code is. The agent's own configuration decides; what the server says is only ever a candidate.

use crate::address::{Origin, address};
use crate::config::{Forge, Project};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What the server says of a project. Anybody who can post a report may have written it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    pub(crate) repo_url: Option<String>,
    pub(crate) local_path: Option<String>,
}

/// Decides where a project's code is.
///
/// # Errors
/// Why it is nowhere that the agent may go, and what to do.
pub(crate) fn origin(
    project: &Project,
    hints: &Hints,
    forges: &BTreeMap<String, Forge>,
) -> Result<Origin, String> {
    if let Some(repo) = &project.repo {
        return match address(repo).map_err(|fault| format!("repo {fault}"))? {
            Origin::Path(path) => below_a_root(&path, &project.roots).map(Origin::Path),
            elsewhere @ Origin::Address { .. } => Ok(elsewhere),
        };
    }
    if let Some(local) = &hints.local_path
        && let Ok(Origin::Path(path)) = address(local)
        && let Ok(path) = below_a_root(&path, &project.roots)
    {
        return Ok(Origin::Path(path));
    }
    let Some(url) = &hints.repo_url else {
        return Err("no repository is known: set repo in repair.toml".into());
    };
    match address(url).map_err(|fault| format!("the server's repo_url {fault}"))? {
        found @ Origin::Address { .. } => match &found {
            Origin::Address { host, .. } if forges.contains_key(host) => Ok(found),
            Origin::Address { host, .. } => Err(format!(
                "the server says that the repository is at {host:?}, which has no [forge] in repair.toml: \
                 set repo, or add the forge"
            )),
            Origin::Path(_) => Err("is no address".into()),
        },
        Origin::Path(_) => Err("the server's repo_url is a path: set repo in repair.toml".into()),
    }
}

/// Follows every link, then asks whether that is still below a root, and whether only the agent and root may write
/// there.
fn below_a_root(path: &Path, roots: &[PathBuf]) -> Result<PathBuf, String> {
    let real = path.canonicalize().map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let is_below =
        |root: &PathBuf| root.canonicalize().is_ok_and(|root| real.starts_with(&root) && real != root);
    let Some(root) = roots.iter().find(|root| is_below(root)) else {
        return Err(format!(
            "{} does not lie below one of roots: add its folder to roots in repair.toml",
            real.display()
        ));
    };
    let me = nix::unistd::geteuid().as_raw();
    for folder in real.ancestors().take_while(|folder| folder.starts_with(root)) {
        let about = folder.metadata().map_err(|error| format!("{}: {error}", folder.display()))?;
        if about.uid() != me && about.uid() != 0 {
            return Err(format!("{} belongs to another user: give it to the agent's user", folder.display()));
        }
        if about.mode() & 0o022 != 0 {
            return Err(format!("{} can be written by others: chmod go-w it", folder.display()));
        }
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn config(repo: &str, roots: &[&Path]) -> Config {
        Config::parse(&format!(
            "[agent]\nname = \"a\"\nwork_dir = \"/w\"\n[forge.\"git.example.com\"]\nkind = \"gitea\"\n\
             api = \"https://git.example.com/api/v1\"\ntoken_env = \"T\"\n[[project]]\nid = \"shop\"\n{repo}\n\
             roots = {roots:?}\ntest = [\"t\"]\nfixer = [\"f\"]"
        ))
        .unwrap()
    }

    fn of(config: &Config, repo_url: Option<&str>, local_path: Option<&Path>) -> Result<Origin, String> {
        let hints = Hints {
            repo_url: repo_url.map(Into::into),
            local_path: local_path.map(|path| path.to_str().unwrap().into()),
        };
        origin(&config.project[0], &hints, &config.forge)
    }

    #[test]
    fn the_server_s_words_count_only_where_the_operator_allows_it() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        let repository = root.join("shop");
        std::fs::create_dir_all(&repository).unwrap();
        std::fs::create_dir_all(&outside).unwrap();
        symlink(&outside, root.join("way-out")).unwrap();
        let real = repository.canonicalize().unwrap();
        let set = config("repo = \"https://other.example.com/team/shop\"", &[]);
        let url = of(&set, Some("https://evil.example.com/x/y"), Some(&outside)).unwrap();
        assert_eq!(url.for_git(), "https://other.example.com/team/shop");
        let open = config("", &[&root]);
        assert_eq!(of(&open, None, Some(&repository)), Ok(Origin::Path(real.clone())));
        assert_eq!(of(&open, None, Some(&root.join("../root/shop"))), Ok(Origin::Path(real)));
        let forge = "https://git.example.com/team/shop";
        assert_eq!(of(&open, Some(forge), Some(&outside)).unwrap().for_git(), forge);
        for (local, word) in [(outside, "no repository"), (root.join("way-out"), "no repository")] {
            assert!(of(&open, None, Some(&local)).unwrap_err().contains(word));
        }
        for (url, word) in [
            ("https://evil.example.com/x/y", "has no [forge]"),
            ("ext::sh -c x", "must"),
            ("-oProxyCommand=x", "must"),
            ("/etc", "is a path"),
        ] {
            assert!(of(&open, Some(url), None).unwrap_err().contains(word), "{url}");
        }
        let way_out = config(&format!("repo = {:?}", root.join("way-out")), &[&root]);
        assert!(of(&way_out, None, None).unwrap_err().contains("does not lie below"));
        std::fs::set_permissions(&repository, std::fs::Permissions::from_mode(0o777)).unwrap();
        let shared = config(&format!("repo = {repository:?}"), &[&root]);
        assert!(of(&shared, None, None).unwrap_err().contains("chmod"));
    }
}
