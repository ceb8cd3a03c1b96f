//! Runs a program of the agent's own to its end.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// Bytes that a program may print.
const MOST_BYTES: u64 = 64 << 20;

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Runs a program, with this on its standard input.
///
/// # Errors
/// It cannot be started, or takes too long.
pub(crate) async fn finished(
    mut command: Command,
    stdin: Option<&[u8]>,
    limit: Duration,
) -> Result<Finished, String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
    let pipe = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let write = async {
        if let (Some(mut pipe), Some(text)) = (pipe, stdin) {
            // One that does not want its input to the end says so by its exit code.
            let _ = pipe.write_all(text).await;
        }
    };
    let ended = async {
        let (_, stdout, stderr) = tokio::join!(write, bounded(stdout), bounded(stderr));
        let (stdout, stderr) = (stdout?, stderr?);
        Ok(Finished { status: child.wait().await?, stdout, stderr })
    };
    let ended: io::Result<Finished> = tokio::time::timeout(limit, ended)
        .await
        .map_err(|_| format!("{name} did not end within {} s", limit.as_secs()))?;
    ended.map_err(|error| format!("{name} failed: {error}"))
}

/// Reads to the end, if that comes soon enough.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MOST_BYTES + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > MOST_BYTES { Err(io::Error::other("it printed too much")) } else { Ok(bytes) }
}
