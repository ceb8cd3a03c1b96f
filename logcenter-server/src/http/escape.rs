//! Escapes untrusted text for pages, so that it stays text and nothing in it is hidden. Every page goes through this.

use askama::filters::Escaper;
use std::fmt;

/// The same for text that is copied: it may be pasted into a terminal, or read by an agent.
pub(crate) fn printable(text: &str) -> String {
    let (mut visible, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\n' | '\t' | '&' | '<' | '>' | '"' | '\'' => visible.push(character),
            '\u{1b}' if csi_length(rest).is_some() => rest = &rest[csi_length(rest).unwrap_or_default()..],
            '\r' if rest.starts_with('\n') => {}
            hidden if hidden.is_control() || is_special(hidden) => {
                visible.push_str(&format!("[U+{:04X}]", u32::from(hidden)));
            }
            other => visible.push(other),
        }
    }
    visible
}

/// Escapes HTML's special characters, drops terminal colours, and makes control and bidirectional characters visible,
/// which could make one line look like another.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HtmlEscaper;

impl Escaper for HtmlEscaper {
    fn write_escaped_str<W: fmt::Write>(&self, mut to: W, text: &str) -> fmt::Result {
        let (mut rest, mut plain) = (text, 0);
        loop {
            let Some((at, character)) = rest[plain..].char_indices().find(|&(_, c)| is_special(c)) else {
                return to.write_str(rest);
            };
            let at = plain + at;
            to.write_str(&rest[..at])?;
            let after = &rest[at + character.len_utf8()..];
            rest = after;
            plain = 0;
            match character {
                '&' => to.write_str("&amp;")?,
                '<' => to.write_str("&lt;")?,
                '>' => to.write_str("&gt;")?,
                '"' => to.write_str("&quot;")?,
                '\'' => to.write_str("&#39;")?,
                '\u{1b}' => match csi_length(after) {
                    Some(length) => rest = &after[length..],
                    None => to.write_char('␛')?,
                },
                '\r' if after.starts_with('\n') => {}
                '\0'..='\x1f' => {
                    to.write_char(char::from_u32(0x2400 + u32::from(character)).unwrap_or('␀'))?
                }
                '\x7f' => to.write_char('␡')?,
                hidden => write!(to, "[U+{:04X}]", u32::from(hidden))?,
            }
        }
    }
}

/// Characters that need escaping.
fn is_special(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '&' | '<' | '>' | '"' | '\'' | '\0'..='\x1f' | '\x7f'..='\u{9f}' => true,
        _ => turns_direction(character),
    }
}

/// Bidirectional controls (Unicode Standard Annex 9, section 2).
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The length of the rest of a control sequence (ECMA-48, 5.4) after its ESC, if it is one.
fn csi_length(after: &str) -> Option<usize> {
    let sequence = after.strip_prefix('[')?;
    let length = sequence.find(|c: char| !matches!(c, '0'..='?' | ' '..='/'))?;
    let end = sequence[length..].chars().next().filter(|end| ('@'..='~').contains(end))?;
    Some(1 + length + end.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_means_anything_and_nothing_is_hidden() {
        let rows = [
            ("a <b> & \"c\" 'd'", "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"),
            ("\u{1b}[31mred\u{1b}[0m \u{1b}[2K!", "red !"),
            ("\u{1b}]0;title\u{7}", "␛]0;title␇"),
            ("\u{1b}", "␛"),
            ("\u{1b}[31", "␛[31"),
            ("txt.\u{202e}exe", "txt.[U+202E]exe"),
            ("a\r\nb\rc\td", "a\nb␍c\td"),
            ("错误 é 😀", "错误 é 😀"),
            ("\u{85}\u{7f}", "[U+0085]␡"),
        ];
        for (text, expected) in rows {
            let mut shown = String::new();
            HtmlEscaper.write_escaped_str(&mut shown, text).unwrap();
            assert_eq!(shown, expected, "{text:?}");
        }
    }
}
