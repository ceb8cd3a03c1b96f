//! `https://` works without anything to choose.

use crate::harness::Center;
use crate::harness::program::{built, command};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use tempfile::{TempDir, tempdir};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A proxy that speaks TLS, in front of a server.
struct Front {
    url: String,
    certificate: PathBuf,
    _folder: TempDir,
}

async fn front(center: &Center) -> Front {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".into()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let to = center.base.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                // A client that trusts nobody ends the handshake.
                let Ok(mut inside) = acceptor.accept(tcp).await else { return };
                let mut outside = TcpStream::connect(to).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            });
        }
    });
    let folder = tempdir().unwrap();
    let certificate = folder.path().join("certificate.pem");
    std::fs::write(&certificate, cert.pem()).unwrap();
    Front { url, certificate, _folder: folder }
}

async fn run(front: &Front, trusts: bool) -> Output {
    let mut program = command(&built("worker-with-panic-hook"), &front.url);
    if trusts {
        program.env("SSL_CERT_FILE", &front.certificate);
    }
    tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn reports_arrive_through_tls_if_the_certificate_is_trusted() {
    let center = Center::start().await;
    let front = front(&center).await;
    run(&front, false).await;
    assert_eq!(center.issues("").await.len(), 0, "an unknown certificate was trusted");
    run(&front, true).await;
    assert!(!center.issues("").await.is_empty());
}
