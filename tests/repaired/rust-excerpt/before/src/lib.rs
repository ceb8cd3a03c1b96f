//! Texts for narrow places.

/// The first part of a text, of at most `bytes` bytes.
pub fn excerpt(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    &text[..bytes]
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_plain_text() {
        assert_eq!(super::excerpt("a long title", 6), "a long");
        assert_eq!(super::excerpt("short", 6), "short");
    }
}
