//! The live stream: changes of issues, sent to listeners.
//!
//! Its only source is the store's stream of issue events, read by position: immediately for changes in this process, by
//! polling for those of other replicas. Without listeners, nothing is kept and nothing is read.

mod hub;
mod listener;

pub(crate) use hub::Feed;
pub(crate) use listener::{Message, Update};
