//! Relies on what it chose: the one provider of `rustls` in its features, a `reqwest` without TLS, JSON objects that are
//! sorted. Prints what came of it.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    #[cfg(feature = "logcenter")]
    let _guard = {
        let guard =
            logcenter_client::init(logcenter_client::Config::from_env().app(logcenter_client::app_info!()));
        logcenter_panic::install();
        guard
    };
    let tls = rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty());
    println!("tls: {} suites", tls.with_no_client_auth().crypto_provider().cipher_suites.len());

    let url = std::env::args().nth(1).expect("the URL of a page");
    let client = reqwest::Client::new();
    println!("http: {}", client.get(url).send().await.expect("a response").status());

    println!("json: {}", serde_json::json!({"b": 1, "a": 2}));
    #[cfg(feature = "logcenter")]
    logcenter_client::message(logcenter_client::Level::Error, "the host works").send();
}
