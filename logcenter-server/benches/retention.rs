//! What recording costs while what is old is removed: `cargo bench -p logcenter-server --bench retention --features postgres
//! -- --postgres postgres://…`, about four minutes; without `--postgres`, on SQLite alone. The database must be empty.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints what it measured"
)]

mod traffic;

use logcenter_core::{Status, Timestamp};
use logcenter_server::domain::{Actor, Change, IssueId, Override};
use logcenter_server::store::{Batch, BatchId, Store};
use logcenter_server::{Clock, LogCenter, Retention, Sqlite};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use traffic::{Dice, report_of};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const ISSUES: u64 = 10_000;

/// Hours in which each of them is counted.
const HOURS: u64 = 30;

/// Issues that were closed, and are emptied.
const CLOSED: u64 = 2000;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// Reports in a batch that is timed.
const BATCH: u64 = 32;

const WINDOW: Duration = Duration::from_secs(10);

/// How often both are measured, in turns.
const ROUNDS: usize = 5;

/// By how much the 99th percentile may be larger.
const LIMIT: f64 = 1.2;

struct Bench {
    store: Arc<dyn Store>,
    dice: Dice,
    batches: u128,
    now: i64,
}

impl Bench {
    async fn record(&mut self, issues: impl Iterator<Item = u64>, at: i64) -> f64 {
        self.batches += 1;
        let reports: Vec<_> = issues
            .map(|issue| {
                let mut received = report_of(issue, issue, &mut self.dice, at);
                received.received_at = Timestamp::from_millis(at);
                received.report.timestamp = None;
                received
            })
            .collect();
        let begin = Instant::now();
        self.store.record(BatchId(self.batches), Batch::from(reports).only()).await.expect("recorded");
        begin.elapsed().as_secs_f64() * 1000.0
    }

    /// Issues of sixty days ago, counted in many hours, some of them closed.
    async fn fill(&mut self) {
        let begin = Instant::now();
        for hour in 0..HOURS {
            let at = self.now - 60 * DAY + hour.cast_signed() * HOUR;
            for first in (0..ISSUES).step_by(1000) {
                self.record(first..first + 1000, at).await;
            }
        }
        for id in 1..=CLOSED {
            let closed =
                Change { overriding: Override::Force, ..Change::to(Status::Deployed, Actor::person(None)) };
            let at = Timestamp::from_millis(self.now - 58 * DAY);
            self.store.change_status(IssueId(id.cast_signed()), closed, None, at).await.expect("closed");
        }
        println!("{ISSUES} issues, each in {HOURS} hours, after {:.0} s", begin.elapsed().as_secs_f64());
    }

    /// The 99th percentile of a batch, in milliseconds.
    async fn window(&mut self) -> f64 {
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < WINDOW {
            let issues: Vec<u64> = (0..BATCH).map(|_| CLOSED + self.dice.below(ISSUES - CLOSED)).collect();
            let now = self.now;
            times.push(self.record(issues.into_iter(), now).await);
        }
        times.sort_by(f64::total_cmp);
        times[times.len() * 99 / 100]
    }

    /// The same in a server for which it is this time, and whose retention passes over everything.
    async fn window_at(&mut self, now: i64) -> f64 {
        let retention = Retention { issues_millis: Some(30 * DAY), ..Retention::default() };
        let clock = Clock::new(move || Timestamp::from_millis(now));
        let center = LogCenter::builder().shared_store(self.store.clone()).host_authenticates();
        let center = center.retention(retention).clock(clock).build().await.expect("a centre");
        let p99 = self.window().await;
        drop(center);
        p99
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Whether the retention is in the way.
async fn measure(name: &str, store: Arc<dyn Store>) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    let mut bench = Bench { store, dice: Dice(0x9e37_79b9_7f4a_7c15), batches: 0, now };
    bench.fill().await;
    // Then, nothing was old.
    let before = now - 60 * DAY;
    bench.window_at(before).await;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(bench.window_at(before).await);
        with.push(bench.window_at(now).await);
    }
    let (without, with) = (median(without), median(with));
    let verdict = if with <= without * LIMIT { "ok" } else { "MISSED" };
    println!(
        "{name}: p99 of a batch {without:.2} ms, beside retention {with:.2} ms, {:.2} times (limit {LIMIT}: {verdict})",
        with / without
    );
    with > without * LIMIT
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = Sqlite::open(folder.path().join("retention.db")).expect("a database");
        let mut missed = measure("SQLite", Arc::new(sqlite)).await;
        if let Some(postgres) = traffic::postgres().await {
            missed |= measure("PostgreSQL", postgres).await;
        }
        assert!(!missed, "retention is in the way of reports");
    });
}
