//! What an event is called, so that it is counted once however often it is sent.

use sha2::{Digest, Sha256};

/// A name made of what tells the event from all others: 160 bits of its hash behind a word for its source.
pub(crate) fn of(source: &str, told: &[u8]) -> String {
    let hash = Sha256::digest(told);
    hash.iter().take(20).fold(format!("{source}-"), |id, byte| id + &format!("{byte:02x}"))
}
