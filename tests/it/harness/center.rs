//! A Log Center in this process: real HTTP, a real file, a clock that the test turns.

use super::Http;
use logcenter_core::Timestamp;
use logcenter_server::{Clock, Drain, LogCenter, Sqlite, serve};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// 2026-01-02T03:04:05.000Z
const BEGIN: i64 = 1_767_323_045_000;

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) admin_token: Option<&'static str>,
    pub(crate) require_ingest_key: bool,
}

pub(crate) struct Center {
    http: Http,
    now: Arc<AtomicI64>,
    // Lives as long as the test: without it nothing is recorded.
    _center: LogCenter,
    folder: TempDir,
}

impl Center {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(BEGIN));
        let clock = Clock::new({
            let now = Arc::clone(&now);
            move || Timestamp::from_millis(now.load(Ordering::SeqCst))
        });
        let builder = LogCenter::builder()
            .store(Sqlite::open(folder.path().join("test.db")).unwrap())
            .clock(clock)
            .require_ingest_key(options.require_ingest_key);
        let builder = match options.admin_token {
            Some(token) => builder.admin_token(token),
            None => builder.loopback_only(),
        };
        let center = builder.build().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
        tokio::spawn(serve(listener, center.router(), Drain::default()));
        Self { http, now, _center: center, folder }
    }

    /// Turns the clock on.
    pub(crate) fn pass_millis(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// A connection of the test's own to the file.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("test.db")).unwrap()
    }
}

impl Deref for Center {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.http
    }
}
