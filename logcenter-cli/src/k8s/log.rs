//! Reads the logs of instances that died.

use super::state::Log;
use crate::output::say;
use futures_util::AsyncReadExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use kube::{Api, Error};
use std::sync::Once;
use std::time::Duration;
use tokio::time::Instant;

/// Number of lines requested.
const LINES: i64 = 50;

/// Maximum bytes read, and bytes kept from the end: a line may be huge, and what comes after it is what counts.
const READ: usize = 8 * 1024 * 1024;
const KEPT: usize = 64 * 1024;

/// How long one log may take, and all logs of a scan: a node that is gone must not hold up the other reports.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_WITH_ALL: Duration = Duration::from_secs(60);

/// Reads logs during one scan.
pub(super) struct Logs<'a> {
    pods: &'a Api<Pod>,
    until: Instant,
    forbidden: Once,
    late: Once,
}

impl<'a> Logs<'a> {
    /// Creates a reader for the logs of these pods.
    pub(super) fn of(pods: &'a Api<Pod>) -> Self {
        Self { pods, until: Instant::now() + PATIENCE_WITH_ALL, forbidden: Once::new(), late: Once::new() }
    }

    /// The end of a container's log; empty if there is none. Says once if logs may not be read or take too long.
    pub(super) async fn read(&self, pod: &str, container: &str, which: Log) -> Vec<u8> {
        let previous = match which {
            Log::None => return Vec::new(),
            Log::Previous => true,
            Log::Current => false,
        };
        let mut log = Vec::new();
        let until = self.until.min(Instant::now() + PATIENCE);
        match tokio::time::timeout_at(until, self.read_into(&mut log, pod, container, previous)).await {
            Ok(Err(Error::Api(status))) if status.code == 403 => self.forbidden.call_once(|| {
                say("logs may not be read: errors are reported without them. The role needs `get` on pods/log");
            }),
            // The instance's log or its node may be gone; the status says what happened anyway.
            Ok(_) => {}
            Err(_) => self.late.call_once(|| say("logs take too long: some errors are reported without them")),
        }
        if is_kubelet_error(&log) { Vec::new() } else { log }
    }

    async fn read_into(
        &self,
        log: &mut Vec<u8>,
        pod: &str,
        container: &str,
        previous: bool,
    ) -> Result<(), Error> {
        let params = LogParams {
            container: Some(container.into()),
            previous,
            tail_lines: Some(LINES),
            ..LogParams::default()
        };
        let stream = self.pods.log_stream(pod, &params).await?;
        futures_util::pin_mut!(stream);
        let (mut buffer, mut total) = (vec![0; 64 * 1024], 0);
        while total < READ {
            // What was read before the stream broke off is better than nothing.
            let Ok(length @ 1..) = stream.read(&mut buffer).await else { break };
            total += length;
            log.extend_from_slice(&buffer[..length]);
            let excess = log.len().saturating_sub(KEPT);
            log.drain(..excess);
        }
        Ok(())
    }
}

/// Whether a log is really an error message that the kubelet sent with a 200.
fn is_kubelet_error(log: &[u8]) -> bool {
    log.starts_with(b"unable to retrieve container logs for ")
}
