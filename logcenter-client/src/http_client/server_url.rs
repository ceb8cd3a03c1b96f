//! The URL of a server, below which its API lies.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use std::fmt;

/// A server's URL. It may have a path, where the server is mounted, and a user and password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    /// Scheme, host, port and path, with a slash at its end.
    text: String,
    uri: Uri,
    user_info: Option<String>,
}

impl ServerUrl {
    /// Parses and checks a URL.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let shown = crate::scrub::url(url);
        let wrong = || format!("{shown:?} is no URL: it must begin with http:// or https://");
        let (scheme, rest) = url.trim().split_once("://").ok_or_else(wrong)?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(&*scheme, "http" | "https") {
            return Err(wrong());
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user_info, host) = match authority.rsplit_once('@') {
            Some((user_info, host)) => (Some(user_info.to_owned()), host),
            None => (None, authority),
        };
        let text = format!("{scheme}://{}{}/", host.to_ascii_lowercase(), path.trim_end_matches('/'));
        let uri: Uri = text.parse().map_err(|error| format!("{shown:?} is no URL: {error}"))?;
        if uri.host().is_none_or(str::is_empty) || host.ends_with(':') || host.is_empty() {
            return Err(format!("{shown:?} is no URL: it names no host"));
        }
        Ok(Self { text, uri, user_info })
    }

    /// The URL as text, without user and password.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(crate) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&http::uri::Scheme::HTTPS)
    }

    /// The address of an API path, which begins with a slash, below wherever the server is mounted.
    pub(super) fn join(&self, path: &str) -> Result<Uri, String> {
        let text = format!("{}{path}", self.text.trim_end_matches('/'));
        text.parse().map_err(|error| format!("{text:?} is no URL: {error}"))
    }

    /// The value of an `Authorization` header for the URL's user and password (RFC 7617).
    pub(super) fn basic_auth(&self) -> Option<String> {
        let user_info = self.user_info.as_ref()?;
        let decoded: Vec<u8> = percent_encoding::percent_decode_str(user_info).collect();
        Some(format!("Basic {}", BASE64_STANDARD.encode(decoded)))
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::ServerUrl;

    #[test]
    fn urls_of_servers_are_read_as_people_write_them() {
        for (url, path, expected) in [
            ("http://localhost:8002", "/api", "http://localhost:8002/api"),
            (" http://localhost:8002/ ", "/api", "http://localhost:8002/api"),
            ("HTTPS://Logs.Example.com/below/it//", "/api?q=1", "https://logs.example.com/below/it/api?q=1"),
            ("http://[::1]:8002", "/api", "http://[::1]:8002/api"),
            ("http://user:p%40ss@host/?x=1#y", "/api", "http://host/api"),
        ] {
            let url = ServerUrl::parse(url).unwrap();
            assert_eq!(url.join(path).unwrap().to_string(), expected);
        }
        let with_user = ServerUrl::parse("http://user:p%40ss@host").unwrap();
        assert_eq!(with_user.basic_auth().unwrap(), "Basic dXNlcjpwQHNz");
        assert_eq!(ServerUrl::parse("http://host").unwrap().basic_auth(), None);
        for url in ["", "localhost:8002", "ftp://host", "http://", "http://:80", "http://host:", "http://a b"]
        {
            assert!(ServerUrl::parse(url).is_err(), "{url}");
        }
    }
}
