//! Reads the stream of issue events and passes them on to listeners.

use super::listener::{Listener, Message, Signal, Update};
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

/// How long events are collected before they are sent: repeated counts of an issue become one message.
const WINDOW: Duration = Duration::from_millis(300);

/// How often to poll for changes made by other replicas.
const POLL: Duration = Duration::from_secs(1);

/// How long the store keeps issue events after it was last asked to, in milliseconds.
const KEEP_MILLIS: i64 = 60_000;

/// Issues per update. If there are more, listeners are told to read everything again.
const MAX_PER_TICK: usize = 200;

/// Issue events per read.
const MAX_EVENTS: u32 = 2000;

/// Number of messages that a slow listener may lag behind.
const BACKLOG: usize = 1000;

/// Sends changes of issues to listeners.
pub(crate) struct Feed {
    store: Arc<dyn Store>,
    clock: Clock,
    /// Everything up to here has been sent; `None` before the first listener.
    position: Mutex<Option<FeedPosition>>,
    wake: Notify,
    signals: broadcast::Sender<Signal>,
    closed: AtomicBool,
}

/// Priority of a kind: of several events of an issue, the one with the highest rank is sent.
const fn rank(kind: IssueEventKind) -> u8 {
    match kind {
        IssueEventKind::Counted => 0,
        IssueEventKind::StatusChanged | IssueEventKind::Deployed => 1,
        IssueEventKind::Created => 2,
        IssueEventKind::Regressed => 3,
        IssueEventKind::Deleted => 4,
    }
}

/// Merges the events of each issue into one, at the position of its last event. Ordered by position.
fn by_issue(events: &[IssueEvent]) -> Vec<IssueEvent> {
    let mut issues: HashMap<IssueId, IssueEvent> = HashMap::new();
    for event in events {
        let merged = issues.entry(event.issue_id).or_insert(*event);
        merged.position = event.position;
        if rank(event.kind) > rank(merged.kind) {
            merged.kind = event.kind;
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

    /// Signals that something was recorded or changed in this process.
    pub(crate) fn wake(&self) {
        if self.signals.receiver_count() > 0 {
            self.wake.notify_one();
        }
    }

    /// Starts listening, from now on or after a position.
    pub(crate) async fn listen(&self, after: Option<FeedPosition>) -> Result<Listener, StoreError> {
        self.keep().await?;
        let mut sent_up_to = self.position.lock().await;
        let is_first = self.signals.receiver_count() == 0;
        let signals = self.signals.subscribe();
        let position = match *sent_up_to {
            Some(position) if !is_first => position,
            Some(_) | None => self.store.issue_events(None, 0).await?.next,
        };
        *sent_up_to = Some(position);
        let backlog = match after {
            None => VecDeque::new(),
            Some(after) => self.since(after, Some(position)).await?.0.into(),
        };
        Ok(Listener { backlog, signals, position, closed: self.closed.load(Ordering::Acquire) })
    }

    /// Ends all streams, current and future.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let _ = self.signals.send(Signal::End);
        self.wake.notify_one();
    }

    async fn keep(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.keep_issue_events(now.plus_millis(KEEP_MILLIS), now).await
    }

    /// Sends events until the feed is closed.
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
        let mut sent_up_to = self.position.lock().await;
        let Some(position) = *sent_up_to else { return Ok(()) };
        let (messages, next) = self.since(position, None).await?;
        for message in messages {
            let _ = self.signals.send(Signal::Message(message));
        }
        *sent_up_to = Some(next);
        Ok(())
    }

    /// The messages for everything after a position, and the position to continue from.
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
        let merged = by_issue(&events);
        let missed = Message { position: next, update: Update::Missed };
        if read.missed || !is_all || merged.len() > MAX_PER_TICK {
            return Ok((vec![missed], next));
        }
        let issues = self.issues(&merged).await?;
        let of_issue = |event: &IssueEvent| {
            let issue = Arc::clone(issues.get(&event.issue_id)?);
            Some(Message { position: event.position, update: Update::Issue(event.kind, issue) })
        };
        let mut messages: Vec<Message> = merged.iter().filter_map(of_issue).collect();
        // A page removes an issue only by reading everything again.
        if merged.iter().any(|event| event.kind == IssueEventKind::Deleted) {
            messages.push(missed);
        }
        Ok((messages, next))
    }

    /// The issues of some events, in a single query.
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
        let merged = [event(3, 7, IssueEventKind::Created), event(4, 8, IssueEventKind::StatusChanged)];
        assert_eq!(by_issue(&events), merged);
    }
}
