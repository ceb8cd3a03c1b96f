//! What the `Debug` output of error reports says beyond their chain of sources: `eyre` and `error-stack` know where an
//! error was created, `error-stack` has attachments. Neither can be asked without depending on them.

use crate::place::Place;
use std::fmt::{self, Debug, Write};

/// Longest output that is read, in bytes.
const TEXT: usize = 16 * 1024;

/// What a report says of itself.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ReportText {
    /// The messages from the outermost to the root cause; empty unless it is a report of `error-stack`.
    pub(crate) chain: Vec<String>,
    /// Where the innermost error was created.
    pub(crate) place: Option<Place>,
    pub(crate) attachments: Vec<String>,
}

/// Reads the `Debug` output of a report. What follows a backtrace's title is not even formatted.
pub(crate) fn read(report: &dyn Debug) -> ReportText {
    let mut text = UpToBacktrace(String::new());
    let write = std::panic::AssertUnwindSafe(|| write!(text, "{report:?}"));
    let _ = std::panic::catch_unwind(write);
    let text = without_colors(&text.0);
    if text.contains('▶') || text.contains("├╴") || text.contains("╰╴") {
        tree(&text)
    } else {
        plain(&text)
    }
}

/// `eyre`: a title, and the file and line below it.
fn plain(text: &str) -> ReportText {
    let mut lines = text.lines().skip_while(|line| line.trim() != "Location:").skip(1);
    ReportText { place: lines.next().and_then(place), ..ReportText::default() }
}

/// `error-stack`: a tree, whose branches are what was attached and whose last branch is the source.
fn tree(text: &str) -> ReportText {
    let mut read = ReportText::default();
    for (number, line) in text.lines().enumerate() {
        let said = line.trim_start_matches(['│', '├', '╰', '─', '▶', '╴', ' ']).trim();
        if line.starts_with('━') {
            break;
        }
        if said.is_empty() {
            continue;
        }
        let branch = &line[..line.len() - line.trim_start_matches(['│', '├', '╰', '─', '▶', '╴', ' ']).len()];
        if number == 0 || branch.contains('▶') {
            read.chain.push(said.into());
        } else if let Some(at) = said.strip_prefix("at ").and_then(place) {
            read.place = Some(at);
        } else if branch.contains('╴') && !said.starts_with("backtrace") {
            read.attachments.push(said.into());
        }
    }
    read
}

/// `src/main.rs:8:5`, with or without a column.
fn place(text: &str) -> Option<Place> {
    let mut parts = text.trim().rsplitn(3, ':');
    let (last, middle, first) = (parts.next()?, parts.next(), parts.next());
    let (file, line) = match (first, middle?.parse::<u32>()) {
        (Some(file), Ok(line)) => (file.to_owned(), line),
        (None, Err(_)) => (middle?.to_owned(), last.parse().ok()?),
        (Some(file), Err(_)) => (format!("{file}:{}", middle?), last.parse().ok()?),
        (None, Ok(_)) => return None,
    };
    Some(Place { file: file.into(), line })
}

/// Leaves out the sequences that color a terminal.
fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain += part.split_once('m').map_or(part, |(_, rest)| rest);
    }
    plain
}

/// Ends the output where a backtrace begins, since to format that takes long.
struct UpToBacktrace(String);

impl Write for UpToBacktrace {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = TEXT.saturating_sub(self.0.len());
        let fitting = &part[..part.floor_char_boundary(room)];
        self.0.push_str(fitting);
        let has_ended =
            fitting.len() < part.len() || part.contains("Stack backtrace:") || part.contains("BACKTRACE");
        if has_ended { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows a text as its `Debug` output.
    struct Shown(&'static str);
    impl Debug for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    fn at(file: &str, line: u32) -> Option<Place> {
        Some(Place { file: file.to_owned().into(), line })
    }

    #[test]
    fn eyre_tells_its_place() {
        let text = "loading order 7\n\nCaused by:\n    invalid digit found in string\n\nLocation:\n    src/main.rs:8:5";
        assert_eq!(read(&Shown(text)).place, at("src/main.rs", 8));
        let colored = "\n   0: \u{1b}[91mno\u{1b}[0m\n\nLocation:\n   \u{1b}[35msrc/main.rs\u{1b}[0m:\u{1b}[35m8\u{1b}[0m\n";
        assert_eq!(read(&Shown(colored)).place, at("src/main.rs", 8));
        assert_eq!(read(&Shown("no place at all")), ReportText::default());
    }

    #[test]
    fn error_stack_tells_its_chain_its_places_and_its_attachments() {
        let text = "the job failed\n├╴at src/main.rs:9:10\n├╴job 7\n│\n╰─▶ invalid digit found in string\n    ├╴at src/jobs.rs:4:5\n    ╰╴3 lines read";
        let mut read = read(&Shown(text));
        assert_eq!(read.place.take(), at("src/jobs.rs", 4));
        assert_eq!(read.chain, ["the job failed", "invalid digit found in string"]);
        assert_eq!(read.attachments, ["job 7", "3 lines read"]);
    }
}
