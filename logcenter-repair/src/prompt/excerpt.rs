//! The source around the line where an error arose.

use super::clean::clean;

/// Lines that are shown on either side.
const AROUND: usize = 30;

const LONGEST_LINE: usize = 400;

/// The source around a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) path: String,
    /// The commit that it was read from.
    pub(crate) commit: String,
    /// The lines, with their numbers; the one in question is marked.
    pub(crate) lines: String,
}

/// Cuts the source around a line out of a text; its beginning, if there is no such line.
pub(crate) fn excerpt(path: &str, commit: &str, text: &str, line: Option<u64>) -> Excerpt {
    let count = text.lines().count();
    let line = line.and_then(|line| usize::try_from(line).ok()).filter(|line| (1..=count).contains(line));
    let first = line.unwrap_or(1).saturating_sub(AROUND).max(1);
    let last = line.unwrap_or(1).saturating_add(AROUND).min(count);
    let shown = text.lines().enumerate().map(|(at, text)| (at + 1, text));
    let shown = shown.filter(|(number, _)| (first..=last).contains(number));
    let lines = shown.map(|(number, text)| {
        let mark = if Some(number) == line { '>' } else { ' ' };
        format!("{mark}{number:>5} {}\n", clean(text, LONGEST_LINE))
    });
    Excerpt { path: path.into(), commit: commit.into(), lines: lines.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_marked_and_its_neighbours_are_shown() {
        let text: String = (1..=100).map(|number| format!("line {number}\n")).collect();
        let middle = excerpt("a", "c", &text, Some(50)).lines;
        assert!(middle.starts_with("    20 line 20\n") && middle.ends_with("    80 line 80\n"));
        assert!(middle.contains("\n>   50 line 50\n"));
        assert_eq!(excerpt("a", "c", &text, Some(101)).lines.lines().count(), 31);
        assert!(!excerpt("a", "c", &text, None).lines.contains('>'));
        assert_eq!(excerpt("a", "c", "", Some(u64::MAX)).lines, "");
    }
}
