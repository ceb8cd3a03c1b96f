//! What recording and reading cost as issues become more, on both stores: `cargo bench -p logcenter-server --bench growth
//! --features postgres -- --postgres postgres://…`, about ten minutes; without `--postgres`, on SQLite alone. The database
//! must be empty. `--draw FILE` writes the figures as a picture.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints what it measured"
)]

mod browser;
#[path = "growth/chart.rs"]
mod chart;
mod traffic;

use browser::visit;
use chart::{Figure, draw};
use logcenter_server::store::{Batch, BatchId, Store};
use logcenter_server::{LogCenter, Sqlite};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use traffic::{Dice, report_of};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

/// How often each operation is timed.
const REPEATS: u64 = 301;

/// As many reports are recorded in one batch when it is timed.
const BATCH: u64 = 32;

/// What is read, with where a number of an issue stands for `{}`.
const PAGES: [(&str, &str); 4] = [
    ("list", "/issues?sort=count"),
    ("filtered list", "/issues?q=status:NEW+project:project_7+source:runtime"),
    ("search", "/issues?q={}"),
    ("issue page", "/issues/{}"),
];

struct Filled {
    store: Arc<dyn Store>,
    dice: Dice,
    batches: u128,
    issues: u64,
    now: i64,
}

impl Filled {
    /// Records one report each of more issues.
    async fn grow(&mut self, issues: u64) {
        let begin = Instant::now();
        for first in (self.issues..issues).step_by(1000) {
            self.record(first..first + 1000).await;
        }
        self.issues = issues;
        println!("{issues} issues after {:.0} s more", begin.elapsed().as_secs_f64());
    }

    /// Records a batch of reports, one of each issue. Milliseconds.
    async fn record(&mut self, issues: impl Iterator<Item = u64>) -> f64 {
        self.batches += 1;
        let reports: Vec<_> = issues.map(|issue| report_of(issue, issue, &mut self.dice, self.now)).collect();
        let begin = Instant::now();
        self.store.record(BatchId(self.batches), Batch::from(reports).only()).await.expect("recorded");
        begin.elapsed().as_secs_f64() * 1000.0
    }

    async fn measure(&mut self, store: &'static str) -> Vec<Figure> {
        let mut figures = Vec::new();
        let mut times = Vec::new();
        for _ in 0..REPEATS {
            let issues: Vec<u64> = (0..BATCH).map(|_| self.dice.below(self.issues)).collect();
            times.push(self.record(issues.into_iter()).await);
        }
        figures.push(Figure::of("record 32", store, self.issues, times, 0));
        let center = LogCenter::builder().shared_store(self.store.clone()).host_authenticates();
        let router = center.build().await.expect("a centre").router::<()>();
        for (name, path) in PAGES {
            let (mut times, mut bytes) = (Vec::new(), 0);
            for _ in 0..REPEATS {
                let issue = (1 + self.dice.below(self.issues)).to_string();
                let (time, sent) = visit(&router, &path.replace("{}", &issue)).await;
                times.push(time);
                bytes = bytes.max(sent);
            }
            figures.push(Figure::of(name, store, self.issues, times, bytes));
        }
        figures
    }
}

/// Waits until the newest text is found, and at once: all texts are indexed.
async fn wait_until_searchable(store: &Arc<dyn Store>, issues: u64) {
    let center = LogCenter::builder().shared_store(store.clone()).host_authenticates();
    let router = center.build().await.expect("a centre").router::<()>();
    let begin = Instant::now();
    let is_found = |(time, bytes): (f64, usize)| time < 10.0 && bytes > 500;
    while !is_found(visit(&router, &format!("/api/v1/issues?q='{}'", issues - 1)).await) {
        assert!(begin.elapsed().as_secs() < 300, "the newest text is not found at once");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = Sqlite::open(folder.path().join("growth.db")).expect("a database");
        let sqlite: Arc<dyn Store> = Arc::new(sqlite);
        let stores = [("SQLite", Some(sqlite)), ("PostgreSQL", traffic::postgres().await)];
        let stores = stores.into_iter().filter_map(|(name, store)| Some((name, store?)));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
        let mut figures = Vec::new();
        for (name, store) in stores {
            let mut filled = Filled { store, dice: Dice(0x9e37_79b9_7f4a_7c15), batches: 0, issues: 0, now };
            for size in SIZES {
                filled.grow(size).await;
                wait_until_searchable(&filled.store, size).await;
                for figure in filled.measure(name).await {
                    println!("{figure}");
                    figures.push(figure);
                }
            }
            filled.store.close().await.expect("closed");
        }
        if let Some(file) = traffic::option("--draw") {
            std::fs::write(file, draw(&figures)).expect("a picture");
        }
        let missed: Vec<String> =
            figures.iter().filter_map(|figure| figure.grows_too_fast(&figures)).collect();
        assert!(missed.is_empty(), "more than logarithmic: {missed:?}");
    });
}
