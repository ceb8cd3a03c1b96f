//! A bounded queue, and the one task that sees to it that it is emptied: what gathers while one batch is committed is the
//! next batch.

use crate::clock::Stopwatch;
use crate::domain::{Arrival, Outcome};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;

/// Submissions that may wait.
const QUEUE: usize = 4096;

/// Reports that go into one transaction, unless a single submission has more.
const BATCH: usize = 512;

/// Batches that are under way: one that is written, and one that is gathered the moment the store is ready for it.
const IN_FLIGHT: usize = 2;

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

/// For each submission of a batch how many reports it has, and where their outcomes go.
type Replies = Vec<(usize, Reply)>;

struct Submission {
    arrivals: Vec<Arrival>,
    reply: Reply,
}

/// What waits, and whether more may come.
#[derive(Default)]
struct Waiting {
    submissions: VecDeque<Submission>,
    closed: bool,
}

struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
    bytes: Arc<Semaphore>,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a batch.
    fn gather(&self) -> (Vec<Arrival>, Replies) {
        let mut waiting = self.waiting();
        let (mut arrivals, mut replies) = (Vec::new(), Vec::new());
        while arrivals.len() < BATCH
            && let Some(mut submission) = waiting.submissions.pop_front()
        {
            replies.push((submission.arrivals.len(), submission.reply));
            arrivals.append(&mut submission.arrivals);
        }
        (arrivals, replies)
    }
}

/// Where reports go in.
#[derive(Clone)]
pub(crate) struct Intake(Arc<Queue>);

/// The intake and the task behind it.
pub(crate) struct Pipeline {
    queue: Arc<Queue>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Intake {
    /// Reserves memory for a body of this many bytes; it is free again when the permit is dropped.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let bytes = u32::try_from(bytes).map_err(|_| Refusal::Overload)?;
        Arc::clone(&self.0.bytes).try_acquire_many_owned(bytes).map_err(|_| Refusal::Overload)
    }

    /// Records the reports and says what became of each, once that is durable.
    pub(crate) async fn submit(&self, arrivals: Vec<Arrival>) -> Result<Vec<Outcome>, Refusal> {
        let (reply, outcome) = oneshot::channel();
        {
            let mut waiting = self.0.waiting();
            if waiting.closed {
                return Err(Refusal::Stopping);
            }
            if waiting.submissions.len() >= QUEUE {
                return Err(Refusal::Overload);
            }
            waiting.submissions.push_back(Submission { arrivals, reply });
        }
        self.0.changed.notify_one();
        outcome.await.unwrap_or(Err(Refusal::Stopping))
    }
}

impl Pipeline {
    /// Starts the task on the current runtime.
    pub(crate) fn start(store: Arc<dyn Store>, metrics: Arc<Metrics>, live: Arc<Live>) -> (Intake, Self) {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            changed: Notify::new(),
            bytes: Arc::new(Semaphore::new(BODY_BYTES)),
        });
        let task = tokio::spawn(run(store, metrics, live, Arc::clone(&queue)));
        (Intake(Arc::clone(&queue)), Self { queue, task: tokio::sync::Mutex::new(Some(task)) })
    }

    /// Takes no more reports; what was accepted is still recorded.
    pub(crate) fn refuse(&self) {
        self.queue.waiting().closed = true;
        self.queue.changed.notify_one();
    }

    /// Waits until what was accepted is recorded.
    pub(crate) async fn finish(&self) {
        self.refuse();
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.refuse();
    }
}

async fn run(store: Arc<dyn Store>, metrics: Arc<Metrics>, live: Arc<Live>, queue: Arc<Queue>) {
    let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
    loop {
        let permit = Arc::clone(&in_flight).acquire_owned().await;
        loop {
            let changed = queue.changed.notified();
            let closed = {
                let waiting = queue.waiting();
                if !waiting.submissions.is_empty() {
                    break;
                }
                waiting.closed
            };
            if closed {
                drop(permit);
                // All permits back: all batches are recorded.
                let _ = in_flight.acquire_many(IN_FLIGHT as u32).await;
                return;
            }
            changed.await;
        }
        let (store, metrics) = (Arc::clone(&store), Arc::clone(&metrics));
        let (live, queue) = (Arc::clone(&live), Arc::clone(&queue));
        tokio::spawn(async move {
            record(&*store, &metrics, &live, queue).await;
            drop(permit);
        });
    }
}

/// Records what waits when the store is ready for it, and tells those who wait for it.
async fn record(store: &dyn Store, metrics: &Metrics, live: &Live, queue: Arc<Queue>) {
    let gathered: Arc<Mutex<Option<Replies>>> = Arc::default();
    let gather = {
        let (gathered, queue) = (Arc::clone(&gathered), Arc::clone(&queue));
        move || {
            // Where a core is shared, let those who are about to report do so first: a larger batch costs less each.
            std::thread::yield_now();
            let (arrivals, replies) = queue.gather();
            *gathered.lock().unwrap_or_else(PoisonError::into_inner) = Some(replies);
            arrivals
        }
    };
    let watch = Stopwatch::start();
    let recorded = store.record(Box::new(gather)).await;
    let gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner).take();
    // A store that failed before it asked for them leaves the reports waiting: they are told, too.
    let replies = gathered.unwrap_or_else(|| queue.gather().1);
    if replies.is_empty() {
        return;
    }
    let size = replies.iter().map(|(share, _)| share).sum();
    metrics.batch(size, watch.seconds(), recorded.as_deref().ok());
    if let Ok(outcomes) = &recorded {
        live.recorded(outcomes);
    }
    answer(replies, recorded);
}

/// Hands each submission its share of the outcomes.
fn answer(replies: Replies, recorded: Result<Vec<Outcome>, StoreError>) {
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
