//! Addresses of repositories and forges, read before anything is done with them.

use std::path::PathBuf;

/// Where a project's code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A repository on this machine.
    Path(PathBuf),
    /// A repository elsewhere.
    Address {
        /// Its address.
        url: String,
        /// Its host, with the port if there is one.
        host: String,
        /// The path on that host, as `team/shop`.
        name: String,
    },
}

impl Origin {
    /// What git fetches from and pushes to.
    pub(crate) fn for_git(&self) -> String {
        match self {
            Self::Path(path) => path.to_string_lossy().into_owned(),
            Self::Address { url, .. } => url.clone(),
        }
    }
}

/// Reads the address of a repository.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn address(text: &str) -> Result<Origin, String> {
    if text.starts_with('-') || text.chars().any(|character| character.is_control() || character == ' ') {
        return Err("must not begin with - or hold spaces and control characters".into());
    }
    if text.starts_with('/') {
        return Ok(Origin::Path(text.into()));
    }
    let shape =
        "must be an https or ssh address, as https://git.example.com/team/shop.git, or an absolute path";
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.to_owned()),
        // `git@host:team/shop`, as ssh takes it. `ext::` has its colon elsewhere.
        None => match text.split_once(':') {
            Some((login, path)) if login.contains('@') && !login.contains('/') && !path.starts_with(':') => {
                ("ssh", format!("{login}/{path}"))
            }
            _ => return Err(shape.into()),
        },
    };
    let (authority, path) = rest.split_once('/').ok_or(shape)?;
    let (login, host) =
        authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
    if host.is_empty() || host.starts_with('-') || login.is_some_and(|login| login.starts_with('-')) {
        return Err(shape.into());
    }
    match scheme {
        "https" | "http" if login.is_some() => {
            return Err("must not hold a password: name its variable as token_env of the [forge]".into());
        }
        "https" | "ssh" => {}
        "http" if is_this_machine(host) => {}
        _ => return Err(shape.into()),
    }
    let name = path.trim_matches('/').trim_end_matches(".git").to_owned();
    if name.is_empty()
        || name.split('/').any(|part| part.is_empty() || part == "..")
        || name.contains(['?', '#'])
    {
        return Err(shape.into());
    }
    Ok(Origin::Address { url: text.into(), host: host.to_owned(), name })
}

/// Checks the address of an API: `https`, or `http` on this machine.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn web_address(text: &str) -> Result<(), String> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_safe = scheme == "https" || (scheme == "http" && is_this_machine(authority));
    if is_safe && !authority.is_empty() && !authority.contains('@') {
        Ok(())
    } else {
        Err(format!("must be an https address, as https://git.example.com/api/v1, not {text:?}"))
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused() {
        let rows = [
            ("https://git.example.com/team/shop.git", Some(("git.example.com", "team/shop"))),
            ("https://git.example.com:3000/a/b/c/", Some(("git.example.com:3000", "a/b/c"))),
            ("ssh://git@git.example.com/team/shop.git", Some(("git.example.com", "team/shop"))),
            ("git@github.com:team/shop.git", Some(("github.com", "team/shop"))),
            ("http://127.0.0.1:3000/team/shop", Some(("127.0.0.1:3000", "team/shop"))),
            ("http://git.example.com/team/shop", None),
            ("https://user:password@git.example.com/x", None),
            ("https://token@git.example.com/x", None),
            ("ext::sh -c touch% /tmp/x", None),
            ("ext::sh", None),
            ("fd::3/x", None),
            ("file:///etc/x", None),
            ("-u/x", None),
            ("ssh://-oProxyCommand=x/y", None),
            ("-oProxyCommand=x@h:y", None),
            ("https://h/../x", None),
            ("https://h/", None),
            ("https:///x", None),
            ("relative/path", None),
            ("https://h/a\nb", None),
        ];
        for (text, expected) in rows {
            let found = address(text);
            match (found, expected) {
                (Ok(Origin::Address { url, host, name }), Some(expected)) => {
                    assert_eq!((host.as_str(), name.as_str(), url.as_str()), (expected.0, expected.1, text));
                }
                (Err(why), None) => assert!(why.contains("must"), "{text}: {why}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
