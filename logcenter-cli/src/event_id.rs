//! Event IDs, so that an event is counted once however often it is sent.

use sha2::{Digest, Sha256};

/// An ID for the event: its source, followed by 160 bits of the hash of what distinguishes it from all others.
pub(crate) fn of(source: &str, identity: &[u8]) -> String {
    let hash = Sha256::digest(identity);
    hash.iter().take(20).fold(format!("{source}-"), |id, byte| id + &format!("{byte:02x}"))
}
