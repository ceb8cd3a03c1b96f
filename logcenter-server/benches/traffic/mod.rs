//! Issues as services report them, and where to.

use logcenter_core::{Report, Timestamp};
use logcenter_server::domain::ReceivedReport;
use logcenter_server::store::Store;
use std::sync::Arc;

const PROJECTS: u64 = 40;
const THIRTY_DAYS: u64 = 30 * 24 * 60 * 60 * 1000;

/// Pseudorandom numbers (Marsaglia, Xorshift RNGs).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A report of an issue, at some time in the last thirty days.
pub(crate) fn report_of(issue: u64, n: u64, dice: &mut Dice, now: i64) -> ReceivedReport {
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

/// The other store, if there is a database for it.
pub(crate) async fn postgres() -> Option<Arc<dyn Store>> {
    let address = option("--postgres")?;
    #[cfg(feature = "postgres")]
    return Some(Arc::new(logcenter_server::Postgres::connect(&address).await.expect("a database")));
    #[cfg(not(feature = "postgres"))]
    panic!("{address} needs --features postgres");
}

/// The value after an option.
pub(crate) fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
