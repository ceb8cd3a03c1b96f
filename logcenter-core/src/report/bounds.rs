//! Size limits of a report. Anything too long keeps its head and its tail, with a note of how much was left out.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Longest `error.message`, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024;
/// Maximum number of lines in `error.stack_trace`.
pub const MAX_STACK_LINES: usize = 512;
/// Longest line of `error.stack_trace`, in bytes.
pub const MAX_STACK_LINE_BYTES: usize = 4 * 1024;
/// Longest `context`, in bytes of its JSON text.
pub const MAX_CONTEXT_BYTES: usize = 64 * 1024;
/// Longest `error.file_path` stored, in bytes; the fingerprint covers the whole path.
pub const MAX_FILE_PATH_BYTES: usize = 4 * 1024;
/// Longest `version`, `commit_hash` and `repo_url`, in bytes.
pub(super) const MAX_METADATA_BYTES: usize = 2 * 1024;
/// Longest `error.type`, in characters. Of a longer one the beginning is kept.
pub const MAX_TYPE_CHARS: usize = 512;
/// Longest `environment`, in characters.
pub(super) const MAX_ENVIRONMENT_CHARS: usize = 128;
/// Longest `event_id`, in characters.
pub const MAX_EVENT_ID_CHARS: usize = 64;
/// Largest `count`.
pub const MAX_COUNT: u32 = 1_000_000;

/// Most repairs noted of a report: a stack trace of numbers would need one for each.
pub(super) const MAX_REPAIRS: usize = 32;

/// Room for the note that replaces what was left out.
const NOTE_BYTES: usize = 64;

/// Keeps the head and the tail of `text`: at most `max` bytes, including the note between them.
pub(super) fn text<'a>(text: Cow<'a, str>, max: usize, truncated: &mut bool) -> Cow<'a, str> {
    if text.len() <= max {
        return text;
    }
    *truncated = true;
    let (head, tail) = ends(&text, max - NOTE_BYTES);
    let left_out = text.len() - head.len() - tail.len();
    Cow::Owned(format!("{head} … {left_out} bytes left out … {tail}"))
}

/// Keeps the head and the tail of a text: at most `max` bytes (but at least 128), including a note between them of how
/// much was left out. Tells whether anything was.
#[must_use]
pub fn shorten(shortened: &str, max: usize) -> (Cow<'_, str>, bool) {
    let mut truncated = false;
    let kept = text(Cow::Borrowed(shortened), max.max(2 * NOTE_BYTES), &mut truncated);
    (kept, truncated)
}

/// Keeps the first `max` characters.
pub(super) fn chars<'a>(text: Cow<'a, str>, max: usize, truncated: &mut bool) -> Cow<'a, str> {
    match text.char_indices().nth(max) {
        None => text,
        Some((end, _)) => {
            *truncated = true;
            Cow::Owned(text[..end].into())
        }
    }
}

/// The first and the last part of `text`, each at most half of `max` bytes, cut at character boundaries.
fn ends(text: &str, max: usize) -> (&str, &str) {
    let head_end = text.floor_char_boundary(max / 2);
    let tail_start = text.ceil_char_boundary(text.len() - max / 2);
    (&text[..head_end], &text[tail_start..])
}

/// Limits the number and length of a stack trace's lines (each ended by `\n`), and joins them with `\n`.
pub(super) fn stack(mut lines: String, truncated: &mut bool) -> String {
    lines.pop();
    let number = lines.split('\n').count();
    if number <= MAX_STACK_LINES && lines.len() <= MAX_STACK_LINE_BYTES {
        return lines;
    }
    let half = (MAX_STACK_LINES - 1) / 2;
    let left_out = if number <= MAX_STACK_LINES { number..number } else { half..number - half };
    let mut kept = String::with_capacity(lines.len().min(MAX_STACK_LINES * MAX_STACK_LINE_BYTES));
    for (at, line) in lines.split('\n').enumerate() {
        if at == left_out.start && !left_out.is_empty() {
            *truncated = true;
            kept.push_str(&format!("… {} lines left out …\n", left_out.len()));
        }
        if !left_out.contains(&at) {
            kept.push_str(&text(Cow::Borrowed(line), MAX_STACK_LINE_BYTES, truncated));
            kept.push('\n');
        }
    }
    kept.pop();
    kept
}

/// The entries of a JSON object in order, each value as its JSON text.
struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<'a>(core::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Read<'a> {
            type Value = Entries<'a>;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'a>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        from.deserialize_map(Read(core::marker::PhantomData))
    }
}

/// Limits a context (the text of a JSON object) to [`MAX_CONTEXT_BYTES`]. Long values keep both ends of their text; if
/// there are too many keys, only the first and the last ones are kept.
pub(super) fn context<'a>(object: &'a str, truncated: &mut bool) -> Cow<'a, str> {
    if object.len() <= MAX_CONTEXT_BYTES {
        return Cow::Borrowed(object);
    }
    *truncated = true;
    let Ok(Entries(entries)) = serde_json::from_str::<Entries<'a>>(object) else {
        return Cow::Borrowed("{}");
    };
    let budget = (MAX_CONTEXT_BYTES - 2 * NOTE_BYTES) / 2;
    let entries: Vec<String> =
        entries.iter().map(|(key, value)| entry(key, value.get(), budget / 4)).collect();
    let fitting = |sizes: &mut dyn Iterator<Item = &String>| {
        let mut used = 0;
        sizes
            .take_while(|entry| {
                used += entry.len() + 1;
                used <= budget
            })
            .count()
    };
    let head = fitting(&mut entries.iter());
    let tail = fitting(&mut entries[head..].iter().rev());
    let left_out = entries.len() - head - tail;
    let note = (left_out > 0).then(|| format!("\"…\":\"{left_out} keys left out\""));
    let kept = entries[..head].iter().chain(&note).chain(&entries[entries.len() - tail..]);
    Cow::Owned(format!("{{{}}}", kept.map(String::as_str).collect::<Vec<_>>().join(",")))
}

/// `"key":value`, each cut at `max` bytes of its JSON text; a cut value becomes a string.
fn entry(key: &str, value: &str, max: usize) -> String {
    let key = quoted(key, max);
    if value.len() <= max {
        return format!("{key}:{value}");
    }
    let text = serde_json::from_str::<String>(value);
    format!("{key}:{}", quoted(text.as_deref().unwrap_or(value), max))
}

/// A JSON string of at most `max` bytes. Escaping can make a text six times longer, so a long one is cut until it
/// fits.
fn quoted(content: &str, max: usize) -> String {
    let mut room = max;
    loop {
        let short = text(Cow::Borrowed(content), room, &mut true);
        let quoted = serde_json::Value::String(short.into_owned()).to_string();
        if quoted.len() <= max || room <= 2 * NOTE_BYTES {
            return quoted;
        }
        room = room / 2 + NOTE_BYTES / 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_long_text_keeps_its_ends(content in "[a-z最\u{1F600}]{0,400}", max in 100_usize..200) {
            let mut truncated = false;
            let short = text(Cow::Borrowed(&content), max, &mut truncated);
            prop_assert!(short.len() <= max);
            prop_assert_eq!(truncated, content.len() > max);
            prop_assert_eq!(short.chars().next(), content.chars().next());
            prop_assert_eq!(short.chars().last(), content.chars().last());
        }
    }

    #[test]
    fn a_long_stack_keeps_its_first_and_last_lines() {
        let lines: String = (0..2000).map(|n| format!("line {n}\n")).collect();
        let mut truncated = false;
        let short = stack(lines, &mut truncated);
        let short: Vec<&str> = short.split('\n').collect();
        assert!(truncated);
        assert_eq!(short.len(), 2 * 255 + 1);
        assert_eq!(
            (short[0], short[255], *short.last().unwrap()),
            ("line 0", "… 1490 lines left out …", "line 1999")
        );
    }

    #[test]
    fn a_long_line_is_cut_and_512_lines_are_kept() {
        let lines = format!("{}\n", "x".repeat(MAX_STACK_LINE_BYTES + 1)).repeat(MAX_STACK_LINES);
        let mut truncated = false;
        let short = stack(lines, &mut truncated);
        assert!(truncated);
        assert_eq!(short.split('\n').count(), MAX_STACK_LINES);
        assert!(
            short.split('\n').all(|line| line.len() <= MAX_STACK_LINE_BYTES && line.contains("left out"))
        );
    }

    #[test]
    fn a_large_context_stays_an_object() {
        let many: String = (0..10_000).map(|n| format!("\"key {n}\":{n},")).collect();
        let nasty = serde_json::Value::String("\u{1}".repeat(100_000)).to_string();
        let one_long = format!("{{\"log\":\"{}\",\"last\":[1, 2]}}", "\\n".repeat(100_000));
        let objects = [
            format!("{{{many}\"last\":[1, 2]}}"),
            one_long,
            format!("{{{nasty}:{nasty},\"last\":[1, 2]}}"),
            format!("{{\"k\":[\"{}\"],\"last\":[1, 2]}}", "x".repeat(70_000)),
        ];
        for object in objects {
            let mut truncated = false;
            let short = context(&object, &mut truncated);
            assert!(truncated && short.len() <= MAX_CONTEXT_BYTES, "{}", short.len());
            let value: serde_json::Value = serde_json::from_str(&short).unwrap();
            assert_eq!(value["last"], serde_json::json!([1, 2]));
        }
    }
}
