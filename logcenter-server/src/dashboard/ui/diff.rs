//! A diff, line by line.

/// A line of a diff.
pub(crate) struct Line<'a> {
    /// What it is, as a class of the style sheet: `add`, `del`, `hunk`, `file`, or nothing.
    pub(crate) class: &'static str,
    pub(crate) text: &'a str,
}

/// The lines of a diff in the unified format.
pub(crate) fn lines(diff: &str) -> Vec<Line<'_>> {
    const HEADS: [&str; 7] = ["diff ", "index ", "--- ", "+++ ", "new file", "deleted file", "similarity"];
    let class = |text: &str| match text.as_bytes().first() {
        _ if HEADS.iter().any(|head| text.starts_with(head)) => "file",
        Some(b'@') => "hunk",
        Some(b'+') => "add",
        Some(b'-') => "del",
        _ => "",
    };
    diff.lines().map(|text| Line { class: class(text), text }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_what_it_begins_with() {
        let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n three\n\n";
        let classes: Vec<_> = lines(diff).iter().map(|line| line.class).collect();
        assert_eq!(classes, ["file", "file", "file", "hunk", "del", "add", "", ""]);
    }
}
