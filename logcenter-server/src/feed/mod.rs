//! The live stream: what happens to issues, told to whoever listens.
//!
//! Its one source is the store's stream of issue events, read by position: woken at once by what happens in this process,
//! by polling for what other replicas do. While nobody listens nothing is kept and nothing is read.

mod hub;
mod listener;

pub(crate) use hub::Feed;
pub(crate) use listener::{Message, Told};
