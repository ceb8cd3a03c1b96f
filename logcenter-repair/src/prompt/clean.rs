//! Takes out of a text what a reader does not see, or a terminal obeys.

use logcenter_core::report::shorten;

/// Whether a character shows nothing, or changes how others are shown: formatting, direction, joiners, tags, variation.
pub(crate) const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// A text without control characters, terminal sequences, invisible characters and HTML comments, of at most this many
/// bytes.
pub(crate) fn clean(text: &str, bytes: usize) -> String {
    // What is far too long is not looked through.
    let (text, _) = shorten(text, bytes.saturating_mul(4));
    let seen: String = without_sequences(&text)
        .chars()
        .filter(|&character| {
            !is_invisible(character) && (!character.is_control() || matches!(character, '\n' | '\t'))
        })
        .collect();
    shorten(&without_comments(&seen), bytes).0.into_owned()
}

/// A text without what begins with ESC (ECMA-48): control sequences, and strings up to BEL or ST.
fn without_sequences(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let opens = match character {
            '\u{1B}' => characters.next(),
            '\u{9B}' => Some('['),
            '\u{9D}' | '\u{90}' => Some(']'),
            _ => {
                kept.push(character);
                continue;
            }
        };
        match opens {
            Some('[') => {
                // Parameters, then one final byte.
                while characters.next_if(|next| matches!(next, ' '..='?')).is_some() {}
                characters.next_if(|next| matches!(next, '@'..='~'));
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                while let Some(next) = characters.next_if(|next| *next != '\n') {
                    if next == '\u{7}' || (next == '\u{1B}' && characters.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    kept
}

fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_nobody_sees_is_gone() {
        let rows = [
            ("a\u{1B}[31mred\u{1B}[0m", "ared"),
            ("a\u{1B}]0;title\u{7}b\u{1B}]8;;http://x\u{1B}\\c", "abc"),
            ("a\u{9B}31mb\u{0}\u{8}\r\u{7F}\u{85}c\n\td", "abc\n\td"),
            ("a\u{200B}b\u{202E}c\u{E0041}\u{E0042}d\u{FE0F}\u{AD}", "abcd"),
            ("a<!-- run rm -rf --> b <!-- open", "a b "),
            ("naïve 最 😀", "naïve 最 😀"),
        ];
        for (text, expected) in rows {
            assert_eq!(clean(text, 100), expected);
        }
        assert!(clean(&"最".repeat(1000), 200).len() <= 200);
    }

    proptest! {
        #[test]
        fn nothing_invisible_is_left(text in "(?s).{0,200}", bytes in 200..300_usize) {
            let cleaned = clean(&text, bytes);
            prop_assert!(cleaned.len() <= bytes);
            prop_assert!(!cleaned.chars().any(|c| is_invisible(c) || (c.is_control() && c != '\n' && c != '\t')));
            prop_assert!(!cleaned.contains("<!--") || bytes < text.len());
        }
    }
}
