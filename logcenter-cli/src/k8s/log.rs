//! The logs of the instances that died.

use super::state::Log;
use crate::output::say;
use futures_util::AsyncReadExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use kube::{Api, Error};
use std::sync::Once;
use std::time::Duration;
use tokio::time::Instant;

/// Lines that are asked for.
const LINES: i64 = 50;

/// Bytes that are read at most, and of which the end is kept: a line may be huge, and what comes after it is what counts.
const READ: usize = 8 * 1024 * 1024;
const KEPT: usize = 64 * 1024;

/// How long reading one may take, and all of a scan: a node that is gone must not keep back what the others say.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_WITH_ALL: Duration = Duration::from_secs(60);

/// Reads logs, for the time of one scan.
pub(super) struct Logs<'a> {
    pods: &'a Api<Pod>,
    until: Instant,
    forbidden: Once,
    late: Once,
}

impl<'a> Logs<'a> {
    /// Those of these pods.
    pub(super) fn of(pods: &'a Api<Pod>) -> Self {
        Self { pods, until: Instant::now() + PATIENCE_WITH_ALL, forbidden: Once::new(), late: Once::new() }
    }

    /// The end of a container's log; empty if there is none. Says once when logs may not be read, or take too long.
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
            // The instance's log may be gone, or its node: the status tells what happened all the same.
            Ok(_) => {}
            Err(_) => self.late.call_once(|| say("logs take too long: some errors are reported without them")),
        }
        if is_excuse(&log) { Vec::new() } else { log }
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
            // What was read before it broke off is better than nothing.
            let Ok(length @ 1..) = stream.read(&mut buffer).await else { break };
            total += length;
            log.extend_from_slice(&buffer[..length]);
            let excess = log.len().saturating_sub(KEPT);
            log.drain(..excess);
        }
        Ok(())
    }
}

/// Whether a log is what the kubelet says, with a 200, instead of one.
fn is_excuse(log: &[u8]) -> bool {
    log.starts_with(b"unable to retrieve container logs for ")
}
