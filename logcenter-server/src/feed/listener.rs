//! A listener, and the messages it receives.

use crate::domain::{FeedPosition, Issue, IssueEventKind};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::broadcast;

/// A message to listeners.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// A listener that reconnects sends this to say what it has received.
    pub(crate) position: FeedPosition,
    /// The content of the message.
    pub(crate) update: Update,
}

/// The content of a message.
#[derive(Debug, Clone)]
pub(crate) enum Update {
    /// An issue changed, and is like this now. If several things happened, the most important one.
    Issue(IssueEventKind, Arc<Issue>),
    /// Messages were lost: read everything again.
    Missed,
}

/// What the channel to listeners carries.
#[derive(Debug, Clone)]
pub(super) enum Signal {
    Message(Message),
    End,
}

/// A subscriber to the stream.
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
                Some(Message { position: self.position, update: Update::Missed })
            }
            Ok(Signal::End) | Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
