//! What a command prints, bounded: the beginning and the end are kept, and it never waits for us.

use std::collections::VecDeque;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes that are kept of a command's output: half from its beginning, half from its end.
const KEPT: usize = 4 * 1024 * 1024;

/// What is kept of an output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) text: String,
    pub(crate) truncated: bool,
}

/// Reads to the end, whatever comes.
pub(super) async fn read(mut from: impl AsyncRead + Unpin) -> Kept {
    let (mut head, mut tail, mut dropped) = (Vec::new(), VecDeque::new(), 0_u64);
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let fits = count.min(KEPT / 2 - head.len());
        head.extend_from_slice(&buffer[..fits]);
        tail.extend(&buffer[fits..count]);
        let excess = tail.len().saturating_sub(KEPT / 2);
        tail.drain(..excess);
        dropped += excess as u64;
    }
    let mut text = String::from_utf8_lossy(&head).into_owned();
    if dropped > 0 {
        text.push_str(&format!("\n[{dropped} bytes left out]\n"));
    }
    text.push_str(&String::from_utf8_lossy(tail.make_contiguous()));
    Kept { text, truncated: dropped > 0 }
}

impl Kept {
    /// The last lines, at most this many bytes.
    pub(crate) fn tail(&self, bytes: usize) -> &str {
        let from = self.text.len().saturating_sub(bytes);
        let from = (from..=self.text.len()).find(|&at| self.text.is_char_boundary(at)).unwrap_or(0);
        &self.text[from..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_ends_of_a_flood_are_kept() {
        let flood = [b"first\n".to_vec(), vec![b'x'; 3 * KEPT], b"\nlast".to_vec()].concat();
        let kept = read(&flood[..]).await;
        assert!(kept.truncated && kept.text.len() < KEPT + 100);
        assert!(kept.text.starts_with("first\n") && kept.tail(4) == "last");
        assert!(kept.text.contains("bytes left out"));
        let short = read(&b"one \xff two"[..]).await;
        assert_eq!(short, Kept { text: "one \u{FFFD} two".into(), truncated: false });
    }
}
