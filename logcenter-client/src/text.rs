//! Text of bounded length.

use std::fmt::{self, Write};

/// Longest message of an error, in bytes.
pub(crate) const MESSAGE: usize = 8 * 1024;

/// Formats at most `max` bytes of `value`; the rest is not even written. A formatter that panics does no harm if
/// panics unwind. For integrations.
///
/// ```
/// assert_eq!(logcenter_client::bounded(&"a long story", 6), "a long…");
/// ```
#[must_use]
pub fn bounded(value: &dyn fmt::Display, max: usize) -> String {
    struct Bounded {
        text: String,
        max: usize,
    }
    impl Write for Bounded {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            let room = self.max - self.text.len();
            let fitting = &part[..part.floor_char_boundary(room)];
            self.text.push_str(fitting);
            if fitting.len() == part.len() { Ok(()) } else { Err(fmt::Error) }
        }
    }
    let mut bounded = Bounded { text: String::new(), max };
    let write = std::panic::AssertUnwindSafe(|| write!(bounded, "{value}"));
    let cut = match std::panic::catch_unwind(write) {
        Ok(Ok(())) => false,
        Ok(Err(_)) => bounded.text.len() + 4 >= max,
        Err(_) => {
            bounded.text.push_str(" (its text could not be formatted)");
            false
        }
    };
    if cut {
        bounded.text.push('…');
    }
    bounded.text
}

/// At most `max` bytes of `text`.
pub(crate) fn cut(text: &str, max: usize) -> String {
    bounded(&text, max)
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn ends_at_a_character_and_stops_writing() {
        struct Endless;
        impl std::fmt::Display for Endless {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                loop {
                    f.write_str("错误")?;
                }
            }
        }
        let text = bounded(&Endless, 100);
        assert!(text.ends_with("错…") || text.ends_with("误…"), "{text}");
        assert!(text.len() <= 103);
        assert_eq!(bounded(&"short", 100), "short");
    }
}
