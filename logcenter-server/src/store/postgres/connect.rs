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

/// Connections that write something else.
const WRITERS: usize = 3;

/// How many shards of `project_hours` replicas choose from.
const SHARDS: u64 = 16;

/// How long a connection may be idle before TCP asks whether the other side is there, unless the address says otherwise.
const IDLE: Duration = Duration::from_secs(15);

/// What every connection is told: nothing waits for ever, nothing is left open by a client that is gone, and nothing that
/// takes milliseconds is compiled first, or waits for processes to start that share it.
const SETTINGS: &str = "SET statement_timeout = '10s'; SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '5s'; SET client_min_messages = 'warning'; SET jit = off;
    SET max_parallel_workers_per_gather = 0;";

/// Plans that do not depend on the values: for statements that always find their rows by key, planning each anew costs more
/// than running it. A table that was empty when such a plan was made is searched by its indexes all the same.
const PLANNED_ONCE: &str =
    "SET plan_cache_mode = 'force_generic_plan'; SET enable_seqscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off";

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
        let writers = pool(config.clone(), tls.clone(), WRITERS, "")?;
        let recorders = pool(config.clone(), tls.clone(), RECORDED_AT_ONCE, PLANNED_ONCE)?;
        let readers = pool(config, tls, options.readers.max(1), "")?;
        migrate::up(&writers).await?;
        migrate::is_whole(&writers).await?;
        let random = || getrandom::u64().map_err(|error| ConnectError::Unreachable(error.to_string()));
        let (replica, shard) = (random()?.cast_signed(), (random()? % SHARDS).cast_signed());
        let kept_events = i64::from(options.kept_events.max(1));
        let recording = Semaphore::new(RECORDED_AT_ONCE);
        let (counted, announcing) = (Mutex::new(HashMap::new()), AtomicBool::new(false));
        Ok(Self {
            shared: Arc::new(Shared {
                readers,
                writers,
                recorders,
                kept_events,
                replica,
                shard,
                recording,
                turns: Mutex::default(),
                in_doubt: Mutex::default(),
                counted,
                announcing,
            }),
        })
    }
}

/// A single connection to a database with its tables, which others may use, too.
#[cfg(feature = "sqlite")]
pub(in crate::store) async fn alone(address: &str) -> Result<tokio_postgres::Client, ConnectError> {
    let (config, verifies) = read(address)?;
    let tls = MakeRustlsConnect::new(tls(verifies)?);
    let pool = pool(config.clone(), tls.clone(), 1, "")?;
    migrate::up(&pool).await?;
    pool.close();
    let unreachable =
        |error: tokio_postgres::Error| ConnectError::Unreachable(super::fault::described(&error));
    let (client, connection) = config.connect(tls).await.map_err(unreachable)?;
    // It ends with the client; whoever uses that is told what went wrong.
    tokio::spawn(connection);
    Ok(client)
}

fn pool(
    config: Config,
    tls: MakeRustlsConnect,
    connections: usize,
    planning: &str,
) -> Result<Pool, ConnectError> {
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let settings: Arc<str> = format!("{SETTINGS} {planning}").into();
    // The pool's own limit does not include this.
    let set = Hook::async_fn(move |client, _| {
        let settings = Arc::clone(&settings);
        Box::pin(async move {
            match tokio::time::timeout(WAIT, client.batch_execute(&settings)).await {
                Ok(set) => set.map_err(HookError::Backend),
                Err(_) => Err(HookError::message("the database does not answer")),
            }
        })
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
    let required = verifying(address);
    let verifies = required.is_some();
    // What is wrong may be a piece of the password, so it is not shown.
    let address = required.as_deref().unwrap_or(address);
    let mut config: Config = address.parse().map_err(|_| ConnectError::Address)?;
    if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_application_name().is_none() {
        config.application_name("logcenter");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(WAIT);
    }
    if !address.contains("keepalives_idle") {
        config.keepalives_idle(IDLE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(2 * IDLE);
    }
    if verifies {
        config.ssl_mode(SslMode::Require);
    }
    Ok((config, verifies))
}

/// The address with `sslmode=require`, if it says `verify-full`, which the driver does not know.
fn verifying(address: &str) -> Option<String> {
    address.match_indices("sslmode").find_map(|(at, name)| {
        let value = address[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let rest = value.strip_prefix('\'').unwrap_or(value).strip_prefix("verify-full")?;
        let rest = rest.strip_prefix('\'').unwrap_or(rest);
        Some(format!("{}sslmode=require{rest}", &address[..at]))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_postgresql_does() {
        for (address, verifies) in [
            ("postgres://u:p@h/d", false),
            ("postgres://u:p@h/d?sslmode=verify-full&connect_timeout=3", true),
            ("host=h user=u sslmode = verify-full", true),
            ("host=h sslmode='verify-full' user=u", true),
            ("host=h sslmode=require", false),
        ] {
            assert_eq!(read(address).unwrap().1, verifies, "{address}");
        }
        let (config, _) = read("host=a,b keepalives_idle=60 tcp_user_timeout=7").unwrap();
        assert_eq!(config.get_keepalives_idle(), Duration::from_secs(60));
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn no_piece_of_a_password_is_shown() {
        for address in ["host=h password=pass word", "postgres://u:p@h:word/d", "word"] {
            let said = read(address).unwrap_err().to_string();
            assert!(!said.contains("word"), "{said}");
        }
    }
}
