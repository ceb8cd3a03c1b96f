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

/// A text without its middle if it has more than `most` characters. Its end stays longer than its beginning: in a path it
/// tells more.
pub(crate) fn without_middle(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.into();
    }
    let start: String = text.chars().take(most / 4).collect();
    let end: String = text.chars().skip(length - (most - most / 4 - 1)).collect();
    format!("{start}…{end}")
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
    fn a_long_path_keeps_its_end() {
        assert_eq!(without_middle("src/main.rs:42", 20), "src/main.rs:42");
        let path = "/srv/very/deep/目录/目录/目录/below/it/views.py:42";
        let short = without_middle(path, 20);
        assert_eq!(short, "/srv/…it/views.py:42");
        assert!(short.chars().count() <= 20);
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
