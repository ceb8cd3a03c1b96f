//! Measures what the hook adds to a caught panic, compared with its peer: `cargo bench -p logcenter-panic`.
#![expect(clippy::unwrap_used, reason = "a benchmark ends when something is wrong")]

use logcenter_client::{Config, app_info, flush, init};
use logcenter_measure::{Variant, compare, limit};
use std::panic::{catch_unwind, set_hook, take_hook};
use std::sync::Arc;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: logcenter_measure::Counting = logcenter_measure::Counting;

/// Panics at some call depth, as real programs do.
#[inline(never)]
fn fall(depth: u32) -> u32 {
    if depth == 0 {
        panic!("something is wrong with {}", std::hint::black_box("order 7"));
    }
    std::hint::black_box(fall(depth - 1) + 1)
}

/// A hook that replaces the process's hook when its turn comes.
type Hook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync>;

/// The hook that `install` installs.
fn hook_of(install: impl FnOnce()) -> Hook {
    set_hook(Box::new(|_| ()));
    install();
    take_hook()
}

fn main() {
    // Does everything but send.
    let _guard = init(Config::new("http://127.0.0.1:9", "bench").app(app_info!()).before_send(|_| false));
    struct Serialises;
    impl sentry::Transport for Serialises {
        fn send_envelope(&self, envelope: sentry::Envelope) {
            let mut bytes = Vec::new();
            envelope.to_writer(&mut bytes).unwrap();
            std::hint::black_box(bytes);
        }
    }
    let ours = Arc::new(hook_of(logcenter_panic::install));
    let mut sentry_guard = None;
    let sentry = Arc::new(hook_of(|| {
        let mut options = sentry::ClientOptions::default();
        options.dsn = Some("http://key@127.0.0.1:9/1".parse().unwrap());
        options.transport =
            Some(Arc::new(|_: &sentry::ClientOptions| Arc::new(Serialises) as Arc<dyn sentry::Transport>));
        sentry_guard = Some(sentry::init(options));
    }));

    // Each variant sets its hook, which costs the same for all of them.
    let with = |hook: Option<&Arc<Hook>>| {
        let hook = hook.cloned();
        move || {
            match &hook {
                None => set_hook(Box::new(|_| ())),
                Some(hook) => {
                    let hook = Arc::clone(hook);
                    set_hook(Box::new(move |info| hook(info)));
                }
            }
            assert!(catch_unwind(|| fall(20)).is_err());
        }
    };
    let drained = || assert!(flush(Duration::from_secs(10)), "the worker does not keep up");
    let costs = compare(
        "A panic that is caught",
        40,
        200,
        &mut [
            Variant::new("an empty hook", with(None)),
            Variant::new("logcenter-panic", with(Some(&ours))).resting(drained),
            Variant::new("sentry-panic, serialising", with(Some(&sentry))),
        ],
    );
    limit("logcenter-panic, µs", costs[1].nanos / 1000.0, 25.0);
    limit("logcenter-panic to sentry-panic", costs[1].nanos / costs[2].nanos, 1.0 / 15.0);
    drop(sentry_guard);
}
