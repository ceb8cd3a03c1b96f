//! Where incidents wait for the worker: a bounded lane for most, and a small one for those of a process that dies.

use crate::incident::Incident;
use crate::losses::Reason;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Incidents that may wait.
const QUEUE: usize = 1024;

/// Incidents of dying threads that may wait.
const DYING: usize = 4;

/// What waits.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) incidents: Vec<Incident>,
    pub(crate) dying: Vec<(Option<Incident>, Arc<Latch>)>,
    /// Opened when all that came before is delivered or kept.
    pub(crate) flushes: Vec<Arc<Latch>>,
    /// The worker is to end, and then to tell.
    pub(crate) stop: Option<(Duration, Arc<Latch>)>,
    /// The worker has ended.
    closed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct IncidentQueue {
    waiting: Mutex<Waiting>,
    /// Whether the worker waits for [`woken`](Self::woken). While it is busy or lingers, it looks by itself: then nobody has to
    /// pay for waking it.
    asleep: AtomicBool,
    woken: Notify,
}

/// Something that a thread waits for, which opens once.
#[derive(Debug, Default)]
pub(crate) struct Latch {
    is_open: Mutex<bool>,
    changed: Condvar,
}

impl Latch {
    pub(crate) fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether it opened in time.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let told = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(told, timeout, |told| !*told);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl IncidentQueue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands over an incident, or says why it is lost.
    pub(crate) fn push(&self, incident: Incident) -> Result<(), Reason> {
        let number = {
            let mut waiting = self.waiting();
            if waiting.closed {
                return Err(Reason::Shutdown);
            }
            if waiting.incidents.len() >= QUEUE {
                return Err(Reason::QueueFull);
            }
            waiting.incidents.push(incident);
            waiting.incidents.len()
        };
        if number >= QUEUE / 2 || self.asleep.load(Ordering::SeqCst) {
            self.wake();
        }
        Ok(())
    }

    /// For the worker: nothing is taken any more. How many were left.
    pub(crate) fn close(&self) -> u64 {
        let mut waiting = self.waiting();
        waiting.closed = true;
        std::mem::take(&mut waiting.incidents).len() as u64
    }

    /// Hands over the incident of a dying process, or says that it dies of what was handed over before; what tells that all is
    /// delivered or kept, if there was room.
    pub(crate) fn push_dying(&self, incident: Option<Incident>) -> Option<Arc<Latch>> {
        let told = Arc::new(Latch::default());
        {
            let mut waiting = self.waiting();
            if waiting.dying.len() >= DYING {
                return None;
            }
            waiting.dying.push((incident, Arc::clone(&told)));
        }
        self.wake();
        Some(told)
    }

    pub(crate) fn flush(&self) -> Arc<Latch> {
        let told = Arc::new(Latch::default());
        self.waiting().flushes.push(Arc::clone(&told));
        self.wake();
        told
    }

    pub(crate) fn stop(&self, within: Duration) -> Arc<Latch> {
        let told = Arc::new(Latch::default());
        self.waiting().stop = Some((within, Arc::clone(&told)));
        self.wake();
        told
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting().incidents.len()
    }

    fn wake(&self) {
        self.asleep.store(false, Ordering::SeqCst);
        self.woken.notify_one();
    }

    /// For the worker: takes everything, and leaves an empty one with the room that was needed before.
    pub(crate) fn take(&self, room: Vec<Incident>) -> Waiting {
        std::mem::replace(&mut *self.waiting(), Waiting { incidents: room, ..Waiting::default() })
    }

    /// For the worker: says that it sleeps from now on; `false` if there is something to do after all.
    pub(crate) fn fall_asleep(&self) -> bool {
        self.asleep.store(true, Ordering::SeqCst);
        let empty = self.waiting().incidents.is_empty();
        if !empty {
            self.asleep.store(false, Ordering::SeqCst);
        }
        empty
    }

    /// For the worker: until somebody wakes it.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }
}
