//! The single thread that reports: it resolves addresses, calls `before_send`, and talks to the server, on its own
//! runtime.

mod compose;
mod delivery;
mod dying;
mod joins;
mod limits;
mod outbox;
mod sending;
mod spool;
mod symbols;
mod title;

pub(crate) use symbols::Symbols;

use crate::client::Client;
use crate::clock;
use crate::http_client::ServerUrl;
use crate::incident::Incident;
use crate::losses::{Lost, Reason};
use crate::queue::Latch;
use crate::report::{Report, Sender};
use crate::worker_thread;
use delivery::{Away, Sent, Transport};
use dying::Died;
use joins::Joins;
use limits::Limits;
use logcenter_core::Fingerprint;
use logcenter_core::fingerprint::Identity;
use outbox::Outbox;
use spool::Spool;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long the worker keeps polling after it had something to do, so that nobody has to wake it during a burst.
const LINGER: Duration = Duration::from_millis(50);

/// How long without incidents until the memory of debug information is freed.
const QUIET: Duration = Duration::from_secs(60);

/// The number of its own panics after which the worker gives up.
const MAX_PANICS: u32 = 8;

/// Starts the worker thread.
pub(crate) fn start(client: Arc<Client>, url: ServerUrl) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || {
        worker_thread::enter();
        // What is logged here must not be reported either: requests log, too.
        let none = tracing_core::Dispatch::none();
        let _silent = tracing_core::dispatcher::set_default(&none);
        let mut worker = Worker::new(client, url);
        for _ in 0..MAX_PANICS {
            if catch_unwind(AssertUnwindSafe(|| runtime.block_on(worker.run()))).is_ok() {
                break;
            }
            worker.client.losses().add(Reason::Panicked, 1);
            worker.in_flight = None;
            worker.outbox.put_back();
        }
        let left = worker.client.queue().close();
        worker.client.losses().add(Reason::Shutdown, left);
    };
    std::thread::Builder::new().name("logcenter".into()).spawn(run).map(drop)
}

struct Worker {
    client: Arc<Client>,
    url: ServerUrl,
    transport: Option<Transport>,
    symbols: Symbols,
    joins: Joins,
    limits: Limits,
    outbox: Outbox,
    /// Event IDs start with this and end with a number.
    token: u64,
    number: u64,
    /// The losses that were already sent to the server.
    reported_losses: Lost,
    failures: u32,
    /// Why nobody takes the reports, as of the last attempt.
    turned: Option<Away>,
    not_before: Option<Instant>,
    in_flight: Option<Pin<Box<dyn Future<Output = Sent>>>>,
    dying: JoinSet<Died>,
    flushes: Vec<Arc<Latch>>,
    stop: Option<(Option<Instant>, Arc<Latch>)>,
    busy_at: Instant,
    /// Swapped with the queue's buffer, so that neither has to grow again.
    room: Vec<Incident>,
}

impl Worker {
    fn new(client: Arc<Client>, url: ServerUrl) -> Self {
        let config = client.config();
        let spool = config.spool.clone().map(|(folder, bytes)| {
            // The file name depends on the destination, and is the same in every build.
            let of = Identity::Runtime { file_path: "", line_number: None };
            let name = Fingerprint::of(client.project_id(), url.as_str(), of).to_string();
            Spool::new(folder, name, bytes)
        });
        Self {
            url,
            transport: None,
            symbols: Symbols::default(),
            joins: Joins::default(),
            limits: Limits::new(config.rate_limit, config.sample),
            outbox: Outbox::new(spool),
            token: clock::random(),
            number: 0,
            reported_losses: Lost::default(),
            failures: 0,
            turned: None,
            not_before: None,
            in_flight: None,
            dying: JoinSet::new(),
            flushes: Vec::new(),
            stop: None,
            busy_at: clock::now(),
            room: Vec::new(),
            client,
        }
    }

    async fn run(&mut self) {
        let client = Arc::clone(&self.client);
        loop {
            let took = self.take();
            self.send_next();
            if self.notify_waiters() {
                return;
            }
            let lingers = took || clock::now().duration_since(self.busy_at) < LINGER;
            if !lingers && !client.queue().fall_asleep() {
                continue;
            }
            let until = self.next_deadline(lingers);
            let flies = self.in_flight.is_some();
            let in_flight = async {
                match &mut self.in_flight {
                    Some(in_flight) => in_flight.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                sent = in_flight, if flies => self.on_sent(sent),
                Some(died) = self.dying.join_next() => self.finish_dying(died),
                () = client.queue().woken() => {}
                () = tokio::time::sleep_until(until.into()) => {}
            }
        }
    }

    /// Takes what is queued; returns whether there was something.
    fn take(&mut self) -> bool {
        let mut waiting = self.client.queue().take(std::mem::take(&mut self.room));
        let now = clock::now();
        let took = !waiting.incidents.is_empty() || !waiting.dying.is_empty();
        let hurry = !waiting.flushes.is_empty() || waiting.stop.is_some() || !waiting.dying.is_empty();
        self.flushes.append(&mut waiting.flushes);
        if let Some((within, done)) = waiting.stop.take() {
            self.stop = Some((now.checked_add(within), done));
        }
        for incident in waiting.incidents.drain(..) {
            if let Some(incident) = self.joins.pass(incident, now) {
                self.report(incident, now);
            }
        }
        self.room = waiting.incidents;
        for panic in self.joins.release(now, hurry) {
            self.report(panic, now);
        }
        for report in self.limits.release(now, hurry) {
            self.ready(&report);
        }
        if hurry {
            self.not_before = None;
        }
        for (incident, done) in waiting.dying {
            self.send_dying(incident, done);
        }
        if took {
            self.busy_at = now;
        } else if self.symbols.is_loaded() && now.duration_since(self.busy_at) >= QUIET {
            self.symbols.release();
        }
        took
    }

    /// Prepares the report of an incident, unless its issue was reported often enough for now.
    fn report(&mut self, incident: Incident, now: Instant) {
        let Some(report) = self.compose(incident) else { return };
        let fingerprint = report.fingerprint(self.client.project_id());
        if let Some(report) = self.limits.pass(fingerprint, report, now, clock::random()) {
            self.ready(&report);
        }
    }

    /// Turns an incident into a report, and calls `before_send`.
    fn compose(&mut self, incident: Incident) -> Option<Report> {
        self.number += 1;
        let event_id = format!("{:016x}-{:x}-{}", self.token, std::process::id(), self.number);
        let (client, symbols) = (&*self.client, &mut self.symbols);
        let composed =
            catch_unwind(AssertUnwindSafe(|| compose::compose(client, symbols, incident, event_id)));
        let Ok(report) = composed else {
            client.losses().add(Reason::Panicked, 1);
            return None;
        };
        let Some(before_send) = &client.config().before_send else { return Some(report) };
        let mut changed = report.clone();
        match catch_unwind(AssertUnwindSafe(|| before_send(&mut changed))) {
            Ok(true) => Some(changed),
            Ok(false) => None,
            Err(_) => Some(report),
        }
    }

    fn json(&mut self, report: &Report) -> String {
        let config = self.client.config();
        let version = Some(&*config.app.version).filter(|version| !version.is_empty());
        let commit_hash = config.app.commit.as_deref();
        let sender = Sender { project_id: self.client.project_id(), version, commit_hash };
        let lost = self.client.losses().so_far();
        if lost == self.reported_losses {
            return report.to_json(&sender);
        }
        // Include what was lost until now.
        self.reported_losses = lost;
        let mut report = report.clone();
        let lost = serde_json::to_value(lost).unwrap_or_default();
        report.context.insert("lost_reports".into(), lost);
        report.to_json(&sender)
    }

    fn ready(&mut self, report: &Report) {
        let json = self.json(report);
        self.outbox.put(json, self.client.losses());
    }

    /// Wakes the threads that wait for a flush or the end; returns whether this is the end.
    fn notify_waiters(&mut self) -> bool {
        let is_idle = self.outbox.is_empty() && self.dying.is_empty();
        if is_idle {
            self.flushes.drain(..).for_each(|done| done.open());
        }
        let Some((deadline, done)) = &self.stop else { return false };
        // Keep sending what the spool holds for as long as the server accepts it.
        let is_busy = !is_idle || self.in_flight.is_some();
        let may_succeed = self.in_flight.is_some() || !self.dying.is_empty() || self.turned.is_none();
        if is_busy && may_succeed && deadline.is_none_or(|deadline| clock::now() < deadline) {
            return false;
        }
        self.in_flight = None;
        self.outbox.keep_all(self.client.losses());
        self.flushes.drain(..).for_each(|done| done.open());
        done.open();
        true
    }

    /// When to check again without being woken.
    fn next_deadline(&self, lingers: bool) -> Instant {
        let now = clock::now();
        let linger = lingers.then_some(now + LINGER);
        let retry = self.not_before.filter(|_| self.in_flight.is_none());
        let quiet = self.symbols.is_loaded().then_some(self.busy_at + QUIET);
        let stop = self.stop.as_ref().and_then(|(deadline, _)| *deadline);
        // When idle, it wakes up once an hour to check whether another process left something in the spool.
        let deadlines = [linger, retry, quiet, stop, self.joins.next_release(), self.limits.next_release()];
        deadlines.into_iter().flatten().min().unwrap_or(now + Duration::from_secs(3600))
    }
}
