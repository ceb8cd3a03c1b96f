//! Makes JSON of what is almost JSON, so that a careless client's report is not lost.
//!
//! A shell step that builds its JSON with `sed` sends raw tabs and escape sequences inside strings, a lone `\x`,
//! invalid UTF-8, or a quote that was never escaped. All of that has one sensible reading, given here.

use alloc::borrow::Cow;
use alloc::string::String;

/// What [`scan`] found in a text that claims to be JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// The deepest nesting of arrays and objects.
    pub depth: usize,
    /// No string holds a NUL, a lone surrogate, an unknown escape or a raw control character.
    pub clean: bool,
}

/// What a byte inside a string means to the scan.
const PLAIN: u8 = 0;
const SPECIAL: u8 = 1;

const fn specials() -> [u8; 256] {
    let mut table = [PLAIN; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = SPECIAL;
        control += 1;
    }
    table[b'"' as usize] = SPECIAL;
    table[b'\\' as usize] = SPECIAL;
    table
}

static IN_STRING: [u8; 256] = specials();

/// One pass over the bytes, without parsing: is it clean, and how deep does it nest?
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
                while at < bytes.len() {
                    if IN_STRING[bytes[at] as usize] == PLAIN {
                        at += 1;
                        continue;
                    }
                    match bytes[at] {
                        b'"' => break,
                        b'\\' => match escape(&bytes[at..]) {
                            Escape::Sound(length) => at += length,
                            Escape::Hole(length) => {
                                clean = false;
                                at += length;
                            }
                            Escape::Unknown => {
                                clean = false;
                                at += 1;
                            }
                        },
                        _control => {
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
    /// An escape to keep, of this many bytes.
    Sound(usize),
    /// A NUL or a lone surrogate, of this many bytes: becomes U+FFFD.
    Hole(usize),
    /// A backslash that escapes nothing: stands for itself.
    Unknown,
}

/// Judges the escape that `bytes` begin with.
fn escape(bytes: &[u8]) -> Escape {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Escape::Sound(2),
        Some(b'u') => match code_unit(bytes) {
            None => Escape::Unknown,
            Some(0) => Escape::Hole(6),
            Some(0xD800..=0xDBFF) => match bytes.get(6..).and_then(code_unit) {
                Some(0xDC00..=0xDFFF) => Escape::Sound(12),
                _ => Escape::Hole(6),
            },
            Some(0xDC00..=0xDFFF) => Escape::Hole(6),
            Some(_) => Escape::Sound(6),
        },
        _ => Escape::Unknown,
    }
}

/// The code unit of a `\uXXXX` that `bytes` begin with.
fn code_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}

/// Rewrites strings so that a JSON parser takes them: raw control characters are escaped, a backslash that escapes
/// nothing stands for itself, NUL and lone surrogates become U+FFFD, and a quote that cannot end its string,
/// judged by what follows it, is part of it. What is JSON already comes back as it was.
#[must_use]
pub fn repair(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let (mut at, mut kept, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        let byte = bytes[at];
        if !in_string {
            in_string = byte == b'"';
            at += 1;
            continue;
        }
        let (replacement, length): (Cow<'_, str>, usize) = match byte {
            b'"' if ends_string(&bytes[at + 1..]) => {
                in_string = false;
                at += 1;
                continue;
            }
            b'"' => ("\\\"".into(), 1),
            b'\\' => match escape(&bytes[at..]) {
                Escape::Sound(length) => {
                    at += length;
                    continue;
                }
                Escape::Hole(length) => ("\u{FFFD}".into(), length),
                Escape::Unknown => ("\\\\".into(), 1),
            },
            0 => ("\u{FFFD}".into(), 1),
            1..0x20 => (alloc::format!("\\u{byte:04x}").into(), 1),
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

/// Whether a quote ends its string when this follows it. In JSON only `:`, `,`, `]`, `}` or the end can follow; in
/// prose they follow a quote too, so what comes behind them must fit as well.
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
                _ => false,
            }
        }
        Some(b']' | b'}') => matches!(token(rest).0, None | Some(b',' | b']' | b'}')),
        Some(_) => false,
    }
}

/// The next byte that is not white space, and what follows it.
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
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Value {
        serde_json::from_str(&repair(text))
            .unwrap_or_else(|error| panic!("{error}: {text:?} → {:?}", repair(text)))
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
            prop_assert_eq!(repair(&text), text);
        }

        #[test]
        fn nothing_breaks_it_and_what_it_repaired_is_clean(text in ".*") {
            let repaired = repair(&text);
            if serde_json::from_str::<Value>(&repaired).is_ok() {
                prop_assert!(scan(&repaired).clean);
            }
        }
    }
}
