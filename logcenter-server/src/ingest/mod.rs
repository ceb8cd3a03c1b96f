//! The path of a report from bytes to outcome: memory, decoding, permission, the queue. No HTTP, no SQL.

mod accept;
mod budget;
mod encoding;
pub(crate) mod protocol;
mod queue;
mod refusal;

pub(crate) use accept::{Refused, accept};
pub(crate) use budget::{Pool, Reservation};
pub(crate) use encoding::{Encoding, Undecodable};
pub(crate) use queue::{Intake, QueueTask};
pub(crate) use refusal::Refusal;
