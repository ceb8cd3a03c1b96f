//! The queue of incidents for the worker: a bounded lane for most, and a small one for dying processes.

use crate::incident::Incident;
use crate::losses::Reason;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Maximum number of queued incidents.
const QUEUE: usize = 1024;

/// Maximum number of queued incidents from dying threads.
const DYING: usize = 4;

/// Everything that waits for the worker.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) incidents: Vec<Incident>,
    /// Where in `incidents` those are that came in a storm, by what tells them apart.
    repeats: HashMap<u64, usize>,
    pub(crate) dying: Vec<(Option<Incident>, Arc<Latch>)>,
    /// Opened when everything before is delivered or spooled.
    pub(crate) flushes: Vec<Arc<Latch>>,
    /// Asks the worker to stop within this time, and then to open the latch.
    pub(crate) stop: Option<(Duration, Arc<Latch>)>,
    /// Whether the worker has ended.
    closed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct IncidentQueue {
    waiting: Mutex<Waiting>,
    /// Whether the worker is waiting for [`woken`](Self::woken). While it is busy or lingers, it polls by itself, so
    /// nobody has to pay for waking it.
    asleep: AtomicBool,
    woken: Notify,
}

/// A one-shot latch that threads can wait for.
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

    /// Waits for the latch to open; returns whether it did in time.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let done = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(done, timeout, |done| !*done);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl IncidentQueue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an incident, or says why it is lost.
    pub(crate) fn push(&self, incident: Incident) -> Result<(), Reason> {
        let number = {
            let mut waiting = self.waiting();
            if waiting.closed {
                return Err(Reason::Shutdown);
            }
            if waiting.incidents.len() >= QUEUE / 2 {
                // A storm: what happens again at one place is only counted, which takes no room.
                let key = incident.repeat_key();
                let Waiting { incidents, repeats, .. } = &mut *waiting;
                if let Some(first) = repeats.get(&key).and_then(|&at| incidents.get_mut(at)) {
                    first.repeat(&incident);
                    return Ok(());
                }
                if incidents.len() >= QUEUE {
                    return Err(Reason::QueueFull);
                }
                repeats.insert(key, incidents.len());
            }
            waiting.incidents.push(incident);
            waiting.incidents.len()
        };
        if number >= QUEUE / 2 || self.asleep.load(Ordering::SeqCst) {
            self.wake();
        }
        Ok(())
    }

    /// For the worker: closes the queue, and returns how many incidents were left.
    pub(crate) fn close(&self) -> u64 {
        let mut waiting = self.waiting();
        waiting.closed = true;
        std::mem::take(&mut waiting.incidents).len() as u64
    }

    /// Queues the incident of a dying process; `None` if it dies of one that is already queued. Returns a latch that
    /// opens when everything is delivered or spooled, if there was room.
    pub(crate) fn push_dying(&self, incident: Option<Incident>) -> Option<Arc<Latch>> {
        let done = Arc::new(Latch::default());
        {
            let mut waiting = self.waiting();
            if waiting.dying.len() >= DYING {
                return None;
            }
            waiting.dying.push((incident, Arc::clone(&done)));
        }
        self.wake();
        Some(done)
    }

    pub(crate) fn flush(&self) -> Arc<Latch> {
        let done = Arc::new(Latch::default());
        self.waiting().flushes.push(Arc::clone(&done));
        self.wake();
        done
    }

    pub(crate) fn stop(&self, within: Duration) -> Arc<Latch> {
        let done = Arc::new(Latch::default());
        self.waiting().stop = Some((within, Arc::clone(&done)));
        self.wake();
        done
    }

    /// Number of queued incidents.
    pub(crate) fn len(&self) -> usize {
        self.waiting().incidents.len()
    }

    fn wake(&self) {
        self.asleep.store(false, Ordering::SeqCst);
        self.woken.notify_one();
    }

    /// For the worker: takes everything and leaves `room` behind, whose capacity is reused.
    pub(crate) fn take(&self, room: Vec<Incident>) -> Waiting {
        std::mem::replace(&mut *self.waiting(), Waiting { incidents: room, ..Waiting::default() })
    }

    /// For the worker: marks it as asleep; returns `false` if there is something to do after all.
    pub(crate) fn fall_asleep(&self) -> bool {
        self.asleep.store(true, Ordering::SeqCst);
        let empty = self.waiting().incidents.is_empty();
        if !empty {
            self.asleep.store(false, Ordering::SeqCst);
        }
        empty
    }

    /// For the worker: waits until someone wakes it.
    pub(crate) async fn woken(&self) {
        self.woken.notified().await;
    }
}
