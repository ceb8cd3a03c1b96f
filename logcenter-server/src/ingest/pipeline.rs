//! A bounded queue, and the one task that empties it: what waits while a batch is committed is the next batch.

use crate::clock::Stopwatch;
use crate::domain::{Arrival, Outcome};
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

/// Submissions that may wait.
const QUEUE: usize = 4096;

/// Reports that go into one transaction, unless a single submission has more.
const BATCH: usize = 512;

/// Bytes of bodies that may be in memory, from before one is read until it is answered.
const BODY_BYTES: usize = 64 * 1024 * 1024;

/// Why a report was not taken. Nothing was stored.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Too much at once.
    Overload,
    /// The server stops.
    Stopping,
    /// The store failed.
    Store(StoreError),
}

/// Where the outcomes of a submission go.
type Reply = oneshot::Sender<Result<Vec<Outcome>, Refusal>>;

struct Submission {
    arrivals: Vec<Arrival>,
    reply: Reply,
}

/// Where reports go in.
#[derive(Clone)]
pub(crate) struct Intake {
    queue: mpsc::Sender<Submission>,
    bytes: Arc<Semaphore>,
}

/// The intake and the task behind it.
pub(crate) struct Pipeline {
    stop: Arc<tokio::sync::Notify>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Intake {
    /// Reserves memory for a body of this many bytes; it is free again when the permit is dropped.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::Overload)?;
        Arc::clone(&self.bytes).try_acquire_many_owned(bytes).map_err(|_| Refusal::Overload)
    }

    /// Records the reports and says what became of each, once that is durable.
    pub(crate) async fn submit(&self, arrivals: Vec<Arrival>) -> Result<Vec<Outcome>, Refusal> {
        let (reply, outcome) = oneshot::channel();
        self.queue.try_send(Submission { arrivals, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Overload,
            mpsc::error::TrySendError::Closed(_) => Refusal::Stopping,
        })?;
        outcome.await.unwrap_or(Err(Refusal::Stopping))
    }
}

impl Pipeline {
    /// Starts the task on the current runtime.
    pub(crate) fn start(store: Arc<dyn Store>, metrics: Arc<Metrics>) -> (Intake, Self) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let stop = Arc::new(tokio::sync::Notify::new());
        let task = tokio::spawn(run(store, metrics, waiting, Arc::clone(&stop)));
        let intake = Intake { queue, bytes: Arc::new(Semaphore::new(BODY_BYTES)) };
        (intake, Self { stop, task: tokio::sync::Mutex::new(Some(task)) })
    }

    /// Takes no more reports; what was accepted is still recorded.
    pub(crate) fn refuse(&self) {
        self.stop.notify_one();
    }

    /// Waits until what was accepted is recorded.
    pub(crate) async fn finish(&self) {
        self.refuse();
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

async fn run(
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    mut waiting: mpsc::Receiver<Submission>,
    stop: Arc<tokio::sync::Notify>,
) {
    loop {
        let first = tokio::select! {
            biased;
            () = stop.notified(), if !waiting.is_closed() => {
                waiting.close();
                continue;
            }
            first = waiting.recv() => first,
        };
        let Some(first) = first else { return };
        let (mut arrivals, mut replies) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(mut submission) = next {
            replies.push((submission.arrivals.len(), submission.reply));
            arrivals.append(&mut submission.arrivals);
            next = if arrivals.len() < BATCH { waiting.try_recv().ok() } else { None };
        }
        let size = arrivals.len();
        let watch = Stopwatch::start();
        let recorded = store.record(arrivals).await;
        metrics.batch(size, watch.seconds(), recorded.as_deref().ok());
        answer(replies, recorded);
    }
}

/// Hands each submission its share of the outcomes.
fn answer(replies: Vec<(usize, Reply)>, recorded: Result<Vec<Outcome>, StoreError>) {
    let mut outcomes = match recorded {
        Ok(outcomes) => outcomes.into_iter(),
        Err(error) => {
            tracing::error!(%error, reports = replies.len(), "reports could not be recorded; their clients were told");
            for (_, reply) in replies {
                let _ = reply.send(Err(Refusal::Store(error.clone())));
            }
            return;
        }
    };
    for (share, reply) in replies {
        let _ = reply.send(Ok(outcomes.by_ref().take(share).collect()));
    }
}
