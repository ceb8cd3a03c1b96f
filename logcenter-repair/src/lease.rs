//! The lease of an issue, kept while the work goes on.

use crate::clock;
use logcenter_client::api::{Api, Error};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Why the work must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Somebody else may have the issue by now.
    Lease,
    /// A person wants it to stop.
    Cancelled,
}

/// A lease that is being renewed until it is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    api: Api,
    pub(crate) issue_id: i64,
    pub(crate) token: String,
    lost: watch::Receiver<Option<Lost>>,
    task: JoinHandle<()>,
}

impl Lease {
    /// Keeps a lease of that many seconds, which began not before `begun`.
    pub(crate) fn keep(
        api: Api,
        issue_id: i64,
        token: String,
        seconds: u32,
        begun: std::time::Instant,
    ) -> Self {
        let (tell, lost) = watch::channel(None);
        let lease = Duration::from_secs(seconds.into());
        let (beating, proof) = (api.clone(), token.clone());
        let task = tokio::spawn(async move {
            let mut renewed = begun;
            loop {
                clock::pause(lease / 8).await;
                let asked = clock::now();
                let beat = tokio::time::timeout(lease / 4, beating.heartbeat(issue_id, &proof)).await;
                let lost = match beat {
                    Ok(Ok(answer)) => {
                        renewed = asked;
                        answer.cancel.then_some(Lost::Cancelled)
                    }
                    Ok(Err(error)) if is_final(&error) => Some(Lost::Lease),
                    // The server may come back in time.
                    _ => None,
                };
                let is_late = clock::now().duration_since(renewed) > lease / 2;
                if let Some(lost) = lost.or(is_late.then_some(Lost::Lease)) {
                    // Nobody listens any more if the work has just ended.
                    let _ = tell.send(Some(lost));
                    return;
                }
            }
        });
        Self { api, issue_id, token, lost, task }
    }

    /// Waits until the work must stop.
    pub(crate) async fn lost(&self) -> Lost {
        let mut lost = self.lost.clone();
        let found = lost.wait_for(Option::is_some).await.ok().and_then(|lost| *lost);
        found.unwrap_or(Lost::Lease)
    }

    /// Asks the server, now, whether the work may go on.
    ///
    /// # Errors
    /// Why it must stop.
    pub(crate) async fn check(&self) -> Result<(), Lost> {
        loop {
            match self.api.heartbeat(self.issue_id, &self.token).await {
                Ok(answer) if answer.cancel => return Err(Lost::Cancelled),
                Ok(_) => return Ok(()),
                Err(error) if is_final(&error) || self.lost.borrow().is_some() => return Err(Lost::Lease),
                // The server may come back in time.
                Err(_) => clock::pause(Duration::from_secs(1)).await,
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether the server has said that there is no such lease, rather than nothing.
pub(crate) fn is_final(error: &Error) -> bool {
    matches!(error, Error::Refused(problem) if problem.status < 500 && problem.status != 429)
}
