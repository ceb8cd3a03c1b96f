//! What every page needs: the reader's language, and the addresses of the server.

use crate::access::Administrator;
use crate::dashboard::ui::assets;
use crate::dashboard::ui::badge::{Badge, Left, Severity, When};
use crate::dashboard::ui::language::{Catalogue, Language};
use crate::http::prefix::prefix;
use crate::state::{SharedState, State as Shared};
use askama::filters::Safe;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use logcenter_core::{Level, Source, Status, Timestamp};
use std::borrow::Borrow;
use std::convert::Infallible;

/// The environment of a page.
pub(crate) struct Ui {
    pub(crate) language: Language,
    catalogue: &'static Catalogue,
    /// The path the router is mounted under: empty, or without a trailing slash.
    pub(crate) base: String,
    /// This page, to return to: path and query below the base.
    pub(crate) here: String,
    /// Scheme, host, port and base under which the reader sees the dashboard.
    pub(crate) address: String,
    /// Where clients find the API.
    pub(crate) api: String,
    pub(crate) secure: bool,
    /// Whether reports require an ingest key.
    pub(crate) needs_key: bool,
    /// Whether there are sessions to sign out of.
    pub(crate) can_sign_out: bool,
    pub(crate) now: Timestamp,
}

impl Ui {
    pub(crate) fn of(state: &Shared, parts: &Parts) -> Self {
        let site = &state.access.address;
        let base = site.public_url.as_ref().map_or_else(|| prefix(parts), |url| url.path().to_owned());
        let address = format!("{}{base}", site.origin(parts));
        let language = Language::of(&parts.headers);
        Self {
            language,
            catalogue: language.catalogue(),
            here: here(parts),
            api: state.api_url.as_deref().map_or_else(|| address.clone(), |url| reachable(url, &address)),
            address,
            base,
            secure: site.is_secure(parts),
            needs_key: state.access.require_ingest_key,
            can_sign_out: matches!(state.access.administrator, Administrator::Token(_)),
            now: state.clock.now(),
        }
    }

    /// A text in the reader's language.
    pub(crate) fn t(&self, key: &str) -> &'static str {
        self.catalogue.text(key)
    }

    /// A text in the reader's language, with its `{}` replaced.
    pub(crate) fn with(&self, key: &str, value: impl std::fmt::Display) -> String {
        self.t(key).replacen("{}", &value.to_string(), 1)
    }

    /// The address of a page.
    pub(crate) fn link(&self, path: &str) -> String {
        // A host that nests the router serves the prefix without a trailing slash, but not always with one.
        let path = if path == "/" && !self.base.is_empty() { "" } else { path };
        format!("{}{path}", self.base)
    }

    /// The API documentation: beside the dashboard, or wherever the API is.
    pub(crate) fn docs(&self) -> String {
        if self.api == self.address { self.link("/docs") } else { format!("{}/docs", self.api) }
    }

    /// The address of an asset; it changes with the asset.
    pub(crate) fn asset(&self, file: &str) -> String {
        format!("{}/assets/{file}?{}", self.base, assets::version(file))
    }

    pub(crate) fn when(&self, at: impl Borrow<Timestamp>) -> Safe<When> {
        Safe(When { at: *at.borrow() })
    }

    /// The time that is left until then, which the page's script counts down.
    pub(crate) fn left(&self, until: impl Borrow<Timestamp>) -> Safe<Left> {
        Safe(Left { until: When { at: *until.borrow() }, text: self.t("repair.left") })
    }

    pub(crate) fn status(&self, status: impl Borrow<Status>) -> Safe<Badge> {
        let status = *status.borrow();
        Safe(Badge {
            class: format!("status {status}"),
            word: self.status_name(&status),
            title: status.as_str(),
        })
    }

    pub(crate) fn status_name(&self, status: &Status) -> &'static str {
        self.t(&format!("status.{status}"))
    }

    pub(crate) fn source_name(&self, source: &Source) -> &'static str {
        self.t(&format!("source.{source}"))
    }

    /// What a button says that sets a status.
    pub(crate) fn verb(&self, from: &Status, to: &Status) -> &'static str {
        if *to == Status::New && from.is_open() {
            return self.t("change.back");
        }
        self.t(&format!("verb.{to}"))
    }

    pub(crate) fn severity(&self, level: impl Borrow<Level>) -> Safe<Severity> {
        Safe(Severity { level: *level.borrow() })
    }

    pub(crate) fn level(&self, level: impl Borrow<Level>) -> Safe<Badge> {
        let level = *level.borrow();
        Safe(Badge { class: format!("level {level}"), word: level.as_str(), title: self.t("issue.level") })
    }

    pub(crate) fn source(&self, source: impl Borrow<Source>) -> Safe<Badge> {
        let source = *source.borrow();
        Safe(Badge {
            class: format!("source {source}"),
            word: self.source_name(&source),
            title: source.as_str(),
        })
    }

    /// A number with its digits grouped.
    pub(crate) fn number(&self, number: impl Borrow<i64>) -> String {
        let number = *number.borrow();
        let digits = number.unsigned_abs().to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        if number < 0 { format!("-{grouped}") } else { grouped }
    }
}

/// The page that a request belongs to; for a form, the page that contains it.
fn here(parts: &Parts) -> String {
    if parts.method == Method::GET {
        return parts.uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string);
    }
    let path = parts.uri.path();
    let actions = ["/status", "/bulk", "/keys/delete", "/keys"];
    actions.iter().find_map(|action| path.strip_suffix(action)).unwrap_or(path).to_owned()
}

/// The API's address for the reader: a server that listens on every address is reached at the dashboard's host.
fn reachable(url: &str, dashboard: &str) -> String {
    let everywhere = ["http://0.0.0.0:", "http://[::]:"];
    let Some(port) = everywhere.iter().find_map(|start| url.strip_prefix(start)) else { return url.into() };
    let authority = dashboard.split_once("://").map_or(dashboard, |(_, authority)| authority);
    let authority = authority.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    // Whatever is in front of the dashboard, this port speaks plain HTTP.
    format!("http://{host}:{port}")
}

impl FromRequestParts<SharedState> for Ui {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, Infallible> {
        Ok(Self::of(state, parts))
    }
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn an_address_of_every_interface_is_that_of_the_dashboard() {
        let rows = [
            ("http://127.0.0.1:8002", "http://127.0.0.1:8003", "http://127.0.0.1:8002"),
            ("http://0.0.0.0:8002", "http://10.0.0.7:8003/x", "http://10.0.0.7:8002"),
            ("http://[::]:8002", "https://errors.example.com", "http://errors.example.com:8002"),
        ];
        for (url, dashboard, expected) in rows {
            assert_eq!(reachable(url, dashboard), expected);
        }
    }
}
