//! Links to source lines and commits in a repository's web interface.

/// The address of a line at a commit; `None` if it cannot be determined.
///
/// The forms are those of GitHub (`/blob/`), GitLab (`/-/blob/`) and Gitea (`/src/commit/`); hosts with any other name
/// are assumed to be Gitea.
pub(crate) fn line(repo_url: &str, commit: &str, path: &str, line: Option<i64>) -> Option<String> {
    let base = web(repo_url)?;
    let (path, commit) = (relative(path)?, word(commit)?);
    let host = base.split('/').nth(2)?.to_ascii_lowercase();
    let form = if host.contains("github") {
        "blob"
    } else if host.contains("gitlab") {
        "-/blob"
    } else {
        "src/commit"
    };
    let anchor = line.filter(|line| *line > 0).map(|line| format!("#L{line}")).unwrap_or_default();
    Some(format!("{base}/{form}/{commit}/{path}{anchor}"))
}

/// The address of a commit.
pub(crate) fn commit(repo_url: &str, commit: &str) -> Option<String> {
    let base = web(repo_url)?;
    let host = base.split('/').nth(2)?.to_ascii_lowercase();
    let form = if host.contains("gitlab") { "-/commit" } else { "commit" };
    Some(format!("{base}/{form}/{}", word(commit)?))
}

/// The address of what changed between two commits.
pub(crate) fn compare(repo_url: &str, from: &str, to: &str) -> Option<String> {
    let base = web(repo_url)?;
    let host = base.split('/').nth(2)?.to_ascii_lowercase();
    let form = if host.contains("gitlab") { "-/compare" } else { "compare" };
    Some(format!("{base}/{form}/{}...{}", word(from)?, word(to)?))
}

/// The web address of a repository, without what only git needs: user, password, SSH port, `.git`.
pub(crate) fn web(repo_url: &str) -> Option<String> {
    let url = repo_url.trim();
    let (scheme, rest) = match url.split_once("://") {
        Some(("http", rest)) => ("http", rest.to_owned()),
        Some(("https" | "git", rest)) => ("https", rest.to_owned()),
        Some(("ssh" | "git+ssh", rest)) => {
            let (authority, path) = rest.split_once('/')?;
            let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
            ("https", format!("{host}/{path}"))
        }
        Some(_) => return None,
        // scp syntax: git@host:team/repository
        None => ("https", url.split_once(':').map(|(host, path)| format!("{host}/{path}"))?),
    };
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b));
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_path =
        !path.is_empty() && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-~/".contains(&b));
    (is_host && is_path).then(|| format!("{scheme}://{host}/{path}"))
}

fn word(commit: &str) -> Option<&str> {
    let is_word =
        !commit.is_empty() && commit.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    (is_word && !commit.starts_with('.')).then_some(commit)
}

/// A path inside the repository, encoded for an address.
fn relative(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let is_inside = !path.is_empty()
        && !path.starts_with('/')
        && !path.contains([':', '<', '>'])
        && path.split('/').all(|part| !part.is_empty() && part != ".." && part != ".");
    if !is_inside {
        return None;
    }
    let mut encoded = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forge_has_its_form() {
        let rows = [
            ("https://github.com/a/b.git", "https://github.com/a/b/blob/c0ffee/src/x.rs#L7"),
            (
                "git@gitlab.example.com:a/g/b.git",
                "https://gitlab.example.com/a/g/b/-/blob/c0ffee/src/x.rs#L7",
            ),
            (
                "https://me:secret@gitea.example.com:3000/a/b",
                "https://gitea.example.com:3000/a/b/src/commit/c0ffee/src/x.rs#L7",
            ),
            (
                "ssh://git@git.example.com:2222/a/b.git",
                "https://git.example.com/a/b/src/commit/c0ffee/src/x.rs#L7",
            ),
            ("http://git.local/a/b/", "http://git.local/a/b/src/commit/c0ffee/src/x.rs#L7"),
        ];
        for (repo_url, expected) in rows {
            assert_eq!(
                line(repo_url, "c0ffee", "./src/x.rs", Some(7)).as_deref(),
                Some(expected),
                "{repo_url}"
            );
        }
        assert_eq!(
            commit("https://gitlab.com/a/b", "c0ffee").unwrap(),
            "https://gitlab.com/a/b/-/commit/c0ffee"
        );
        let compared = |repo_url| compare(repo_url, "c0ffee", "decade").unwrap();
        assert_eq!(compared("https://gitlab.com/a/b"), "https://gitlab.com/a/b/-/compare/c0ffee...decade");
        assert_eq!(compared("https://gitea.local/a/b"), "https://gitea.local/a/b/compare/c0ffee...decade");
    }

    #[test]
    fn nothing_else_becomes_an_address() {
        for repo_url in [
            "javascript:alert(1)",
            "javascript://host/%0aalert(1)",
            "data:text/html,x",
            "https://",
            "https://host",
            "file:///etc/passwd",
            "https://ho\"st/a",
            "https://host/a\"onclick=x",
            "",
        ] {
            if let Some(address) = web(repo_url) {
                assert!(address.starts_with("https://"), "{repo_url} became {address}");
                assert!(!address.contains(['"', '<', '(', ' ']), "{repo_url} became {address}");
            }
        }
        let at = |path| line("https://github.com/a/b", "c0ffee", path, Some(1));
        for path in ["/etc/passwd", "../x", "std:core/src/x.rs", "a//b", "<frozen>", "", "C:\\x.rs"] {
            assert_eq!(at(path), None, "{path}");
        }
        assert_eq!(at("src\\错 x.rs").unwrap(), "https://github.com/a/b/blob/c0ffee/src/%E9%94%99%20x.rs#L1");
        assert_eq!(line("https://github.com/a/b", "../..", "a", None), None);
        assert_eq!(compare("https://github.com/a/b", "c0ffee", "a..b/\"x"), None);
    }
}
