//! A bounded queue, and the task that drains it: reports that arrive while one batch is committed form the next.

use super::budget::{Budget, Pool, Reservation};
use super::refusal::Refusal;
use crate::domain::{Outcome, ReceivedReport};
use crate::feed::Feed;
use crate::runtime::clock::Stopwatch;
use crate::runtime::metrics::Metrics;
use crate::runtime::readiness::Readiness;
use crate::store::{Batch, BatchId, Store, StoreError};
use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, oneshot};
use tokio::task::JoinHandle;

/// Maximum number of waiting submissions.
const QUEUE: usize = 4096;

/// Maximum number of reports in a transaction, unless a single submission has more.
const BATCH: usize = 512;

/// Batches in flight: one being written, and one to be gathered as soon as the store is ready for it.
const IN_FLIGHT: usize = 2;

/// Maximum number of retries for a failed batch. By halving, that is enough to isolate three bad reports in a full
/// batch.
const ATTEMPTS: usize = 64;

/// How long a batch whose outcome is unknown is recorded again, in seconds: its callers wait.
const UNKNOWN_SECONDS: f64 = 10.0;

/// The result of each report.
type Outcomes = Vec<Result<Outcome, StoreError>>;

/// A caller waiting for the outcomes of a submission: how many reports it has, and the memory it holds until then.
struct Waiter {
    reports: usize,
    reply: oneshot::Sender<Outcomes>,
    _memory: Reservation,
}

struct Submission {
    reports: Vec<ReceivedReport>,
    waiter: Waiter,
}

/// A batch, and who waits for it.
#[derive(Default)]
struct Gathered {
    batch: Batch,
    waiters: Vec<Waiter>,
}

/// Waiting submissions, and whether the queue accepts more.
#[derive(Default)]
struct Waiting {
    submissions: VecDeque<Submission>,
    closed: bool,
}

struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
    budget: Budget,
    /// Parts of a batch id: a random number for this process, and a counter.
    run: u64,
    batches: AtomicU64,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what waits to a batch.
    fn gather(&self, gathered: &mut Gathered) {
        let mut reports = std::mem::take(&mut gathered.batch).into_reports();
        let mut waiting = self.waiting();
        while reports.len() < BATCH
            && let Some(mut submission) = waiting.submissions.pop_front()
        {
            gathered.waiters.push(submission.waiter);
            reports.append(&mut submission.reports);
        }
        drop(waiting);
        gathered.batch = reports.into();
    }

    fn batch_id(&self) -> BatchId {
        let number = self.batches.fetch_add(1, Ordering::Relaxed);
        BatchId(u128::from(self.run) << 64 | u128::from(number))
    }
}

/// The entrance to the queue.
#[derive(Clone)]
pub(crate) struct Intake(Arc<Queue>);

/// The queue and the task that drains it.
pub(crate) struct QueueTask {
    queue: Arc<Queue>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Intake {
    /// An empty memory reservation for a body.
    pub(crate) fn reservation(&self, pool: Pool) -> Reservation {
        self.0.budget.reservation(pool)
    }

    /// Waits for a turn to decode a compressed body; the turn ends when it is dropped.
    pub(crate) async fn decoder(&self) -> Option<SemaphorePermit<'_>> {
        self.0.budget.decoders.acquire().await.ok()
    }

    /// Records the reports, and returns the result of each once it is durable. `memory` is held until then.
    pub(super) async fn submit(
        &self,
        reports: Vec<ReceivedReport>,
        memory: Reservation,
    ) -> Result<Outcomes, Refusal> {
        let (reply, outcomes) = oneshot::channel();
        let waiter = Waiter { reports: reports.len(), reply, _memory: memory };
        {
            let mut waiting = self.0.waiting();
            if waiting.closed {
                return Err(Refusal::Stopping);
            }
            if waiting.submissions.len() >= QUEUE {
                return Err(Refusal::Overload);
            }
            waiting.submissions.push_back(Submission { reports, waiter });
        }
        self.0.changed.notify_one();
        outcomes.await.map_err(|_| Refusal::Stopping)
    }
}

impl QueueTask {
    /// Starts the task on the current runtime.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        feed: Arc<Feed>,
        readiness: Arc<Readiness>,
    ) -> (Intake, Self) {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            changed: Notify::new(),
            budget: Budget::default(),
            run: RandomState::new().hash_one(0),
            batches: AtomicU64::new(0),
        });
        let recorder = Recorder { store, metrics, feed, readiness, queue: Arc::clone(&queue) };
        let task = tokio::spawn(run(Arc::new(recorder)));
        (Intake(Arc::clone(&queue)), Self { queue, task: tokio::sync::Mutex::new(Some(task)) })
    }

    /// Stops accepting reports; accepted ones are still recorded.
    pub(crate) fn refuse(&self) {
        self.queue.waiting().closed = true;
        self.queue.changed.notify_one();
    }

    /// Waits until all accepted reports are recorded.
    pub(crate) async fn finish(&self) {
        self.refuse();
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

impl Drop for QueueTask {
    fn drop(&mut self) {
        self.refuse();
    }
}

async fn run(recorder: Arc<Recorder>) {
    let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
    loop {
        let permit = Arc::clone(&in_flight).acquire_owned().await;
        loop {
            let changed = recorder.queue.changed.notified();
            let closed = {
                let waiting = recorder.queue.waiting();
                if !waiting.submissions.is_empty() {
                    break;
                }
                waiting.closed
            };
            if closed {
                drop(permit);
                // When all permits are back, all batches are recorded.
                let _ = in_flight.acquire_many(IN_FLIGHT as u32).await;
                return;
            }
            changed.await;
        }
        let recorder = Arc::clone(&recorder);
        tokio::spawn(async move {
            recorder.record().await;
            drop(permit);
        });
    }
}

struct Recorder {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    feed: Arc<Feed>,
    readiness: Arc<Readiness>,
    queue: Arc<Queue>,
}

impl Recorder {
    /// Records the waiting reports when the store is ready for them, and answers their callers.
    async fn record(&self) {
        let gathered: Arc<Mutex<Gathered>> = Arc::default();
        let next = {
            let (gathered, queue) = (Arc::clone(&gathered), Arc::clone(&self.queue));
            move || {
                let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
                queue.gather(&mut gathered);
                gathered.batch.clone()
            }
        };
        let (watch, id) = (Stopwatch::start(), self.queue.batch_id());
        let recorded = self.store.record(id, Box::new(next)).await;
        let mut gathered = std::mem::take(&mut *gathered.lock().unwrap_or_else(PoisonError::into_inner));
        if recorded.is_err() && gathered.waiters.is_empty() {
            // The store failed before it took the reports. They are still waiting, and must be answered too.
            self.queue.gather(&mut gathered);
        }
        let Gathered { batch, waiters } = gathered;
        if waiters.is_empty() {
            return;
        }
        let outcomes = match recorded {
            Ok(outcomes) => {
                self.metrics.recorded(&outcomes);
                outcomes.into_iter().map(Ok).collect()
            }
            Err(error) => self.retry(id, batch, error).await,
        };
        self.metrics.batch(outcomes.len(), watch.seconds());
        self.feed.wake();
        answer(waiters, outcomes);
    }

    /// Retries what it can of a failed batch. If the outcome is unknown, the batch is recorded again under the same id,
    /// which counts it once, until the store tells what became of it or the callers have waited long enough. If it contains something that the store cannot record, it is halved until that is
    /// isolated, so that a report never affects the others. A closed or unavailable store fails all of them.
    async fn retry(&self, id: BatchId, batch: Batch, error: StoreError) -> Outcomes {
        let mut outcomes = Vec::with_capacity(batch.len());
        let (mut attempts, mut left) = (0, Vec::new());
        let (begun, mut unknown) = (Stopwatch::start(), None);
        let mut failed = Some((id, batch, error));
        loop {
            if let Some((id, part, error)) = failed.take() {
                let error = match error {
                    // A store that cannot be reached does not tell what became of the batch before.
                    StoreError::Unavailable(text) if unknown == Some(id) => StoreError::UnknownOutcome(text),
                    error => error,
                };
                let may_retry = match &error {
                    StoreError::UnknownOutcome(_) => begun.seconds() < UNKNOWN_SECONDS,
                    _ => attempts < ATTEMPTS,
                };
                if unknown == Some(id) && may_retry {
                    pause().await;
                }
                unknown = matches!(error, StoreError::UnknownOutcome(_)).then_some(id);
                let parts = if may_retry { self.retryable(id, &part, &error) } else { Vec::new() };
                if parts.is_empty() {
                    tracing::error!(%error, reports = part.len(), "reports could not be recorded; their clients were told");
                    self.metrics.failed(part.len());
                    if matches!(error, StoreError::Unavailable(_) | StoreError::UnknownOutcome(_)) {
                        self.readiness.failed(error.clone());
                    }
                    outcomes.extend(part.iter().map(|_| Err(error.clone())));
                }
                left.extend(parts.into_iter().rev());
            }
            let Some((id, part)) = left.pop() else { return outcomes };
            attempts += 1;
            match self.store.record(id, part.clone().only()).await {
                Ok(recorded) => {
                    self.metrics.recorded(&recorded);
                    outcomes.extend(recorded.into_iter().map(Ok));
                }
                Err(error) => failed = Some((id, part, error)),
            }
        }
    }

    /// The parts of a failed batch that are worth another attempt.
    fn retryable(&self, id: BatchId, batch: &Batch, error: &StoreError) -> Vec<(BatchId, Batch)> {
        match error {
            StoreError::Closed | StoreError::Unavailable(_) => Vec::new(),
            StoreError::UnknownOutcome(_) => vec![(id, batch.clone())],
            StoreError::Corrupt { .. } | StoreError::Failed(_) => {
                let halves = batch.halves().into_iter().flatten();
                halves.map(|half| (self.queue.batch_id(), half)).collect()
            }
        }
    }
}

/// Before a batch whose outcome is unknown is recorded once more.
#[expect(clippy::disallowed_methods, reason = "nothing tells when the store can be reached again")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(250)).await;
}

/// Sends each submission its share of the outcomes.
fn answer(waiters: Vec<Waiter>, outcomes: Outcomes) {
    let mut outcomes = outcomes.into_iter();
    for Waiter { reports, reply, _memory } in waiters {
        // The client may have disconnected.
        let _ = reply.send(outcomes.by_ref().take(reports).collect());
    }
}
