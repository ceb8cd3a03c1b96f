//! Connects to the database.

use super::connect_error::ConnectError;
use super::{Postgres, PostgresOptions, Shared, migrate};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a caller waits for a connection; after that the database counts as unavailable.
const WAIT: Duration = Duration::from_secs(5);

/// Batches that are recorded at the same time. A second one would wait for the rows of the first, and be smaller for it.
const RECORDED_AT_ONCE: usize = 1;

/// Connections that write.
const WRITERS: usize = 4;

/// How many shards of `project_hours` replicas choose from.
const SHARDS: i64 = 16;

/// What every connection is told: nothing waits for ever, and nothing is left open by a client that is gone.
const SETTINGS: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '20s'; SET client_min_messages = 'warning'";

impl Postgres {
    /// Connects with the default settings, and creates or migrates the tables.
    ///
    /// The address is a URL or a connection string of PostgreSQL, which may name several hosts:
    /// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING>. As there, `sslmode=prefer` (the default)
    /// and `require` encrypt without looking at the certificate; `verify-full` verifies it by the system's roots.
    ///
    /// # Errors
    /// [`ConnectError`] if the address is invalid, the database cannot be reached, or was written by a later version.
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        Self::connect_with(address, PostgresOptions::default()).await
    }

    /// Connects, and creates or migrates the tables.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_with(address: &str, options: PostgresOptions) -> Result<Self, ConnectError> {
        let (config, verifies) = read(address)?;
        let tls = MakeRustlsConnect::new(tls(verifies)?);
        let writers = pool(config.clone(), tls.clone(), WRITERS)?;
        let readers = pool(config, tls, options.readers.max(1))?;
        migrate::up(&writers).await?;
        let shard = getrandom::u32().map_or(0, |number| i64::from(number) % SHARDS);
        let kept_events = i64::from(options.kept_events.max(1));
        let recording = Semaphore::new(RECORDED_AT_ONCE);
        let (counted, announcing) = (Mutex::new(HashMap::new()), AtomicBool::new(false));
        Ok(Self {
            shared: Arc::new(Shared { readers, writers, kept_events, shard, recording, counted, announcing }),
        })
    }
}

fn pool(config: Config, tls: MakeRustlsConnect, connections: usize) -> Result<Pool, ConnectError> {
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let set = Hook::async_fn(|client, _| {
        Box::pin(async move { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
    });
    Pool::builder(Manager::from_config(config, tls, manager))
        .max_size(connections)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .post_create(set)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| ConnectError::Unreachable(error.to_string()))
}

/// Reads an address; returns also whether the server's certificate is verified.
fn read(address: &str) -> Result<(Config, bool), ConnectError> {
    let verifies = address.contains("sslmode=verify-full");
    let address = address.replace("sslmode=verify-full", "sslmode=require");
    let mut config: Config = address
        .parse()
        .map_err(|error: tokio_postgres::Error| ConnectError::Address(super::fault::described(&error)))?;
    if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_application_name().is_none() {
        config.application_name("logcenter");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(WAIT);
    }
    config.keepalives_idle(Duration::from_secs(15)).tcp_user_timeout(Duration::from_secs(30));
    if verifies {
        config.ssl_mode(SslMode::Require);
    }
    Ok((config, verifies))
}

fn tls(verifies: bool) -> Result<ClientConfig, ConnectError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Unreachable(error.to_string()))?;
    if !verifies {
        let any = Arc::new(AnyCertificate(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Accepts any certificate, as PostgreSQL's clients do unless they are told to verify it.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
