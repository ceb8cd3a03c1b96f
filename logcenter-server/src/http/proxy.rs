//! The server's address as seen from outside: its own, or a proxy's.

use axum::extract::ConnectInfo;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// Public address of the dashboard: `https://errors.example.com`, optionally with a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    path: String,
}

/// Not a valid public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPublicUrl;

impl fmt::Display for InvalidPublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be an http or https address without a query, for example https://errors.example.com",
        )
    }
}

impl std::error::Error for InvalidPublicUrl {}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let uri: Uri = text.parse().map_err(|_| InvalidPublicUrl)?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let (Some(scheme), Some(authority), None) = (scheme, uri.authority(), uri.query()) else {
            return Err(InvalidPublicUrl);
        };
        if authority.as_str().contains('@') || text.contains('#') {
            return Err(InvalidPublicUrl);
        }
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

impl PublicUrl {
    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path, without a trailing slash; empty for the root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// The server's address as clients see it: its own, or a proxy's.
#[derive(Debug, Default)]
pub(crate) struct PublicAddress {
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) trusted_proxies: Vec<IpNet>,
}

impl PublicAddress {
    /// Scheme, host and port under which the client reaches this server.
    pub(crate) fn origin(&self, parts: &Parts) -> String {
        if let Some(url) = &self.public_url {
            return url.origin().to_owned();
        }
        let forwarded = |name| self.is_proxied(parts).then(|| last(&parts.headers, name)).flatten();
        let scheme = forwarded("x-forwarded-proto").filter(|scheme| matches!(*scheme, "http" | "https"));
        let host = forwarded("x-forwarded-host").or_else(|| host(&parts.headers, &parts.uri));
        format!("{}://{}", scheme.unwrap_or("http"), host.unwrap_or("localhost"))
    }

    /// Whether the client uses TLS.
    pub(crate) fn is_secure(&self, parts: &Parts) -> bool {
        self.origin(parts).starts_with("https:")
    }

    /// The client's address: the nearest one that is not a trusted proxy's.
    pub(crate) fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = peer(parts)?;
        if !self.is_trusted(peer) {
            return Some(peer);
        }
        let passed_on =
            parts.headers.get_all("x-forwarded-for").into_iter().filter_map(|value| value.to_str().ok());
        let passed_on: Vec<&str> = passed_on.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut nearest = peer;
        for hop in passed_on.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            nearest = hop.to_canonical();
            if !self.is_trusted(nearest) {
                break;
            }
        }
        Some(nearest)
    }

    fn is_proxied(&self, parts: &Parts) -> bool {
        peer(parts).is_some_and(|peer| self.is_trusted(peer))
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}

fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical())
}

/// The value added by the nearest proxy.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).into_iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim).filter(|value| !value.is_empty())
}

/// The host and port that the request is addressed to.
pub(crate) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok());
    named.or_else(|| uri.authority().map(|authority| authority.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn parts(peer: &str, headers: &[(&str, &str)]) -> Parts {
        let request =
            headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo::<SocketAddr>(format!("{peer}:1").parse().unwrap()));
        parts
    }

    fn address() -> PublicAddress {
        PublicAddress { public_url: None, trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()] }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let said = [
            ("host", "inner:8003"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "errors.example.com"),
            ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.1.1.1"),
        ];
        let (trusted, stranger) = (parts("10.0.0.2", &said), parts("192.0.2.1", &said));
        assert_eq!(address().origin(&trusted), "https://errors.example.com");
        assert_eq!(address().client(&trusted), Some("203.0.113.9".parse().unwrap()));
        assert_eq!(address().origin(&stranger), "http://inner:8003");
        assert_eq!(address().client(&stranger), Some("192.0.2.1".parse().unwrap()));
        let named =
            PublicAddress { public_url: Some("https://e.example/logs/".parse().unwrap()), ..address() };
        assert_eq!(named.origin(&stranger), "https://e.example");
    }

    #[test]
    fn addresses_that_are_none() {
        for text in ["errors.example.com", "ftp://a", "https://u:p@a", "https://a/?b", "https://a/#b", ""] {
            assert_eq!(text.parse::<PublicUrl>(), Err(InvalidPublicUrl), "{text}");
        }
        assert_eq!("https://a:8/x/".parse::<PublicUrl>().unwrap().path(), "/x");
    }
}
