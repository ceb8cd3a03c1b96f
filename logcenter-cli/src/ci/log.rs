//! The end of a log, as it can be read anywhere. `scripts/report-cicd-error.sh` does the same, step by step.

use super::secrets::{Secrets, without_keys};
use regex::bytes::Regex;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Lines that are reported.
pub(super) const LINES: usize = 100;

/// Bytes of a log that are looked at, from its end.
pub(super) const BYTES: u64 = 1024 * 1024;

/// Characters of a line before secrets are looked for by their shape: from its beginning, and from its end.
const SEARCHED: (usize, usize) = (8192, 8192);

/// Characters of a line that are reported, likewise.
const REPORTED: (usize, usize) = (1000, 900);

/// The end of a file.
pub(super) fn end_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last lines of a log: without colours and other control characters, of a progress bar its last state, without secrets.
pub(super) fn lines(bytes: &[u8], secrets: &Secrets) -> Vec<String> {
    let bytes: Vec<u8> = bytes.iter().map(|&byte| if byte == 0 { 0xff } else { byte }).collect();
    let body = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut last: Vec<&[u8]> = body.rsplit(|&byte| byte == b'\n').take(LINES).collect();
    last.reverse();
    let texts = last.into_iter().map(|line| text(&plain(line))).collect();
    let masked = without_keys(texts).into_iter().map(|line| {
        let line = middle_cut(secrets.without_values(&line), SEARCHED);
        middle_cut(secrets.without_shapes(&line), REPORTED)
    });
    masked.collect()
}

/// A line without control sequences (ECMA-48, 5.4 and 5.6), and only what a terminal shows of it in the end.
fn plain(line: &[u8]) -> Vec<u8> {
    let mut line = line.to_vec();
    for sequence in [
        r"(?-u)\x1b\[[0-?]*[ -/]*[@-~]",
        r"(?-u)\x1b\][^\x07\x1b]*\x07",
        r"(?-u)\x1b\][^\x07\x1b]*\x1b\\",
        r"(?-u)\r*$",
        r"(?s-u)^.*\r",
    ] {
        if let Ok(sequence) = Regex::new(sequence) {
            line = sequence.replace_all(&line, &b""[..]).into_owned();
        }
    }
    line.retain(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f));
    line
}

/// Bytes as text; where several in a row are none, one U+FFFD stands for them.
fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    while text.contains("\u{fffd}\u{fffd}") {
        text = text.replace("\u{fffd}\u{fffd}", "\u{fffd}");
    }
    text
}

/// A text whose middle is left out when it is too long.
fn middle_cut(text: String, (head, tail): (usize, usize)) -> String {
    let length = text.chars().count();
    if length <= head + tail {
        return text;
    }
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - tail).collect();
    format!("{begin} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_log() {
        let secrets = Secrets::of(std::iter::empty()).unwrap();
        let of = |bytes: &[u8]| lines(bytes, &secrets);
        assert_eq!(of(b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1bx"), ["red link x"]);
        assert_eq!(of(b" 10%\r 50%\r100%\r\n\ndone\r\n"), ["100%", "", "done"]);
        assert_eq!(of(b"a\0\0b\xff\xfec\xe4\xbd"), ["a\u{fffd}b\u{fffd}c\u{fffd}"]);
        assert!(of(b"").is_empty());
        assert_eq!(of("长".repeat(3000).as_bytes())[0].chars().count(), 1000 + 3 + 900);
        let many: String = (0..500).map(|line| format!("{line}\n")).collect();
        let last = of(many.as_bytes());
        assert_eq!((last.len(), last[0].as_str(), last[99].as_str()), (100, "400", "499"));
    }
}
