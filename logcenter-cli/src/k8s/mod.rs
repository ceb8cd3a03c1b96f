//! `logcenter k8s`: pods that do not come up, or fall over, come in.
//!
//! A scan lists the pods, tells by their statuses what went wrong ([`state`]), reads the log of the instance that died
//! ([`log`]), and reports each crash under a name of its own, so that seeing the same crash again counts nothing.

mod finding;
mod log;
mod report;
mod scan;
mod state;
mod workload;

use crate::args::{K8s, K8sCommand};
use crate::exit::Failure;
use scan::Said;
use std::time::Duration;

/// Scans once, or again and again.
pub(crate) async fn k8s(args: K8s) -> Result<(), Failure> {
    match args.command {
        K8sCommand::Scan => scan::scan(&args.monitor, &mut Said::default()).await,
        K8sCommand::Watch { every } => watch(&args, Duration::from_secs(every)).await,
    }
}

/// A scan that fails is said, and the next one is made all the same.
#[expect(clippy::disallowed_methods, reason = "scans are made in their own time")]
async fn watch(args: &K8s, every: Duration) -> Result<(), Failure> {
    let stopped = crate::serve::stop_asked_for();
    tokio::pin!(stopped);
    let mut said = Said::default();
    loop {
        let round = async {
            if let Err(failure) = scan::scan(&args.monitor, &mut said).await {
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
