//! Identifies the caller of a request.

use super::cache::SecretCache;
use super::login_limit::{GuessScope, LoginLimiter};
use super::permission::{Denied, Permission, Trust, may};
use super::principal::{Caller, KeyHolder, MadeBy, Principal};
use super::random::{KEY_PREFIX, TOKEN_PREFIX};
use super::session::EndedSessions;
use super::signature::WebhookSecret;
use super::used::UsedTokens;
use crate::domain::{SecretHash, Token};
use crate::http::proxy::{PublicAddress, host};
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use logcenter_core::Timestamp;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// How an administrator is recognised.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Administrator {
    /// By a token.
    Token(SecretHash),
    /// The host application lets nobody else through.
    Host,
    /// By connecting from this machine to this machine, without a proxy in between.
    Loopback,
}

/// Decides who may do what.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) administrator: Administrator,
    pub(crate) require_ingest_key: bool,
    pub(crate) address: PublicAddress,
    pub(crate) ended_sessions: EndedSessions,
    pub(crate) keys: SecretCache<KeyHolder>,
    pub(crate) tokens: SecretCache<Arc<Token>>,
    pub(crate) used_tokens: UsedTokens,
    pub(crate) webhook_secret: Option<WebhookSecret>,
    pub(crate) limiter: LoginLimiter,
}

impl Access {
    pub(crate) fn new(
        administrator: Administrator,
        require_ingest_key: bool,
        address: PublicAddress,
    ) -> Self {
        Self {
            administrator,
            require_ingest_key,
            address,
            ended_sessions: EndedSessions::default(),
            keys: SecretCache::default(),
            tokens: SecretCache::default(),
            used_tokens: UsedTokens::default(),
            webhook_secret: None,
            limiter: LoginLimiter::default(),
        }
    }

    /// Decides whether the caller may do this.
    pub(crate) fn may(&self, caller: &Caller, permission: Permission<'_>) -> Result<Trust, Denied> {
        may(caller, permission, self.require_ingest_key)
    }

    /// Identifies the caller of an ingest route.
    pub(crate) fn reporter(&self, parts: &Parts, now: Timestamp) -> Caller {
        self.caller(parts, GuessScope::Ingest, now)
    }

    /// Identifies the caller by token or key, without reading cookies.
    pub(crate) fn identify(&self, parts: &Parts, now: Timestamp) -> Caller {
        self.caller(parts, GuessScope::Login, now)
    }

    /// Identifies the caller, accepting a browser session too. Only for routes restricted to administrators: routes
    /// open to anyone read no cookie.
    pub(crate) fn visitor(&self, parts: &Parts, now: Timestamp) -> Caller {
        if let Administrator::Token(token) = &self.administrator
            && self.ended_sessions.holds(token, &parts.headers, now)
            && !self.is_cross_origin(parts)
        {
            let principal = Principal::Administrator;
            let made_by = MadeBy::OwnPage;
            return Caller { principal, made_by, not_local: false, too_many_guesses: false };
        }
        self.identify(parts, now)
    }

    fn caller(&self, parts: &Parts, scope: GuessScope, now: Timestamp) -> Caller {
        let headers = &parts.headers;
        let made_by = self.made_by(parts);
        let cross_origin = made_by == MadeBy::ForeignPage;
        let bearer = text(headers, &AUTHORIZATION).and_then(bearer);
        let secret = bearer.or_else(|| text(headers, &KEY_HEADER)).or_else(|| query_key(&parts.uri));
        let key = secret.and_then(|secret| self.keys.find(secret));
        let token = bearer.and_then(|bearer| self.token(bearer, now)).filter(|_| !cross_origin);
        let mut too_many_guesses = false;
        // Whoever shows a token that is not valid any more is nobody, even where no token is needed.
        let is_void = token.is_none() && bearer.is_some_and(|bearer| bearer.starts_with(TOKEN_PREFIX));
        let (is_administrator, not_local) = match &self.administrator {
            Administrator::Host => (scope == GuessScope::Login, false),
            // Reports are accepted from everywhere, so they do not pay for the check.
            Administrator::Loopback => {
                let is_local = scope == GuessScope::Login && is_local(parts);
                (is_local, !is_local)
            }
            Administrator::Token(hash) => {
                // A valid ingest key, or something that looks like one, is not a guess at the token. Neither is
                // anything sent by a page of another origin: it could not use the token, and must not lock out the
                // browser's owner.
                let is_guess = |word: &&str| {
                    !cross_origin && key.is_none() && token.is_none() && !word.starts_with(KEY_PREFIX)
                };
                let guess = bearer.filter(is_guess);
                let client = guess.and_then(|_| self.address.client(parts));
                let may_try = |scope| guess.is_none() || self.limiter.may_try(scope, client, now);
                let may_try =
                    may_try(GuessScope::Login) && (scope == GuessScope::Login || may_try(GuessScope::Ingest));
                let is_token = may_try && guess.is_some_and(|word| hash.is(word));
                if guess.is_some() && may_try && !is_token {
                    self.limiter.failed(scope, client, now);
                }
                too_many_guesses = !may_try;
                (is_token, false)
            }
        };
        // Who shows a token acts as what it allows, even where they could do without it.
        let principal = match (token, key) {
            (Some(token), _) => {
                self.used_tokens.note(&token, now);
                Principal::Token(token)
            }
            _ if is_administrator && !cross_origin && !is_void => Principal::Administrator,
            (None, Some(key)) => Principal::Client(key),
            (None, None) => Principal::Anonymous,
        };
        Caller { principal, made_by, not_local, too_many_guesses }
    }

    fn token(&self, bearer: &str, now: Timestamp) -> Option<Arc<Token>> {
        let is_one = bearer.starts_with(TOKEN_PREFIX);
        let token = is_one.then(|| self.tokens.find(bearer)).flatten()?;
        token.is_valid(now).then_some(token)
    }

    /// Whether the request was made by a page of another origin.
    pub(crate) fn is_cross_origin(&self, parts: &Parts) -> bool {
        self.made_by(parts) == MadeBy::ForeignPage
    }

    /// Whether a page made the request. Browsers say so; other clients send neither header.
    fn made_by(&self, parts: &Parts) -> MadeBy {
        if let Some(site) = text(&parts.headers, &SEC_FETCH_SITE) {
            let is_own = matches!(site, "same-origin" | "none");
            return if is_own { MadeBy::OwnPage } else { MadeBy::ForeignPage };
        }
        let Some(origin) = parts.headers.get(ORIGIN) else { return MadeBy::Program };
        let Some((origin, authority)) =
            origin.to_str().ok().and_then(|origin| Some((origin, origin.split_once("://")?.1)))
        else {
            return MadeBy::ForeignPage;
        };
        let is_own =
            Some(authority) == host(&parts.headers, &parts.uri) || origin == self.address.origin(parts);
        if is_own { MadeBy::OwnPage } else { MadeBy::ForeignPage }
    }
}

/// As constants, so that no request pays for parsing them.
const KEY_HEADER: HeaderName = HeaderName::from_static("x-log-center-key");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok()
}

/// The token in `Bearer <token>`; the scheme is case-insensitive (RFC 9110, 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The key in `?key=…`, since a beacon cannot set headers. Keys contain only letters, digits and `_`, so nothing is
/// decoded.
fn query_key(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("key="))
}

/// Whether the request comes from this machine, is addressed to it, and shows no sign of a proxy.
fn is_local(parts: &Parts) -> bool {
    const FORWARDING: [&str; 6] =
        ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
        && host(&parts.headers, &parts.uri).is_some_and(names_loopback)
        && !FORWARDING.iter().any(|name| parts.headers.contains_key(*name))
}

/// Whether a `Host` names this machine: `localhost` or a loopback address, with or without a port.
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
        let site = PublicAddress {
            public_url: Some("https://e.example".parse().unwrap()),
            ..PublicAddress::default()
        };
        let access = Access::new(Administrator::Host, false, site);
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
