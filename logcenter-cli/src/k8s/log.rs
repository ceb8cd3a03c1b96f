//! The log of the instance that died.

use super::say;
use super::state::Log;
use futures_util::AsyncReadExt;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use kube::{Api, Error};
use std::time::Duration;

/// Lines that are asked for.
const LINES: i64 = 50;

/// Bytes that are read at most, and of which the end is kept: a line may be huge, and what comes after it is what counts.
const READ: usize = 8 * 1024 * 1024;
const KEPT: usize = 64 * 1024;

/// How long reading may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The end of a container's log; empty if there is none. Says once when logs may not be read.
pub(super) async fn read(
    pods: &Api<Pod>,
    pod: &str,
    container: &str,
    which: Log,
    forbidden: &mut bool,
) -> Vec<u8> {
    let previous = match which {
        Log::None => return Vec::new(),
        Log::Previous => true,
        Log::Current => false,
    };
    let mut answer = read_one(pods, pod, container, previous).await;
    // The instance before is gone already: the current one is the one that died, or the one after it.
    if previous && matches!(&answer, Err(Error::Api(status)) if status.code == 400) {
        answer = read_one(pods, pod, container, false).await;
    }
    match answer {
        Ok(log) if is_excuse(&log) => Vec::new(),
        Ok(log) => log,
        Err(error) => {
            let may_not = matches!(&error, Error::Api(status) if status.code == 403);
            if may_not && !std::mem::replace(forbidden, true) {
                say(
                    "logs may not be read: errors are reported without them. The role needs `get` on pods/log",
                );
            }
            Vec::new()
        }
    }
}

async fn read_one(pods: &Api<Pod>, pod: &str, container: &str, previous: bool) -> Result<Vec<u8>, Error> {
    let params = LogParams {
        container: Some(container.into()),
        previous,
        tail_lines: Some(LINES),
        ..LogParams::default()
    };
    let mut log = Vec::new();
    let read = async {
        let stream = pods.log_stream(pod, &params).await?;
        futures_util::pin_mut!(stream);
        let (mut buffer, mut total) = (vec![0; 64 * 1024], 0);
        while total < READ {
            // What was read before it broke off is better than nothing.
            let Ok(length) = stream.read(&mut buffer).await else { break };
            if length == 0 {
                break;
            }
            total += length;
            log.extend_from_slice(&buffer[..length]);
            let excess = log.len().saturating_sub(KEPT);
            log.drain(..excess);
        }
        Ok(())
    };
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) | Err(_) => Ok(log),
    }
}

/// Whether a log is what the kubelet says, with a 200, instead of one.
fn is_excuse(log: &[u8]) -> bool {
    log.starts_with(b"unable to retrieve container logs for ")
}
