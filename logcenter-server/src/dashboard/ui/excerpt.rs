//! Shortens long texts, so that no report makes a page heavy. Readers can ask for the full text.

/// Shortens the longest texts until all together have about `bytes` bytes. Returns whether any was shortened.
pub(crate) fn excerpt<'a>(texts: impl IntoIterator<Item = &'a mut String>, bytes: usize) -> bool {
    let texts: Vec<&mut String> = texts.into_iter().collect();
    let longest = longest(texts.iter().map(|text| text.len()).collect(), bytes);
    let mut shortened = false;
    for text in texts {
        if text.len() > longest {
            text.truncate(text.floor_char_boundary(longest));
            text.push('…');
            shortened = true;
        }
    }
    shortened
}

/// The length to cut texts to, so that they sum to at most `bytes`: the room that short texts leave goes to the long
/// ones.
fn longest(mut lengths: Vec<usize>, bytes: usize) -> usize {
    lengths.sort_unstable();
    let mut left = bytes;
    for (at, length) in lengths.iter().enumerate() {
        let share = left / (lengths.len() - at);
        if *length > share {
            return share;
        }
        left -= length;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpts(texts: &[&str], bytes: usize) -> (bool, Vec<String>) {
        let mut texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        (excerpt(&mut texts, bytes), texts)
    }

    #[test]
    fn what_has_room_stays_whole() {
        assert_eq!(excerpts(&["four", ""], 4), (false, vec!["four".into(), String::new()]));
        assert_eq!(excerpts(&[], 0), (false, vec![]));
    }

    #[test]
    fn the_longest_are_shortened_and_no_character_is_split() {
        let (shortened, texts) = excerpts(&["a", "bbbbbbbb", "错误错误"], 11);
        assert!(shortened);
        assert_eq!(texts, ["a", "bbbbb…", "错…"]);
    }
}
