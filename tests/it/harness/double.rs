//! Misbehaving servers, and one that records reports.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A server that accepts connections and never responds.
pub(crate) async fn black_hole() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    address
}

/// A server that responds to every request with this status, and counts the requests.
pub(crate) async fn always(status: u16) -> (String, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let app = Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        StatusCode::from_u16(status).unwrap()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, requests)
}

/// An address at which nothing listens.
pub(crate) fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A server that accepts every report, and keeps its body, but for the time at which it was sent, and its `Authorization`
/// header.
pub(crate) async fn recorder() -> (String, Arc<Mutex<Vec<(Value, String)>>>) {
    let kept: Arc<Mutex<Vec<(Value, String)>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let take = move |headers: HeaderMap, body: Bytes| async move {
        let key = headers.get("authorization").map_or("", |key| key.to_str().unwrap()).to_owned();
        let mut report: Value = serde_json::from_slice(&body).unwrap();
        let sent_at = report.as_object_mut().unwrap().remove("sent_at");
        assert!(sent_at.is_some_and(|at| at.as_str().unwrap().ends_with('Z')), "{report}");
        keep.lock().unwrap().push((report, key));
        r#"{"message":"Log reported","id":7}"#
    };
    let app = Router::new().route("/api/v1/logs/report", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, kept)
}
