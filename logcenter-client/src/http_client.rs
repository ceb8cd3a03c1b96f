//! HTTP and HTTPS requests to a server, wherever the program runs.

use reqwest::{Client, ClientBuilder, Url};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Parses and checks a server's URL.
pub(crate) fn base(url: &str) -> Result<Url, String> {
    let shown = crate::scrub::url(url);
    let base: Url = url.trim().parse().map_err(|error| format!("{shown:?} is no URL: {error}"))?;
    if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
        return Err(format!("{shown:?} must begin with http:// or https://"));
    }
    Ok(base)
}

/// The URL of an API path, below whatever path the server is mounted at.
pub(crate) fn address(base: &Url, path: &str) -> String {
    format!("{}{path}", base.as_str().trim_end_matches('/'))
}

/// Builds a client for `base`. Nothing about it is global: the program may use another TLS provider, or none.
pub(crate) fn build(
    base: &Url,
    settings: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client, String> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls(base.scheme() == "https")?)
        .user_agent(concat!("logcenter/", env!("CARGO_PKG_VERSION")));
    settings(builder).build().map_err(|error| format!("cannot make requests: {error}"))
}

/// The system's certificates, or Mozilla's if the system has none. http needs none, so none are loaded.
fn tls(needed: bool) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| format!("cannot set up TLS: {error}"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
