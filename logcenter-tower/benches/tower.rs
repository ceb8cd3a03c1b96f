//! Measures what the layer costs a request, compared with its peers: `cargo bench -p logcenter-tower`. It starts its
//! own helper processes with `-- serve …`.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark reads the time, prints, and ends when something is wrong"
)]

#[path = "tower/failure.rs"]
mod failure;
#[path = "tower/saturation.rs"]
mod saturation;
#[path = "tower/success.rs"]
mod success;

use logcenter_client::{Config, Guard, app_info, flush, init};
use std::sync::Arc;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: logcenter_measure::Counting = logcenter_measure::Counting;

/// A client that does everything but send.
fn client() -> Guard {
    init(Config::new("http://127.0.0.1:9", "bench").app(app_info!()).before_send(|_| false))
}

/// Waits until the worker has processed the queue.
fn drained() {
    assert!(flush(Duration::from_secs(10)), "the worker does not keep up");
}

/// A sentry client whose transport drops everything.
fn sentry_client() -> sentry::ClientInitGuard {
    struct Drops;
    impl sentry::Transport for Drops {
        fn send_envelope(&self, envelope: sentry::Envelope) {
            std::hint::black_box(envelope);
        }
    }
    let mut options = sentry::ClientOptions::default();
    options.dsn = Some("http://key@127.0.0.1:9/1".parse().unwrap());
    options.transport =
        Some(Arc::new(|_: &sentry::ClientOptions| Arc::new(Drops) as Arc<dyn sentry::Transport>));
    sentry::init(options)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "serve") {
        return saturation::serve(args.get(at + 1).map(String::as_str));
    }
    success::run();
    failure::run();
    saturation::run();
}
