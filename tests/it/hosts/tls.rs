//! A host that relies on its own choice of a TLS provider.

use crate::harness::program::run;
use crate::harness::{Center, host};

#[tokio::test]
async fn a_host_with_its_own_rustls_and_reqwest_works_as_without_us() {
    let center = Center::start().await;
    let page = format!("{}/healthz", center.base);
    let mut said = Vec::new();
    for features in ["", "logcenter"] {
        let (base, page) = (center.base.clone(), page.clone());
        let output = tokio::task::spawn_blocking(move || {
            run(&host::built("tls-host", "dev", features), &base, &[&page])
        });
        let output = output.await.unwrap();
        assert!(output.status.success(), "with {features:?}: {output:?}");
        said.push(String::from_utf8(output.stdout).unwrap());
    }
    assert_eq!(said[0], said[1]);
    assert!(said[0].ends_with("http: 200 OK\njson: {\"a\":2,\"b\":1}\n"), "{}", said[0]);
    assert_eq!(center.issues("").await[0]["error"]["message"], "the host works");
}
