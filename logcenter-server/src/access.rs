//! Who calls, and what they may do.

use crate::secret::SecretHash;
use crate::session::Sessions;
use crate::site::{Site, host};
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use logcenter_core::{ProjectId, Timestamp};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{PoisonError, RwLock};

/// How an administrator is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Administrator {
    /// By a token.
    Token(SecretHash),
    /// The host lets nobody else through.
    Host,
    /// By speaking from this machine, to this machine, without a proxy between.
    Loopback,
}

/// What decides who may do what.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) administrator: Administrator,
    pub(crate) require_ingest_key: bool,
    pub(crate) site: Site,
    pub(crate) sessions: Sessions,
    keys: RwLock<HashMap<SecretHash, ProjectId>>,
}

/// Who reports: what the request shows of keys and tokens.
#[derive(Debug)]
pub(crate) struct Reporter {
    /// The administrator's token.
    token: bool,
    /// A valid ingest key: of this project.
    key: Option<ProjectId>,
    /// A page of another origin makes the request.
    cross_origin: bool,
}

/// Who calls.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) administrator: bool,
    reporter: Reporter,
    /// Only this machine is answered here, and the request does not come from it directly.
    shut_out: bool,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Without a token, only this machine is answered.
    NotLocal,
    /// No ingest key was given, or not a valid one.
    KeyNeeded,
    /// The ingest key is another project's.
    OtherProject,
    /// No administrator's token was given, or not the right one.
    TokenNeeded,
    /// Only an administrator may do it.
    NotAdministrator,
}

impl Access {
    pub(crate) fn new(
        administrator: Administrator,
        require_ingest_key: bool,
        site: Site,
        keys: impl IntoIterator<Item = (SecretHash, ProjectId)>,
    ) -> Self {
        let (sessions, keys) = (Sessions::default(), RwLock::new(keys.into_iter().collect()));
        Self { administrator, require_ingest_key, site, sessions, keys }
    }

    /// Replaces the ingest keys that are valid.
    pub(crate) fn set_keys(&self, keys: impl IntoIterator<Item = (SecretHash, ProjectId)>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into_iter().collect();
    }

    /// Who makes the request, a browser's session counted. For routes that only an administrator may call: what anybody
    /// may call reads no cookie.
    pub(crate) fn visitor(&self, parts: &Parts, now: Timestamp) -> Caller {
        let mut caller = self.identify(parts);
        if let Administrator::Token(token) = &self.administrator {
            let in_session = self.sessions.holds(token, &parts.headers, now);
            caller.administrator |= in_session && !caller.reporter.cross_origin;
        }
        caller
    }

    /// Who makes the request.
    pub(crate) fn identify(&self, parts: &Parts) -> Caller {
        let reporter = self.reporter(parts);
        let local = || is_local(parts);
        let (known, shut_out) = match self.administrator {
            Administrator::Token(_) => (reporter.token, false),
            Administrator::Host => (true, false),
            Administrator::Loopback => (local(), !local()),
        };
        Caller { administrator: known && !reporter.cross_origin, reporter, shut_out }
    }

    /// What the request shows of keys and tokens: all that the ingest routes ask for.
    pub(crate) fn reporter(&self, parts: &Parts) -> Reporter {
        let headers = &parts.headers;
        let bearer = text(headers, AUTHORIZATION.as_str()).and_then(bearer);
        let secret = bearer.or_else(|| text(headers, "x-log-center-key")).or_else(|| query_key(&parts.uri));
        let cross_origin = self.is_cross_origin(parts);
        let token = match self.administrator {
            Administrator::Token(hash) => !cross_origin && bearer.is_some_and(|token| hash.is(token)),
            Administrator::Host | Administrator::Loopback => false,
        };
        let key = secret.filter(|_| !token).and_then(|secret| self.key_project(secret));
        Reporter { token, key, cross_origin }
    }

    /// Whether a page of another origin makes the request. Browsers say so; other clients send neither header.
    fn is_cross_origin(&self, parts: &Parts) -> bool {
        if let Some(site) = text(&parts.headers, "sec-fetch-site") {
            return !matches!(site, "same-origin" | "none");
        }
        let Some(origin) = parts.headers.get(ORIGIN) else { return false };
        let Some((origin, authority)) =
            origin.to_str().ok().and_then(|origin| Some((origin, origin.split_once("://")?.1)))
        else {
            return true;
        };
        Some(authority) != host(&parts.headers, &parts.uri) && origin != self.site.origin(parts)
    }

    fn key_project(&self, secret: &str) -> Option<ProjectId> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        if keys.is_empty() { None } else { keys.get(&SecretHash::of(secret)).cloned() }
    }

    /// May the caller report for a project? Says whether what they report is trusted.
    pub(crate) fn ingest(&self, reporter: &Reporter, project_id: &ProjectId) -> Result<bool, Denied> {
        match &reporter.key {
            _ if reporter.token => Ok(true),
            Some(key) if key == project_id => Ok(true),
            Some(_) if self.require_ingest_key => Err(Denied::OtherProject),
            None if self.require_ingest_key => Err(Denied::KeyNeeded),
            Some(_) | None => Ok(false),
        }
    }

    /// May the caller list projects and fill in a project's metadata? An administrator always may.
    pub(crate) fn register(&self, caller: &Caller, project_id: Option<&ProjectId>) -> Result<(), Denied> {
        if caller.administrator {
            return Ok(());
        }
        if caller.shut_out {
            return Err(Denied::NotLocal);
        }
        match (&caller.reporter.key, project_id) {
            (Some(_), None) => Ok(()),
            (Some(key), Some(project_id)) if key == project_id => Ok(()),
            (Some(_), Some(_)) if self.require_ingest_key => Err(Denied::OtherProject),
            (None, _) if self.require_ingest_key => Err(Denied::KeyNeeded),
            _ => Ok(()),
        }
    }

    /// May the caller do what only an administrator may?
    pub(crate) fn administer(&self, caller: &Caller) -> Result<(), Denied> {
        if caller.administrator {
            Ok(())
        } else if caller.shut_out {
            Err(Denied::NotLocal)
        } else if caller.reporter.cross_origin || caller.reporter.key.is_some() {
            Err(Denied::NotAdministrator)
        } else {
            Err(Denied::TokenNeeded)
        }
    }

    /// May the caller try to report at all? Spares reading a body that would be refused whatever it says.
    pub(crate) fn may_report(&self, reporter: &Reporter) -> Result<(), Denied> {
        if self.require_ingest_key && !reporter.token && reporter.key.is_none() {
            Err(Denied::KeyNeeded)
        } else {
            Ok(())
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The token of `Bearer <token>`; the scheme's letter case does not matter (RFC 9110, 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The key in `?key=…`: a beacon can set no header. Keys have only letters, digits and `_`, so nothing is decoded.
fn query_key(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("key="))
}

/// Whether the request comes from this machine, is addressed to it, and no proxy says that it passed it on.
fn is_local(parts: &Parts) -> bool {
    const FORWARDING: [&str; 6] =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
        && host(&parts.headers, &parts.uri).is_some_and(names_loopback)
        && !FORWARDING.iter().any(|name| parts.headers.contains_key(*name))
}

/// Whether a `Host` names this machine: `localhost`, or a loopback address; with or without a port.
fn names_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn a_loopback_host_is_one_that_no_name_server_can_point_here() {
        for host in ["localhost", "LocalHost:8002", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:8002"] {
            assert!(names_loopback(host), "{host}");
        }
        for host in [
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "evil.example",
            "10.0.0.1",
            "",
            ":80",
            "::1:x",
        ] {
            assert!(!names_loopback(host), "{host}");
        }
    }

    #[test]
    fn origins_are_compared_with_the_host_and_the_public_address() {
        let site = Site { public_url: Some("https://e.example".parse().unwrap()), ..Site::default() };
        let access = Access::new(Administrator::Host, false, site, []);
        let cross = |pairs: &[(&str, &str)]| {
            let request =
                pairs.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
            access.is_cross_origin(&request.body(()).unwrap().into_parts().0)
        };
        assert!(!cross(&[("host", "a:1")]));
        assert!(!cross(&[("host", "a:1"), ("origin", "http://a:1")]));
        assert!(!cross(&[("host", "a:1"), ("origin", "https://e.example")]));
        assert!(cross(&[("host", "a:1"), ("origin", "http://a:2")]));
        assert!(cross(&[("host", "a:1"), ("origin", "null")]));
        assert!(cross(&[("host", "a:1"), ("sec-fetch-site", "same-site")]));
        assert!(!cross(&[("host", "a:1"), ("sec-fetch-site", "same-origin")]));
    }
}
