//! TLS that a host does not notice: no feature of `rustls` that selects a provider is enabled, and none is installed.

use http::Uri;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// Trusts the system's certificates, or Mozilla's if the system has none.
pub(super) fn connector() -> Result<TlsConnector, String> {
    let provider = provider().ok_or(
        "https needs a TLS provider that this build does not have for this processor: enable the feature `ring` of \
         logcenter-client",
    )?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| format!("cannot set up TLS: {error}"))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()).into())
}

/// The host of a URL, as a certificate names it.
pub(super) fn server_name(url: &Uri) -> Result<ServerName<'static>, String> {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    ServerName::try_from(host.to_owned()).map_err(|error| format!("{host:?} cannot be checked: {error}"))
}

/// The provider that the program installed, or else one of this crate's features.
fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default().cloned().or_else(ring).or_else(graviola)
}

#[cfg(feature = "ring")]
fn ring() -> Option<Arc<CryptoProvider>> {
    Some(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(feature = "ring"))]
fn ring() -> Option<Arc<CryptoProvider>> {
    None
}

#[cfg(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn graviola() -> Option<Arc<CryptoProvider>> {
    is_supported().then(|| Arc::new(rustls_graviola::default_provider()))
}

#[cfg(not(all(feature = "graviola", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn graviola() -> Option<Arc<CryptoProvider>> {
    None
}

/// Whether this processor has the instructions that graviola panics without.
#[cfg(all(feature = "graviola", target_arch = "x86_64"))]
fn is_supported() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("aes")
        && has!("pclmulqdq")
        && has!("ssse3")
        && has!("adx")
        && has!("avx")
        && has!("avx2")
        && has!("bmi1")
        && has!("bmi2")
}

/// Whether this processor has the instructions that graviola panics without.
#[cfg(all(feature = "graviola", target_arch = "aarch64"))]
fn is_supported() -> bool {
    use std::arch::is_aarch64_feature_detected as has;
    has!("neon") && has!("aes") && has!("pmull") && has!("sha2")
}
