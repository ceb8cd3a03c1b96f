//! The part of the client that all threads share.

use crate::clock;
use crate::config::{Config, Stacks};
use crate::http_client::ServerUrl;
use crate::incident::Incident;
use crate::losses::{Losses, Reason};
use crate::place::Place;
use crate::queue::IncidentQueue;
use crate::worker_thread;
use http::HeaderMap;
use logcenter_core::{ProjectId, Timestamp};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Places whose last stack trace is remembered. Two that share a slot cause more stack traces, not fewer.
const PLACES: usize = 256;

#[derive(Debug)]
pub(crate) struct Client {
    config: Config,
    project_id: ProjectId,
    process: u32,
    /// The millisecond in which the process ID was last checked successfully.
    seen_at: AtomicI64,
    queue: IncidentQueue,
    losses: Losses,
    delivered: AtomicU64,
    /// For each place, the hour of its last stack trace.
    stacks: [AtomicU64; PLACES],
    /// For each place, the minute of its last stack trace that was noted, and may never be reported.
    noted: [AtomicU64; PLACES],
}

impl Client {
    /// Creates a client without its worker, and the server's URL; or says why the configuration is invalid.
    pub(crate) fn new(config: Config) -> Result<(Arc<Self>, ServerUrl), String> {
        if let Some(problem) = &config.problem {
            return Err(problem.clone());
        }
        let name = config.project.clone().unwrap_or_else(|| config.app.name.clone());
        if name.is_empty() {
            return Err(
                "no project is named; set LOG_CENTER_PROJECT, or give Config::app(app_info!())".into()
            );
        }
        let project_id = name.parse().map_err(|error| format!("{name:?} is no project id: it {error}"))?;
        let url = ServerUrl::parse(&config.url)?;
        let client = Arc::new(Self {
            config,
            project_id,
            process: std::process::id(),
            seen_at: AtomicI64::new(0),
            queue: IncidentQueue::default(),
            losses: Losses::default(),
            delivered: AtomicU64::new(0),
            stacks: [const { AtomicU64::new(0) }; PLACES],
            noted: [const { AtomicU64::new(0) }; PLACES],
        });
        Ok((client, url))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn project_id(&self) -> &ProjectId {
        &self.project_id
    }

    pub(crate) fn queue(&self) -> &IncidentQueue {
        &self.queue
    }

    pub(crate) fn losses(&self) -> &Losses {
        &self.losses
    }

    pub(crate) fn add_delivered(&self, number: u64) {
        self.delivered.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    pub(crate) fn belongs_to_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// Like `belongs_to_this_process`, but checked at most once per millisecond, because the system call takes as long as
    /// half of everything else. No process forks and fails within a millisecond of its previous error.
    pub(crate) fn belongs_to_this_process_at(&self, at: Timestamp) -> bool {
        if self.seen_at.load(Ordering::Relaxed) == at.millis() {
            return true;
        }
        let own = self.belongs_to_this_process();
        if own {
            self.seen_at.store(at.millis(), Ordering::Relaxed);
        }
        own
    }

    /// Hands an incident to the worker, unless it occurred on the worker itself.
    pub(crate) fn submit(&self, incident: Incident) {
        if !worker_thread::is_current_thread()
            && let Err(reason) = self.queue.push(incident)
        {
            self.losses.add(reason, 1);
        }
    }

    /// Hands over the last incident of a process, and waits for it and everything before it.
    pub(crate) fn submit_dying(&self, incident: Incident) {
        self.die(Some(incident));
    }

    /// Waits for everything handed over before the process dies.
    pub(crate) fn flush_dying(&self) {
        self.die(None);
    }

    fn die(&self, incident: Option<Incident>) {
        if worker_thread::is_current_thread() {
            return;
        }
        let done = self.queue.push_dying(incident).unwrap_or_else(|| {
            self.losses.add(Reason::QueueFull, 1);
            // Nobody will open this latch, but other threads' incidents must get out before the process ends.
            Arc::default()
        });
        done.wait(self.config.dying_timeout);
    }

    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        self.queue.flush().wait(timeout)
    }

    /// Whether to capture a stack trace for an incident at this place.
    pub(crate) fn wants_stack(&self, is_panic: bool, place: Option<&Place>) -> bool {
        // Then only a stack trace can tell the line.
        let unknown = place.is_none_or(|place| !place.is_likely_in_app());
        match self.config.stacks {
            Stacks::Never => false,
            Stacks::Panics => is_panic || unknown,
            Stacks::FirstPerHour => is_panic || unknown || place.is_some_and(|place| self.is_first(place)),
            Stacks::Always => true,
        }
    }

    /// Whether to capture a stack trace for an error that is noted and may never be reported: at most one a minute for
    /// each place, so that errors that a program deals with cost little.
    pub(crate) fn wants_stack_of_note(&self, place: &Place) -> bool {
        match self.config.stacks {
            Stacks::Never | Stacks::Panics => false,
            Stacks::FirstPerHour => mark(&self.noted, place, 60_000),
            Stacks::Always => true,
        }
    }

    /// Whether this place has had no stack trace in this hour.
    fn is_first(&self, place: &Place) -> bool {
        mark(&self.stacks, place, 3_600_000)
    }

    /// The request headers that the configuration names.
    pub(crate) fn headers_of(&self, headers: &HeaderMap) -> Option<Box<HeaderMap>> {
        let wanted = self.config.headers.iter().filter_map(|name| {
            let value = headers.get(name).filter(|value| !value.is_sensitive())?;
            Some((name.clone(), value.clone()))
        });
        let wanted: HeaderMap = wanted.collect();
        (!wanted.is_empty()).then(|| Box::new(wanted))
    }
}

/// Marks a place as seen in this period; returns whether it was not.
fn mark(places: &[AtomicU64; PLACES], place: &Place, millis: u64) -> bool {
    const PERIOD_BITS: u64 = 0xFFFF_FFFF;
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(place);
    let period = clock::timestamp().millis().cast_unsigned() / millis;
    let mark = (hash & !PERIOD_BITS) | (period & PERIOD_BITS);
    places[hash as usize % PLACES].swap(mark, Ordering::Relaxed) != mark
}
