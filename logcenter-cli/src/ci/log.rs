//! Makes the end of a log readable anywhere. `scripts/report-cicd-error.sh` does the same, step by step.

use super::decode;
use logcenter_secrets::Secrets;
use regex::bytes::Regex;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Number of lines reported.
pub(super) const LINES: usize = 100;

/// Number of bytes read from the end of a log.
pub(super) const BYTES: u64 = 1024 * 1024;

/// Number of bytes kept at each end of a line.
const LINE_END: usize = 16 * 1024;

/// Characters of a line that are searched for secrets by shape: from its start, and from its end.
const SEARCHED: (usize, usize) = (1500, 1400);

/// Characters of a line that are reported: from its start, and from its end.
const REPORTED: (usize, usize) = (1000, 900);

/// Reads the end of a file, as UTF-8 if its encoding can be told.
pub(super) fn end_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    (&mut file).take(2).read_to_end(&mut start)?;
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
    let mut bytes = Vec::new();
    file.take(BYTES).read_to_end(&mut bytes)?;
    Ok(decode::utf8(&start, bytes))
}

/// Control sequences (ECMA-48, 5.3 to 5.6, and ECMA-35, 13.2), and the parts of a line that a terminal no longer shows
/// in the end.
const UNSEEN: [&str; 8] = [
    r"(?-u)\x1b\[[0-?]*[ -/]*[@-~]",
    r"(?-u)\x1b\][^\x07\x1b]*\x07",
    r"(?-u)\x1b[]PX^_][^\x1b]*\x1b\\",
    r"(?-u)\x1b[ -/]+[0-~]",
    r"(?-u)\x1b[0-~]",
    r"(?-u)\r*$",
    r"(?s-u)^.*\r",
    r"(?-u)[\x00-\x08\x0b-\x1f\x7f]+",
];

/// Makes logs readable.
pub(super) struct Reader {
    unseen: Vec<Regex>,
    secrets: Secrets,
}

impl Reader {
    /// Creates a reader that masks these secrets.
    pub(super) fn new(secrets: Secrets) -> Result<Self, regex::Error> {
        let unseen = UNSEEN.iter().map(|sequence| Regex::new(sequence)).collect::<Result<_, _>>()?;
        Ok(Self { unseen, secrets })
    }

    /// The last lines of a log: without colours, other control characters and secrets, and with only the last state of
    /// a progress bar.
    pub(super) fn lines(&self, bytes: &[u8]) -> Vec<String> {
        let texts = self.plain(bytes).iter().map(|line| text(line)).collect();
        let masked = self.secrets.without_keys(texts).into_iter().map(|line| {
            let line = middle_cut(self.secrets.without_values(&line), SEARCHED);
            middle_cut(self.secrets.without_shapes(&line), REPORTED)
        });
        masked.collect()
    }

    /// The first line that is not empty, cut to `most` characters.
    pub(super) fn sentence(&self, text: &str, most: usize) -> String {
        let line = self.lines(text.as_bytes()).into_iter().find(|line| !line.is_empty());
        line.unwrap_or_default().chars().take(most).collect()
    }

    /// The last lines as a terminal shows them.
    pub(super) fn plain(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        if bytes.is_empty() {
            return Vec::new();
        }
        let bytes: Vec<u8> = bytes.iter().map(|&byte| if byte == 0 { 0xff } else { byte }).collect();
        let body = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let mut last: Vec<&[u8]> = body.rsplit(|&byte| byte == b'\n').take(LINES).collect();
        last.reverse();
        let shown = |line: &[u8]| {
            let mut line = self
                .unseen
                .iter()
                .fold(line.to_vec(), |line, unseen| unseen.replace_all(&line, &b""[..]).into_owned());
            if line.len() > 2 * LINE_END {
                line.drain(LINE_END..line.len() - LINE_END);
            }
            line
        };
        last.into_iter().map(shown).collect()
    }
}

/// Decodes bytes as text; a run of invalid bytes becomes one U+FFFD.
fn text(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    while text.contains("\u{fffd}\u{fffd}") {
        text = text.replace("\u{fffd}\u{fffd}", "\u{fffd}");
    }
    text
}

/// Cuts the middle out of a text that is too long.
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
        let reader = Reader::new(Secrets::of(std::iter::empty()).unwrap()).unwrap();
        let of = |bytes: &[u8]| reader.lines(bytes);
        assert_eq!(of(b"\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x1b\\ x"), ["red link x"]);
        assert_eq!(of(b"\x1b(B\x1b[mplain\x1b= \x1bPq#1\x1b\\\x1b7x\x08"), ["plain x"]);
        assert_eq!(of(b" 10%\r 50%\r100%\r\n\ndone\r\n"), ["100%", "", "done"]);
        assert_eq!(of(b"a\0\0b\xff\xfec\xe4\xbd"), ["a\u{fffd}b\u{fffd}c\u{fffd}"]);
        assert!(of(b"").is_empty());
        assert_eq!(of("长".repeat(3000).as_bytes())[0].chars().count(), 1000 + 3 + 900);
        let many: String = (0..500).map(|line| format!("{line}\n")).collect();
        let last = of(many.as_bytes());
        assert_eq!((last.len(), last[0].as_str(), last[99].as_str()), (100, "400", "499"));
    }
}
