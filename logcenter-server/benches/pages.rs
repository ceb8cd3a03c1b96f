//! The dashboard's pages with 100,000 issues and a million events over thirty days: `cargo bench -p logcenter-server
//! --bench pages`, about two minutes.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints what it measured"
)]

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use logcenter_core::{Report, Timestamp};
use logcenter_server::domain::ReceivedReport;
use logcenter_server::store::{BatchId, Reports};
use logcenter_server::{LogCenter, Sqlite};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tower::ServiceExt;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const ISSUES: u64 = 100_000;
const EVENTS: u64 = 1_000_000;
const PROJECTS: u64 = 40;
const THIRTY_DAYS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Time limit for a page, in milliseconds.
const LIMIT: f64 = 30.0;

/// Pseudorandom numbers (Marsaglia, Xorshift RNGs).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// An event of an issue. A few issues have most of the events.
fn received(n: u64, dice: &mut Dice, now: i64) -> ReceivedReport {
    let issue =
        if n < ISSUES { n } else { dice.below(ISSUES).min(dice.below(ISSUES)).min(dice.below(ISSUES)) };
    let source = ["runtime", "runtime", "runtime", "cicd", "deployment"][(issue % 5) as usize];
    let environment = if n % 50_000 == 7 { "canary" } else { ["production", "staging"][(n % 2) as usize] };
    let level = ["ERROR", "WARNING", "CRITICAL"][(issue % 3) as usize];
    let at = Timestamp::from_millis(now - dice.below(THIRTY_DAYS) as i64);
    let stack: Vec<String> =
        (0..20).map(|frame| format!("shop::module_{frame}::call at src/module_{frame}.rs:{issue}")).collect();
    let body = serde_json::json!({
        "project_id": format!("project_{}", issue % PROJECTS),
        "environment": environment,
        "level": level,
        "source": source,
        "timestamp": at.to_string(),
        "error": {"type": "ValueError", "message": format!("invalid literal for int() with base 10: '{issue}'"),
            "file_path": "apps/users/views.py", "line_number": issue, "stack_trace": stack},
        "context": {"url": "/api/users/123", "method": "GET", "job_name": issue.to_string(), "namespace": issue.to_string()},
    });
    let report = Report::from_json(body.to_string().as_bytes()).expect("a report");
    ReceivedReport { report, received_at: Timestamp::from_millis(now), trusted: false }
}

async fn fill(store: &Sqlite, now: i64) {
    let begin = Instant::now();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut n = 0;
    while n < EVENTS {
        let batch: Vec<ReceivedReport> = (n..n + 1000).map(|n| received(n, &mut dice, now)).collect();
        store.record(BatchId(n as u128 + 1), Box::new(move || batch.into())).await.expect("recorded");
        n += 1000;
    }
    println!("{ISSUES} issues, {EVENTS} events recorded in {:.0} s", begin.elapsed().as_secs_f64());
}

/// Waits until the writer, now idle, has indexed every text.
fn wait_until_searchable(path: &Path) {
    let begin = Instant::now();
    let file = rusqlite::Connection::open(path).expect("the database");
    let missing = "SELECT (SELECT max(id) FROM events) - event FROM indexed_up_to";
    while file.query_row(missing, [], |row| row.get::<_, i64>(0)).expect("a number") > 0 {
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("all texts are found after {:.1} s", begin.elapsed().as_secs_f64());
}

/// Milliseconds until the page is complete, and its size in bytes as sent.
async fn visit(router: &Router, path: &str) -> (f64, usize) {
    let request = Request::get(path).header("host", "localhost").header("accept-encoding", "gzip");
    let request = request.body(Body::empty()).expect("a request");
    let begin = Instant::now();
    let answer = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let bytes = answer.into_body().collect().await.expect("a page").to_bytes().len();
    (begin.elapsed().as_secs_f64() * 1000.0, bytes)
}

fn main() {
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis() as i64;
        let path = folder.path().join("pages.db");
        let store = Sqlite::open(&path).expect("a database");
        fill(&store, now).await;
        wait_until_searchable(&path);
        let center = LogCenter::builder().store(store).host_authenticates().build().await.expect("a centre");
        let router = center.router::<()>();
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
        assert!(!missed, "a page took longer than {LIMIT} ms");
    });
}
