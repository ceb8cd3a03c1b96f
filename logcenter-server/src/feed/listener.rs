//! A listener, and what it is told.

use crate::domain::{FeedPosition, Issue, IssueEventKind};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::broadcast;

/// One message to listeners.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// A listener that comes back says with it what it was told last.
    pub(crate) position: FeedPosition,
    /// What is told.
    pub(crate) told: Told,
}

/// What a listener is told.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// Something happened to an issue, which is like this now. Of several things the most important one.
    Issue(IssueEventKind, Arc<Issue>),
    /// Messages were lost: read everything again.
    Missed,
}

/// What listeners receive.
#[derive(Debug, Clone)]
pub(super) enum Signal {
    Message(Message),
    End,
}

/// Somebody who listens.
pub(crate) struct Listener {
    pub(super) backlog: VecDeque<Message>,
    pub(super) signals: broadcast::Receiver<Signal>,
    pub(super) position: FeedPosition,
    pub(super) closed: bool,
}

impl Listener {
    /// The next message; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        if let Some(message) = self.backlog.pop_front() {
            return Some(message);
        }
        if self.closed {
            return None;
        }
        match self.signals.recv().await {
            Ok(Signal::Message(message)) => {
                self.position = message.position;
                Some(message)
            }
            Err(broadcast::error::RecvError::Lagged(_)) => {
                Some(Message { position: self.position, told: Told::Missed })
            }
            Ok(Signal::End) | Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
