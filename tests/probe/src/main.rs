//! Programs that fail: `probe SCENARIO`. Each reports to `LOG_CENTER_URL`; the tests say what must arrive.

#![expect(
    clippy::disallowed_methods,
    clippy::needless_question_mark,
    clippy::redundant_closure,
    reason = "what it tests is what people write"
)]

mod panics;
mod repaired;
mod table;
mod traps;

use logcenter_client::{Config, Guard, Stacks, app_info, init};
use std::time::Duration;

/// Starts as a program would, configured by the test's environment variables.
fn start() -> Guard {
    init(config())
}

fn config() -> Config {
    let variable = |name: &str| std::env::var(name).ok();
    let mut config = Config::from_env().app(app_info!()).project("probe");
    if let Some(folder) = variable("PROBE_SPOOL") {
        config = config.spool(folder, 16 * 1024 * 1024);
    }
    if let Some(stacks) = variable("PROBE_STACKS") {
        config = config.stacks(if stacks == "never" { Stacks::Never } else { Stacks::Always });
    }
    if let Some(millis) = variable("PROBE_TIMEOUT") {
        config = config.shutdown_timeout(Duration::from_millis(millis.parse().expect("a number")));
    }
    config
}

fn main() {
    let mut args = std::env::args().skip(1);
    let scenario = args.next().unwrap_or_default();
    if scenario == "repaired" {
        return repaired::fail(&args.next().unwrap_or_default());
    }
    let number = args.next().map_or(0, |text| text.parse().expect("a number"));
    match &*scenario {
        "table" => table::table(),
        "panic" => panics::caught(),
        "panic-after-log" => panics::logged_before(),
        "panic-in-main" => panics::in_main(),
        "panic-in-drop" => panics::in_drop(),
        "panic-in-thread-local" => panics::in_thread_local(),
        "panic-in-before-send" => panics::in_before_send(),
        "errors" => traps::errors(number),
        "nothing" => drop(start()),
        "trace-loop" => traps::trace_loop(),
        "logging-debug" => traps::logging_debug(),
        "huge" => traps::huge(),
        "secrets" => traps::secrets(),
        "fork" => traps::fork(),
        "flood" => traps::flood(number),
        "storm" => traps::storm(number),
        "outage" => traps::outage(),
        "doctor" => println!("{}", logcenter_client::doctor()),
        other => panic!("no scenario {other:?}"),
    }
}
