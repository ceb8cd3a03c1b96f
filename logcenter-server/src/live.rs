//! What happens to issues, told to whoever listens as it happens.
//!
//! Recording and status changes say which issues they touched; a task reads those a moment later, each once, and tells all
//! listeners. While nobody listens nothing is read, and saying it costs one look at a flag.

use crate::domain::{Issue, Outcome};
use crate::store::Store;
use logcenter_core::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, broadcast};

/// How long touched issues are gathered before they are told: what counts many times in it is told once.
const WINDOW: Duration = Duration::from_millis(300);

/// Issues that are told at once. Of more, listeners are told that they missed some.
const AT_ONCE: usize = 200;

/// Messages that are kept for a listener that was away for a moment.
const KEPT: usize = 1000;

/// What happened to an issue. Of several things the last in this order is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happening {
    /// It counted, or its status was changed.
    Changed,
    /// It is new.
    Created,
    /// It came back.
    Regressed,
}

impl Happening {
    const fn name(self) -> &'static str {
        match self {
            Self::Changed => "issue.changed",
            Self::Created => "issue.created",
            Self::Regressed => "issue.regressed",
        }
    }
}

/// One message to listeners.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// By which a listener says what it got last.
    pub(crate) id: MessageId,
    /// What happened.
    pub(crate) name: &'static str,
    /// The issue in JSON, without stack and context.
    pub(crate) data: Arc<str>,
}

/// Where a message stands: in which run of messages, and the how manieth of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MessageId {
    run: i64,
    number: u64,
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.run, self.number)
    }
}

impl MessageId {
    /// None that was ever given.
    pub(crate) const NONE: Self = Self { run: i64::MIN, number: 0 };

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (run, number) = text.split_once('-')?;
        Some(Self { run: run.parse().ok()?, number: number.parse().ok()? })
    }
}

/// What listeners are told when messages before were lost to them: to read everything again.
pub(crate) const MISSED: &str = "stream.missed";

/// Told to a listener.
#[derive(Debug, Clone)]
enum Telling {
    Message(Message),
    End,
}

#[derive(Default)]
struct State {
    touched: BTreeMap<i64, Happening>,
    recent: VecDeque<Message>,
    run: i64,
    number: u64,
    closed: bool,
    /// Nobody listened when the minute began.
    lonely: bool,
}

/// Where it is said what happened, and listened to.
pub(crate) struct Live {
    active: AtomicBool,
    state: Mutex<State>,
    touched: Notify,
    listeners: broadcast::Sender<Telling>,
}

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            active: AtomicBool::new(false),
            state: Mutex::default(),
            touched: Notify::new(),
            listeners: broadcast::Sender::new(KEPT),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reports were recorded.
    pub(crate) fn recorded(&self, outcomes: &[Outcome]) {
        self.touch(outcomes.iter().map(|outcome| match outcome {
            Outcome::Reported { id } => (*id, Happening::Created),
            Outcome::Regressed { id } => (*id, Happening::Regressed),
            Outcome::Deduplicated { id, .. } => (*id, Happening::Changed),
        }));
    }

    /// The status of issues was changed.
    pub(crate) fn changed(&self, ids: impl IntoIterator<Item = i64>) {
        self.touch(ids.into_iter().map(|id| (id, Happening::Changed)));
    }

    fn touch(&self, issues: impl Iterator<Item = (i64, Happening)>) {
        if !self.active.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.state();
        for (id, happening) in issues {
            let told = state.touched.entry(id).or_insert(happening);
            *told = happening.max(*told);
        }
        drop(state);
        self.touched.notify_one();
    }

    /// Listens from now on, or from after the message with this id.
    pub(crate) fn listen(self: &Arc<Self>, after: Option<MessageId>, now: Timestamp) -> Listener {
        let mut state = self.state();
        if !self.active.swap(true, Ordering::Relaxed) {
            state.run = now.millis().max(state.run + 1);
            state.number = 0;
        }
        state.lonely = false;
        let told = self.listeners.subscribe();
        let current = MessageId { run: state.run, number: state.number };
        let (missed, backlog) = match after {
            None => (false, VecDeque::new()),
            Some(after) => {
                let oldest = state.recent.front().map_or(current.number, |message| message.id.number - 1);
                let missed = after.run != state.run || after.number < oldest;
                let later = state.recent.iter().filter(|message| !missed && message.id.number > after.number);
                (missed, later.cloned().collect())
            }
        };
        Listener { told, missed, backlog, current, closed: state.closed }
    }

    /// Ends all listening, now and later.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        let _ = self.listeners.send(Telling::End);
        self.touched.notify_one();
    }

    /// Rests once nobody has listened for a while; called from time to time.
    pub(crate) fn rest(&self) {
        let mut state = self.state();
        if self.listeners.receiver_count() > 0 {
            return;
        }
        if state.lonely {
            self.active.store(false, Ordering::Relaxed);
            state.touched.clear();
            state.recent.clear();
        }
        state.lonely = true;
    }

    /// Tells what was touched, until it is closed.
    #[expect(clippy::disallowed_methods, reason = "the window is a time, not a condition")]
    pub(crate) async fn run(self: Arc<Self>, store: Arc<dyn Store>) {
        loop {
            self.touched.notified().await;
            if self.state().closed {
                return;
            }
            tokio::time::sleep(WINDOW).await;
            let touched = std::mem::take(&mut self.state().touched);
            let too_many = touched.len() > AT_ONCE;
            // The first and the last: new issues have the highest numbers.
            for (id, happening) in touched.into_iter().rev().take(AT_ONCE) {
                match store.issue(id).await {
                    Ok(Some(issue)) => self.tell(happening.name(), &without_stack(issue)),
                    Ok(None) => {}
                    Err(error) => tracing::debug!(%error, "an issue could not be read for those who listen"),
                }
            }
            if too_many {
                self.tell(MISSED, "{}");
            }
        }
    }

    fn tell(&self, name: &'static str, data: &str) {
        let mut state = self.state();
        state.number += 1;
        let id = MessageId { run: state.run, number: state.number };
        let message = Message { id, name, data: data.into() };
        if state.recent.len() == KEPT {
            state.recent.pop_front();
        }
        state.recent.push_back(message.clone());
        // Under the lock, so that whoever begins to listen gets it once.
        let _ = self.listeners.send(Telling::Message(message));
    }
}

fn without_stack(mut issue: Issue) -> String {
    issue.error.stack_trace = None;
    issue.context = None;
    serde_json::to_string(&issue).unwrap_or_default()
}

/// Somebody who listens.
pub(crate) struct Listener {
    told: broadcast::Receiver<Telling>,
    missed: bool,
    backlog: VecDeque<Message>,
    current: MessageId,
    closed: bool,
}

impl Listener {
    /// The next message; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        if std::mem::take(&mut self.missed) {
            return Some(self.missed_some());
        }
        if let Some(message) = self.backlog.pop_front() {
            return Some(message);
        }
        if self.closed {
            return None;
        }
        match self.told.recv().await {
            Ok(Telling::Message(message)) => {
                self.current = message.id;
                Some(message)
            }
            Err(broadcast::error::RecvError::Lagged(_)) => Some(self.missed_some()),
            Ok(Telling::End) | Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    fn missed_some(&self) -> Message {
        Message { id: self.current, name: MISSED, data: "{}".into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_767_323_045_000)
    }

    #[tokio::test]
    async fn who_was_away_gets_what_came_meanwhile_or_is_told_that_it_missed_some() {
        let live = Arc::new(Live::new());
        let mut first = live.listen(None, now());
        live.tell("a", "1");
        live.tell("b", "2");
        let a = first.next().await.unwrap();
        assert_eq!(a.name, "a");
        let mut again = live.listen(Some(a.id), now());
        assert_eq!(again.next().await.unwrap().name, "b");
        live.tell("c", "3");
        assert_eq!(again.next().await.unwrap().name, "c");
        let mut stranger = live.listen(MessageId::parse("1-1"), now());
        assert_eq!(stranger.next().await.unwrap().name, MISSED);
        for _ in 0..KEPT {
            live.tell("d", "4");
        }
        let mut late = live.listen(Some(a.id), now());
        assert_eq!(late.next().await.unwrap().name, MISSED);
        live.close();
        assert!(late.next().await.is_none());
        assert!(live.listen(None, now()).next().await.is_none());
    }

    #[test]
    fn it_rests_when_nobody_has_listened_for_a_while() {
        let live = Arc::new(Live::new());
        live.changed([1]);
        assert!(live.state().touched.is_empty());
        let listener = live.listen(None, now());
        live.rest();
        live.changed([1]);
        assert_eq!(live.state().touched.len(), 1);
        drop(listener);
        live.rest();
        assert!(live.active.load(Ordering::Relaxed));
        live.rest();
        assert!(!live.active.load(Ordering::Relaxed));
        assert!(live.state().touched.is_empty());
    }
}
