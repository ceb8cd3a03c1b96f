//! Reads the stream of issue events and tells its listeners.

use super::listener::{Listener, Message, Signal, Told};
use crate::domain::{
    FeedPosition, Issue, IssueEvent, IssueEventKind, IssueFilter, IssueId, PageRequest, Sort,
};
use crate::runtime::Clock;
use crate::store::{Store, StoreError};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify, broadcast};
use tokio::time::{MissedTickBehavior, interval};

/// How long events are gathered before they are told: what counts many times in it is told once.
const WINDOW: Duration = Duration::from_millis(300);

/// How often it is looked for what other replicas did.
const POLL: Duration = Duration::from_secs(1);

/// How long the store keeps issue events after it was last asked to, in milliseconds.
const KEEP_MILLIS: i64 = 60_000;

/// Issues that are told at once. If there are more, listeners are told to read everything again.
const MAX_PER_TICK: usize = 200;

/// Issue events that are read at once.
const MAX_EVENTS: u32 = 2000;

/// Messages that a slow listener may be behind.
const BACKLOG: usize = 1000;

/// Where listeners come in.
pub(crate) struct Feed {
    store: Arc<dyn Store>,
    clock: Clock,
    /// Up to here listeners were told; `None` until there is one.
    position: Mutex<Option<FeedPosition>>,
    wake: Notify,
    signals: broadcast::Sender<Signal>,
    closed: AtomicBool,
}

/// How important it is to tell: of several things that happened to an issue the last in this order is told.
const fn rank(kind: IssueEventKind) -> u8 {
    match kind {
        IssueEventKind::Counted => 0,
        IssueEventKind::StatusChanged | IssueEventKind::Deployed => 1,
        IssueEventKind::Created => 2,
        IssueEventKind::Regressed => 3,
        IssueEventKind::Deleted => 4,
    }
}

/// One event for each issue: what is told of it, at the position of its last event. In the order of positions.
fn by_issue(events: &[IssueEvent]) -> Vec<IssueEvent> {
    let mut issues: HashMap<IssueId, IssueEvent> = HashMap::new();
    for event in events {
        let told = issues.entry(event.issue_id).or_insert(*event);
        told.position = event.position;
        if rank(event.kind) > rank(told.kind) {
            told.kind = event.kind;
        }
    }
    let mut issues: Vec<IssueEvent> = issues.into_values().collect();
    issues.sort_unstable_by_key(|event| event.position);
    issues
}

impl Feed {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        Self {
            store,
            clock,
            position: Mutex::default(),
            wake: Notify::new(),
            signals: broadcast::Sender::new(BACKLOG),
            closed: AtomicBool::new(false),
        }
    }

    /// Something was recorded or changed in this process.
    pub(crate) fn wake(&self) {
        if self.signals.receiver_count() > 0 {
            self.wake.notify_one();
        }
    }

    /// Listens from now on, or from after a position.
    pub(crate) async fn listen(&self, after: Option<FeedPosition>) -> Result<Listener, StoreError> {
        self.keep().await?;
        let mut told_up_to = self.position.lock().await;
        let is_first = self.signals.receiver_count() == 0;
        let signals = self.signals.subscribe();
        let position = match *told_up_to {
            Some(position) if !is_first => position,
            Some(_) | None => self.store.issue_events(None, 0).await?.next,
        };
        *told_up_to = Some(position);
        let backlog = match after {
            None => VecDeque::new(),
            Some(after) => self.since(after, Some(position)).await?.0.into(),
        };
        Ok(Listener { backlog, signals, position, closed: self.closed.load(Ordering::Acquire) })
    }

    /// Ends all listening, now and later.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let _ = self.signals.send(Signal::End);
        self.wake.notify_one();
    }

    async fn keep(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.keep_issue_events(now.plus_millis(KEEP_MILLIS), now).await
    }

    /// Tells what happens, until it is closed.
    #[expect(clippy::disallowed_methods, reason = "the window is a time, not a condition")]
    pub(crate) async fn run(self: Arc<Self>) {
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.wake.notified() => {
                    if !self.closed.load(Ordering::Acquire) {
                        tokio::time::sleep(WINDOW).await;
                    }
                }
                _ = ticks.tick() => {}
            }
            if self.closed.load(Ordering::Acquire) {
                return;
            }
            if self.signals.receiver_count() > 0
                && let Err(error) = self.tick().await
            {
                tracing::debug!(%error, "issue events could not be read; they are read with the next ones");
            }
        }
    }

    async fn tick(&self) -> Result<(), StoreError> {
        self.keep().await?;
        let mut told_up_to = self.position.lock().await;
        let Some(position) = *told_up_to else { return Ok(()) };
        let (messages, next) = self.since(position, None).await?;
        for message in messages {
            let _ = self.signals.send(Signal::Message(message));
        }
        *told_up_to = Some(next);
        Ok(())
    }

    /// What is told of everything after a position, and the position after it.
    async fn since(
        &self,
        after: FeedPosition,
        until: Option<FeedPosition>,
    ) -> Result<(Vec<Message>, FeedPosition), StoreError> {
        let read = self.store.issue_events(Some(after), MAX_EVENTS).await?;
        let is_all = read.events.len() < MAX_EVENTS as usize;
        let next = if is_all { read.next } else { self.store.issue_events(None, 0).await?.next };
        let wanted = |event: &&IssueEvent| until.is_none_or(|until| event.position <= until);
        let events: Vec<IssueEvent> = read.events.iter().filter(wanted).copied().collect();
        let told = by_issue(&events);
        let missed = Message { position: next, told: Told::Missed };
        if read.missed || !is_all || told.len() > MAX_PER_TICK {
            return Ok((vec![missed], next));
        }
        let issues = self.issues(&told).await?;
        let of_issue = |event: &IssueEvent| {
            let issue = Arc::clone(issues.get(&event.issue_id)?);
            Some(Message { position: event.position, told: Told::Issue(event.kind, issue) })
        };
        let mut messages: Vec<Message> = told.iter().filter_map(of_issue).collect();
        // Nothing tells a page to take an issue away but to read everything again.
        if told.iter().any(|event| event.kind == IssueEventKind::Deleted) {
            messages.push(missed);
        }
        Ok((messages, next))
    }

    /// The issues of some events, in one query.
    async fn issues(&self, events: &[IssueEvent]) -> Result<HashMap<IssueId, Arc<Issue>>, StoreError> {
        if events.is_empty() {
            return Ok(HashMap::new());
        }
        let among = Some(events.iter().map(|event| event.issue_id).collect());
        let page = PageRequest { sort: Sort::LastSeen, limit: MAX_PER_TICK as u32, after: None };
        let page = self.store.issues(IssueFilter { among, ..IssueFilter::default() }, page).await?;
        Ok(page.items.into_iter().map(|issue| (issue.id, Arc::new(issue))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_things_the_most_important_is_told_where_the_last_one_was() {
        let event = |position, issue, kind| IssueEvent {
            position: FeedPosition(position),
            issue_id: IssueId(issue),
            kind,
        };
        let events = [
            event(1, 7, IssueEventKind::Created),
            event(2, 8, IssueEventKind::Counted),
            event(3, 7, IssueEventKind::Counted),
            event(4, 8, IssueEventKind::StatusChanged),
        ];
        let told = [event(3, 7, IssueEventKind::Created), event(4, 8, IssueEventKind::StatusChanged)];
        assert_eq!(by_issue(&events), told);
    }
}
