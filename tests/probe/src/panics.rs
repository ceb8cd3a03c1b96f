//! Panics, caught and not.

use logcenter_client::{init, message};
use std::thread;

/// A panic that ends a thread nobody waits for.
pub fn caught() {
    let _guard = crate::start();
    logcenter_panic::install();
    logcenter_panic::install();
    let thread = thread::spawn(|| {
        let list: Vec<u8> = Vec::new();
        list[std::hint::black_box(7)] // reported: caught
    });
    let _ = thread.join();
}

/// A panic that ends the program.
pub fn in_main() {
    let _guard = crate::start();
    logcenter_panic::install();
    panic!("the end"); // reported: in_main
}

/// A second panic while the first unwinds: the process aborts.
pub fn in_drop() {
    struct Falls;
    impl Drop for Falls {
        fn drop(&mut self) {
            panic!("in drop"); // reported: in_drop
        }
    }
    let _guard = crate::start();
    logcenter_panic::install();
    let _falls = Falls;
    panic!("first"); // reported: before_drop
}

/// A panic while a thread's locals are destroyed: the process aborts.
pub fn in_thread_local() {
    struct Falls;
    impl Drop for Falls {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    thread_local!(static FALLS: Falls = const { Falls });
    let _guard = crate::start();
    logcenter_panic::install();
    let thread = thread::spawn(|| FALLS.with(|_| ()));
    let _ = thread.join();
}

/// A panic on the worker thread, in the program's own code.
pub fn in_before_send() {
    let _guard = init(crate::config().before_send(|report| {
        report.message = "spoilt".into();
        panic!("in before_send")
    }));
    logcenter_panic::install();
    message(logcenter_client::Level::Error, "first").send();
    message(logcenter_client::Level::Error, "second").send();
}

/// A handler that logs why it is about to panic.
pub fn logged_before() {
    use axum::{Router, body::Body, http::Request, routing::get};
    use tower::ServiceExt;
    use tracing_subscriber::prelude::*;

    async fn fails() -> &'static str {
        tracing::error!("the pool is exhausted");
        panic!("no connection") // reported: logged_before
    }
    let _guard = crate::start();
    logcenter_panic::install();
    tracing_subscriber::registry().with(logcenter_panic::layer()).init();
    let app: Router =
        Router::new().route("/orders", get(fails)).layer(logcenter_tower::LogCenterLayer::new());
    let request = Request::get("/orders").body(Body::empty()).expect("a request");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let answer =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(app.oneshot(request))));
    assert!(answer.is_err());
}
