//! Runs a program of the agent's own to its end.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

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
    let write = async {
        if let (Some(mut pipe), Some(text)) = (pipe, stdin) {
            // One that does not want its input to the end says so by its exit code.
            let _ = pipe.write_all(text).await;
        }
    };
    let ended = async { tokio::join!(write, child.wait_with_output()).1 };
    let output = tokio::time::timeout(limit, ended)
        .await
        .map_err(|_| format!("{name} did not end within {} s", limit.as_secs()))?
        .map_err(|error| format!("{name} failed: {error}"))?;
    Ok(Finished { status: output.status, stdout: output.stdout, stderr: output.stderr })
}
