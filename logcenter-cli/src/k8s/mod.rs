//! `logcenter k8s`: reports pods that fail to start or crash.
//!
//! A scan lists the pods, derives from their statuses what went wrong ([`state`]), reads the log of the instance that
//! died ([`log`]), and reports each crash with its own event ID, so that a crash that is seen again is not counted
//! again.

mod args;
mod finding;
mod log;
mod report;
mod scan;
mod state;
mod workload;

use crate::exit::Failure;
pub(crate) use args::K8s;
use args::K8sCommand;
use scan::Printed;
use std::time::Duration;

/// Scans once or continuously.
pub(crate) async fn k8s(args: K8s) -> Result<(), Failure> {
    match args.command {
        K8sCommand::Scan => scan::scan(&args.monitor, &mut Printed::default()).await,
        K8sCommand::Watch { every } => watch(&args, Duration::from_secs(every)).await,
    }
}

/// A failed scan is printed, and the next one is made anyway.
#[expect(clippy::disallowed_methods, reason = "scans are made in their own time")]
async fn watch(args: &K8s, every: Duration) -> Result<(), Failure> {
    let stopped = crate::serve::shutdown_signal();
    tokio::pin!(stopped);
    let mut printed = Printed::default();
    loop {
        let round = async {
            if let Err(failure) = scan::scan(&args.monitor, &mut printed).await {
                let _ = failure.report();
            }
            tokio::time::sleep(every).await;
        };
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            () = round => {}
        }
    }
}
