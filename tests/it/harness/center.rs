//! A Log Center in this process: real HTTP, a real store, and a clock that the test controls.

use super::Http;
use super::store::Opened;
use logcenter_core::Timestamp;
use logcenter_server::{Clock, Drain, LogCenter, Store, serve};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::net::TcpListener;

/// 2026-01-02T03:04:05.000Z
const BEGIN: i64 = 1_767_323_045_000;

#[derive(Clone, Copy, Default)]
pub(crate) struct Options {
    pub(crate) admin_token: Option<&'static str>,
    pub(crate) require_ingest_key: bool,
    pub(crate) webhook_secret: Option<&'static str>,
}

pub(crate) struct Center {
    http: Http,
    now: Arc<AtomicI64>,
    options: Options,
    // Lives as long as the test: nothing is recorded without it.
    center: LogCenter,
    opened: Opened,
}

impl Center {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        Self::start_on(super::store::open().await, options, Arc::new(AtomicI64::new(BEGIN))).await
    }

    async fn start_on(opened: Opened, options: Options, now: Arc<AtomicI64>) -> Self {
        let (center, http) = serve_on(Arc::clone(&opened.store), options, &now).await;
        Self { http, now, options, center, opened }
    }

    /// Another Log Center on the same store, as a replica: with its own keys, sessions and listeners.
    pub(crate) async fn replica(&self) -> (LogCenter, Http) {
        serve_on(Arc::clone(&self.opened.store), self.options, &self.now).await
    }

    /// Stops, modifies the store's file, and starts again.
    pub(crate) async fn restart_after(self, damage: impl FnOnce(&Path)) -> Self {
        let Self { now, options, center, opened, .. } = self;
        center.shutdown().await;
        drop(center);
        let opened = opened.reopened_after(damage).await;
        Self::start_on(opened, options, now).await
    }

    /// What the clock says.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    /// Advances the clock.
    pub(crate) fn pass_millis(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// The store's file, if it has one.
    pub(crate) fn file(&self) -> &Path {
        &self.opened.file
    }
}

/// A Log Center on a store, and a client for it.
async fn serve_on(store: Arc<dyn Store>, options: Options, now: &Arc<AtomicI64>) -> (LogCenter, Http) {
    let clock = Clock::new({
        let now = Arc::clone(now);
        move || Timestamp::from_millis(now.load(Ordering::SeqCst))
    });
    let builder =
        LogCenter::builder().shared_store(store).clock(clock).require_ingest_key(options.require_ingest_key);
    let builder = match options.webhook_secret {
        Some(secret) => builder.webhook_secret(secret),
        None => builder,
    };
    let builder = match options.admin_token {
        Some(token) => builder.admin_token(token),
        None => builder.loopback_only(),
    };
    let center = builder.build().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(serve(listener, center.router(), Drain::default()));
    (center, http)
}

impl Deref for Center {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.http
    }
}
