//! The dashboard's pages with 100,000 issues and a million events over thirty days: `cargo bench -p logcenter-server
//! --bench pages`, about two minutes; with `--features postgres -- --postgres postgres://…` (an empty database) on that store.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints what it measured"
)]

mod browser;
mod traffic;

use axum::Router;
use browser::visit;
use logcenter_server::domain::ReceivedReport;
use logcenter_server::store::{Batch, BatchId, Store};
use logcenter_server::{LogCenter, Sqlite};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use traffic::{Dice, report_of};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const ISSUES: u64 = 100_000;
const EVENTS: u64 = 1_000_000;

/// Time limit for a page, in milliseconds.
const LIMIT: f64 = 30.0;

/// An event of an issue. A few issues have most of the events.
fn received(n: u64, dice: &mut Dice, now: i64) -> ReceivedReport {
    let issue =
        if n < ISSUES { n } else { dice.below(ISSUES).min(dice.below(ISSUES)).min(dice.below(ISSUES)) };
    report_of(issue, n, dice, now)
}

async fn fill(store: &Arc<dyn Store>, now: i64) {
    let begin = Instant::now();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut n = 0;
    while n < EVENTS {
        let batch: Vec<ReceivedReport> = (n..n + 1000).map(|n| received(n, &mut dice, now)).collect();
        store.record(BatchId(n as u128 + 1), Batch::from(batch).only()).await.expect("recorded");
        n += 1000;
    }
    println!("{ISSUES} issues, {EVENTS} events recorded in {:.0} s", begin.elapsed().as_secs_f64());
}

/// Waits until every text is found.
async fn wait_until_searchable(router: &Router) {
    let begin = Instant::now();
    while visit(router, &format!("/api/v1/issues?q='{}'", ISSUES - 1)).await.1 < 500 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("all texts are found after {:.1} s", begin.elapsed().as_secs_f64());
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let missed = match traffic::postgres().await {
            Some(postgres) => look("PostgreSQL", postgres).await,
            None => {
                let sqlite = Sqlite::open(folder.path().join("pages.db")).expect("a database");
                look("SQLite", Arc::new(sqlite)).await
            }
        };
        assert!(!missed, "a page took longer than {LIMIT} ms");
    });
}

/// Fills a store and looks at every page. Whether one took too long.
async fn look(name: &str, store: Arc<dyn Store>) -> bool {
    println!("\n{name}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
    fill(&store, now).await;
    let center =
        LogCenter::builder().shared_store(store).host_authenticates().build().await.expect("a centre");
    let router = center.router::<()>();
    wait_until_searchable(&router).await;
    let mut missed = false;
    for path in [
        "/",
        "/issues",
        "/issues?q=status:NEW+project:project_7+source:runtime",
        "/issues?sort=count",
        "/issues?sort=count&q=status:FIXED",
        "/issues?sort=first_seen&q=project:project_7+level:CRITICAL",
        "/issues?q=views.py",
        "/issues?q=98765",
        "/issues?q=invalid+literal+for+int()+with+base+10:+'54321'",
        "/issues?q=nowhere+to+be+found",
        "/issues?q=%E8%B6%85%E6%97%B6",
        "/issues?q=env:canary",
        "/issues?q=env:nowhere",
        "/issues?q=status:FIXED+env:staging+literal",
        "/issues?q=is:open+since:24h+-env:staging+invalid+literal",
        "/issues?q=is:regressed",
        "/issues?q=version:9.9.9",
        "/issues?q=file:nowhere.py+-level:ERROR",
        "/issues?q=count:%3E1000000+first:30d",
        "/issues/1",
        "/issues/99999",
        "/issues/1?event=2",
        "/projects",
        "/projects/project_7",
        "/connect",
    ] {
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..31 {
            let (time, sent) = visit(&router, path).await;
            times.push(time);
            bytes = sent;
        }
        times.sort_by(f64::total_cmp);
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        missed |= median > LIMIT;
        let verdict = if median <= LIMIT { "ok" } else { "MISSED" };
        println!(
            "{path:<56} {median:>6.1} ms (worst {worst:>6.1}, limit {LIMIT:.0}: {verdict})  {:>5.1} KB",
            bytes as f64 / 1024.0
        );
    }
    center.shutdown().await;
    missed
}
