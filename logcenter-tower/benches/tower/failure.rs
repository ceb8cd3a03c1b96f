//! A request that fails with an error that knows its line, measured on the request's thread.

use axum::body::Body;
use axum::response::IntoResponse;
use http::{Request, Response};
use logcenter_client::Stacks;
use logcenter_measure::{Variant, compare, limit};
use logcenter_tower::LogCenterLayer;
use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Waker};
use tower::{Layer, Service, service_fn};

fn broken() -> Result<u8, std::num::ParseIntError> {
    std::hint::black_box("x").parse()
}

async fn plain(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let error = broken().unwrap_err();
    std::hint::black_box(&error);
    Ok((http::StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response())
}

async fn located(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    fn fails() -> logcenter_tower::Result<u8> {
        Ok(broken()?)
    }
    Ok(fails().unwrap_err().into_response())
}

/// An error of the client's making: noted by its `?`, and forgotten when the request is answered with 404.
async fn noted(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    struct NotFound;
    impl From<std::num::ParseIntError> for NotFound {
        #[track_caller]
        fn from(error: std::num::ParseIntError) -> Self {
            logcenter_tower::note(&error);
            Self
        }
    }
    fn fails() -> Result<u8, NotFound> {
        Ok(broken()?)
    }
    std::hint::black_box(fails().is_err());
    Ok(http::StatusCode::NOT_FOUND.into_response())
}

async fn not_noted(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    std::hint::black_box(broken().is_err());
    Ok(http::StatusCode::NOT_FOUND.into_response())
}

async fn captured(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    sentry::capture_error(&broken().unwrap_err());
    Ok((http::StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response())
}

fn call<S: Service<Request<Body>>>(service: &mut S) {
    let request = Request::get("/users/7?page=2").body(Body::empty()).unwrap();
    let future = pin!(service.call(request));
    assert!(future.poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

pub(crate) fn run() {
    for (stacks, title) in [
        (Stacks::Panics, "A request that fails with a located error, no stack"),
        (Stacks::Always, "The same, and every error with a raw stack"),
    ] {
        let _guard = logcenter_client::init(
            logcenter_client::Config::new("http://127.0.0.1:9", "bench")
                .stacks(stacks)
                .before_send(|_| false),
        );
        let _sentry = crate::sentry_client();
        let mut bare = service_fn(plain);
        let mut ours = LogCenterLayer::new().layer(service_fn(located));
        let hub = sentry::integrations::tower::NewSentryLayer::<Request<Body>>::new_from_top();
        let mut sentry =
            hub.layer(sentry::integrations::tower::SentryHttpLayer::new().layer(service_fn(captured)));
        // Fewer than the queue holds, so that every incident is really handed over.
        let costs = compare(
            title,
            60,
            400,
            &mut [
                Variant::new("bare service that answers 500", || call(&mut bare)),
                Variant::new("logcenter-tower", || call(&mut ours)).resting(crate::drained),
                Variant::new("sentry::capture_error without a stack, both layers", || call(&mut sentry)),
            ],
        );
        let mut watched = LogCenterLayer::new().layer(service_fn(not_noted));
        let mut noting = LogCenterLayer::new().layer(service_fn(noted));
        let notes = compare(
            "A request that notes an error and succeeds all the same",
            60,
            400,
            &mut [
                Variant::new("logcenter-tower, nothing noted", || call(&mut watched)),
                Variant::new("logcenter-tower, one error noted", || call(&mut noting)),
            ],
        );
        if stacks == Stacks::Panics {
            limit("noting an error, ns", notes[1].nanos - notes[0].nanos, 500.0);
            limit("logcenter-tower, ns", costs[1].nanos, 1500.0);
            limit("logcenter-tower to sentry", costs[1].nanos / costs[2].nanos, 1.0 / 8.0);
        } else {
            limit("logcenter-tower with a raw stack, ns", costs[1].nanos, 10_000.0);
        }
    }
}
