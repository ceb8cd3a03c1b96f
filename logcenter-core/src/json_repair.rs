//! Repairs text that is almost JSON, so that a careless client's report is not lost.
//!
//! A shell step that builds its JSON with `sed` may send raw tabs and escape sequences inside strings, a lone `\x`,
//! invalid UTF-8, or an unescaped quote. Each of these has one sensible reading, given here.

use alloc::borrow::Cow;
use alloc::string::String;

/// What [`scan`] found in a text that should be JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// Deepest nesting of arrays and objects.
    pub depth: usize,
    /// Whether no string contains a NUL, a lone surrogate, an unknown escape or a raw control character.
    pub clean: bool,
}

/// Whether one of eight bytes is special inside a string: a quote, a backslash or a control character. Finds a byte below
/// a bound in a word as in "Bit Twiddling Hacks" (S. E. Anderson), "Determine if a word has a byte less than n".
const fn has_special(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const fn has_byte_below(word: u64, bound: u64) -> u64 {
        word.wrapping_sub(ONES * bound) & !word
    }
    let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    let found = has_byte_below(word, 0x20) | has_byte_below(quote, 1) | has_byte_below(backslash, 1);
    found & (ONES << 7) != 0
}

/// The length of the text in front of the first special byte.
fn plain_prefix(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let plain = words.iter().take_while(|word| !has_special(u64::from_ne_bytes(**word))).count() * 8;
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let rest = &bytes[plain..];
    plain + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// Checks in one pass, without parsing, whether the text is clean and how deep it nests.
#[must_use]
pub fn scan(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let (mut depth, mut deepest, mut clean) = (0_usize, 0_usize, true);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                at += 1;
                loop {
                    at += plain_prefix(&bytes[at..]);
                    match bytes.get(at) {
                        None | Some(b'"') => break,
                        Some(b'\\') => match escape(&bytes[at..]) {
                            Escape::Valid(length) => at += length,
                            Escape::Unstorable(length) => {
                                clean = false;
                                at += length;
                            }
                            Escape::Unknown => {
                                clean = false;
                                at += 1;
                            }
                        },
                        Some(_control) => {
                            clean = false;
                            at += 1;
                        }
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    Scan { depth: deepest, clean }
}

enum Escape {
    /// A valid escape of this many bytes, kept as it is.
    Valid(usize),
    /// A NUL or a lone surrogate of this many bytes, replaced by U+FFFD.
    Unstorable(usize),
    /// A backslash that starts no valid escape, taken literally.
    Unknown,
}

/// Classifies the escape at the start of `bytes`.
fn escape(bytes: &[u8]) -> Escape {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Escape::Valid(2),
        Some(b'u') => match code_unit(bytes) {
            None => Escape::Unknown,
            Some(0) => Escape::Unstorable(6),
            Some(0xD800..=0xDBFF) => match bytes.get(6..).and_then(code_unit) {
                Some(0xDC00..=0xDFFF) => Escape::Valid(12),
                _ => Escape::Unstorable(6),
            },
            Some(0xDC00..=0xDFFF) => Escape::Unstorable(6),
            Some(_) => Escape::Valid(6),
        },
        _ => Escape::Unknown,
    }
}

/// The code unit of the `\uXXXX` at the start of `bytes`.
fn code_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

/// Decodes the bytes of a text: UTF-8 or UTF-16, with or without a byte order mark; what is invalid becomes U+FFFD. Says
/// what it was if it was not plain UTF-8.
pub(crate) fn decode(body: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let utf_16 = |body: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, _) = body.as_chunks::<2>();
        let text = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
        let text: String = text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        (Cow::Owned(text), Some("UTF-16 was decoded"))
    };
    match body {
        [0xFF, 0xFE, body @ ..] => utf_16(body, u16::from_le_bytes),
        [0xFE, 0xFF, body @ ..] => utf_16(body, u16::from_be_bytes),
        // The first character of JSON is ASCII (RFC 4627, section 3).
        [1..=u8::MAX, 0, ..] => utf_16(body, u16::from_le_bytes),
        [0, 1..=u8::MAX, ..] => utf_16(body, u16::from_be_bytes),
        _ => {
            let (body, mark) = match body.strip_prefix(b"\xEF\xBB\xBF") {
                Some(body) => (body, Some("a byte order mark was removed")),
                None => (body, None),
            };
            match String::from_utf8_lossy(body) {
                Cow::Borrowed(text) => (Cow::Borrowed(text), mark),
                text @ Cow::Owned(_) => (text, Some("invalid UTF-8 was replaced")),
            }
        }
    }
}

/// What a backslash in front of a quote means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backslash {
    /// The quote is part of the string, as JSON says.
    Escapes,
    /// The quote ends the string if what follows fits: somebody put a text that ends with a backslash between quotes.
    BeforeEnd,
}

/// Rewrites a text so that a JSON parser accepts it. In strings, raw control characters are escaped, a backslash that
/// starts no valid escape is taken literally, NUL and lone surrogates become U+FFFD, and a quote that cannot end its
/// string, judging by what follows it, becomes part of it. Outside of them `NaN` and `Infinity` become null. With
/// [`Backslash::Escapes`] clean JSON is returned unchanged.
#[must_use]
pub(crate) fn repair(text: &str, backslash: Backslash) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let (mut at, mut kept, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (replacement, length): (Cow<'_, str>, usize) = match bytes[at] {
            b'"' if !in_string => {
                in_string = true;
                at += 1;
                continue;
            }
            b'-' | b'N' | b'I' if !in_string => match NOT_FINITE.iter().find(|word| rest.starts_with(word)) {
                Some(word) => ("null".into(), word.len()),
                None => {
                    at += 1;
                    continue;
                }
            },
            _ if !in_string => {
                at += 1;
                continue;
            }
            b'"' if ends_string(&rest[1..]) => {
                in_string = false;
                at += 1;
                continue;
            }
            b'"' => ("\\\"".into(), 1),
            b'\\'
                if backslash == Backslash::BeforeEnd
                    && rest.get(1) == Some(&b'"')
                    && ends_string(&rest[2..]) =>
            {
                ("\\\\".into(), 1)
            }
            b'\\' => match escape(rest) {
                Escape::Valid(length) => {
                    at += length;
                    continue;
                }
                Escape::Unstorable(length) => ("\u{FFFD}".into(), length),
                Escape::Unknown => ("\\\\".into(), 1),
            },
            0 => ("\u{FFFD}".into(), 1),
            byte @ 1..0x20 => (alloc::format!("\\u{byte:04x}").into(), 1),
            _ => {
                at += 1;
                continue;
            }
        };
        out.push_str(&text[kept..at]);
        out.push_str(&replacement);
        at += length;
        kept = at;
    }
    out.push_str(&text[kept..]);
    out
}

/// What Python's `json.dumps` and others write for numbers that are not finite.
const NOT_FINITE: [&[u8]; 4] = [b"NaN", b"-Infinity", b"Infinity", b"-NaN"];

/// Whether a quote followed by `rest` ends its string. In JSON only `:`, `,`, `]`, `}` or the end can follow. In prose
/// these can follow a quote too, so what comes after them must also be valid.
fn ends_string(rest: &[u8]) -> bool {
    let (next, rest) = token(rest);
    match next {
        None => true,
        Some(b':' | b',') => {
            let (value, rest) = token(rest);
            match value {
                Some(b'"' | b'{' | b'[' | b'-' | b'0'..=b'9') => true,
                Some(b't') => rest.starts_with(b"rue"),
                Some(b'f') => rest.starts_with(b"alse"),
                Some(b'n') => rest.starts_with(b"ull"),
                Some(b'N') => rest.starts_with(b"aN"),
                Some(b'I') => rest.starts_with(b"nfinity"),
                _ => false,
            }
        }
        Some(b']' | b'}') => matches!(token(rest).0, None | Some(b',' | b']' | b'}')),
        Some(_) => false,
    }
}

/// The next byte that is not whitespace, and what follows it.
fn token(bytes: &[u8]) -> (Option<u8>, &[u8]) {
    match bytes.iter().position(|byte| !byte.is_ascii_whitespace()) {
        Some(at) => (Some(bytes[at]), &bytes[at + 1..]),
        None => (None, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Value {
        serde_json::from_str(&repair(text, Backslash::Escapes))
            .unwrap_or_else(|error| panic!("{error}: {text:?}"))
    }

    #[test]
    fn what_a_shell_step_sends_is_read() {
        assert_eq!(read("[\"a\tb\x1b[31m\"]")[0], "a\tb\x1b[31m");
        assert_eq!(read(r#"["C:\dir\x"]"#)[0], r"C:\dir\x");
        assert_eq!(read(r#"["\u12"]"#)[0], r"\u12");
        assert_eq!(read(r#"["said \\"no\\" and left", 2]"#)[0], r#"said \"no\" and left"#);
        assert_eq!(read(r#"{"a": "x "y", and "z" ended", "b": 1}"#)["a"], r#"x "y", and "z" ended"#);
        assert_eq!(read("[\"a\0b\"]")[0], "a\u{FFFD}b");
    }

    #[test]
    fn numbers_that_are_not_finite_become_null() {
        let read = read(r#"{"NaN": [NaN, -Infinity, Infinity], "a": "NaN", "b": NaN}"#);
        assert_eq!(read, serde_json::json!({"NaN": [null, null, null], "a": "NaN", "b": null}));
    }

    #[test]
    fn a_backslash_that_swallowed_the_end_of_its_string_is_taken_literally() {
        let repaired = repair(r#"{"lines": ["RUN npm ci && \"], "b": ["\"]}"#, Backslash::BeforeEnd);
        let read: Value = serde_json::from_str(&repaired).unwrap();
        assert_eq!(read, serde_json::json!({"lines": ["RUN npm ci && \\"], "b": ["\\"]}));
    }

    #[test]
    fn every_encoding_of_json_is_read() {
        let text = "[\"é😀\"]";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [le.clone(), be.clone(), [&[0xFF, 0xFE], &*le].concat(), [&[0xFE, 0xFF], &*be].concat()]
        {
            assert_eq!(decode(&bytes), (text.into(), Some("UTF-16 was decoded")));
        }
        assert_eq!(decode(text.as_bytes()), (text.into(), None));
        assert_eq!(decode(b"\xEF\xBB\xBF[]"), ("[]".into(), Some("a byte order mark was removed")));
    }

    #[test]
    fn nul_and_lone_surrogates_become_one_replacement_each() {
        for (text, read_as) in [
            (r#"["\u0000"]"#, "\u{FFFD}"),
            (r#"["\ud800x"]"#, "\u{FFFD}x"),
            (r#"["\udc00\ud800"]"#, "\u{FFFD}\u{FFFD}"),
            (r#"["\ud800\ud83d\ude00"]"#, "\u{FFFD}😀"),
        ] {
            assert!(!scan(text).clean, "{text}");
            assert_eq!(read(text)[0], read_as, "{text}");
        }
        assert!(scan(r#"["\ud83d\ude00 \\u0000"]"#).clean);
    }

    #[test]
    fn what_is_not_clean_is_found_at_every_place() {
        for before in 0..20 {
            for special in ["\t", "\0", "\x1f", "\\x"] {
                let text = format!("[\"{}{special}{}\"]", "é".repeat(before), "~".repeat(9));
                assert!(!scan(&text).clean, "{text:?}");
            }
            assert!(scan(&format!("[\"{}\u{7f} !\", \"]\"]", "é".repeat(before))).clean);
        }
    }

    #[test]
    fn depth_is_counted_outside_strings() {
        assert_eq!(scan(r#"{"a": [[1], "[[[["]}"#).depth, 3);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_left_alone(value in json(), pretty: bool) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            prop_assume!(!text.contains("\\u0000"));
            prop_assert!(scan(&text).clean);
            prop_assert_eq!(repair(&text, Backslash::Escapes), text);
        }

        #[test]
        fn nothing_breaks_it_and_what_it_repaired_is_clean(text in ".*") {
            let repaired = repair(&text, Backslash::Escapes);
            if serde_json::from_str::<Value>(&repaired).is_ok() {
                prop_assert!(scan(&repaired).clean);
            }
        }
    }
}
