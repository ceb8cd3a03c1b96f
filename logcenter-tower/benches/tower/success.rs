//! A request that succeeds.

use axum::body::Body;
use http::{Request, Response};
use logcenter_measure::{Variant, compare, limit};
use logcenter_tower::LogCenterLayer;
use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tower::{Layer, Service, service_fn};

/// A request with the headers that a browser sends.
fn request() -> Request<Body> {
    let mut request = Request::get("/users/7?page=2").body(Body::empty()).unwrap();
    let headers = [
        ("host", "shop.example.com"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        ("accept-language", "en-US,en;q=0.5"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("connection", "keep-alive"),
        ("cookie", "session=abcdef0123456789"),
        ("upgrade-insecure-requests", "1"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-mode", "navigate"),
        ("x-request-id", "01J9ZQ4X7K3M5N8P2R6T"),
        ("priority", "u=0, i"),
    ];
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

/// Responds at once, and returns the request for reuse.
async fn handler(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    std::hint::black_box(&request);
    SPARE.set(Some(request));
    Ok(Response::new(Body::empty()))
}

thread_local!(static SPARE: std::cell::Cell<Option<Request<Body>>> = const { std::cell::Cell::new(None) });

fn call<S: Service<Request<Body>, Response = Response<B>>, B>(service: &mut S) {
    let request = SPARE.take().unwrap();
    let future = pin!(service.call(request));
    let polled = future.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok(_))));
}

pub(crate) fn run() {
    SPARE.set(Some(request()));
    let bare = service_fn(handler);
    let mut disabled = LogCenterLayer::new().layer(bare);
    let error = "x".parse::<u8>().unwrap_err();
    let off = compare(
        "Without a client",
        15,
        200_000,
        &mut [
            Variant::new("nothing", || {
                std::hint::black_box(&error);
            }),
            Variant::new("logcenter_client::capture", || {
                logcenter_client::capture(std::hint::black_box(&error)).send();
            }),
        ],
    );
    limit("capture without a client, ns", off[1].nanos, 5.0);
    compare(
        "A request that succeeds, without a client",
        15,
        100_000,
        &mut [
            Variant::new("bare service", {
                let mut bare = bare;
                move || call(&mut bare)
            }),
            Variant::new("logcenter-tower", || call(&mut disabled)),
        ],
    );

    let _guard = crate::client();
    let _sentry = crate::sentry_client();
    let mut ours = LogCenterLayer::new().layer(bare);
    let mut trace = tower_http::trace::TraceLayer::new_for_http().layer(bare);
    let hub = sentry::integrations::tower::NewSentryLayer::<Request<Body>>::new_from_top();
    let mut sentry = hub.layer(sentry::integrations::tower::SentryHttpLayer::new().layer(bare));
    let costs = compare(
        "A request that succeeds",
        15,
        100_000,
        &mut [
            Variant::new("bare service", {
                let mut bare = bare;
                move || call(&mut bare)
            }),
            Variant::new("logcenter-tower", || call(&mut ours)),
            Variant::new("tower-http TraceLayer, no subscriber", || call(&mut trace)),
            Variant::new("sentry-tower, hub and http layers", || call(&mut sentry)),
        ],
    );
    limit("logcenter-tower, ns", costs[1].nanos, 50.0);
    limit("logcenter-tower, allocations", costs[1].allocations, 0.0);
    limit("logcenter-tower to sentry-tower", costs[1].nanos / costs[3].nanos, 1.0 / 20.0);
}
