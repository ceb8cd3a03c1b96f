//! A diff, line by line.

/// A line of a diff.
pub(crate) struct Line<'a> {
    /// What it is, as a class of the style sheet: `add`, `del`, `hunk`, `file`, or nothing.
    pub(crate) class: &'static str,
    pub(crate) text: &'a str,
}

/// The lines of a diff in the unified format. Only before its first hunk does a file's head begin with `---` or `+++`:
/// after that these are changed lines.
pub(crate) fn lines(diff: &str) -> Vec<Line<'_>> {
    let mut in_hunk = false;
    let class = |text: &str| {
        in_hunk = (in_hunk || text.starts_with("@@")) && !text.starts_with("diff ");
        match text.as_bytes().first() {
            _ if !in_hunk => "file",
            Some(b'@') => "hunk",
            Some(b'+') => "add",
            Some(b'-') => "del",
            _ => "",
        }
    };
    let classes: Vec<&'static str> = diff.lines().map(class).collect();
    diff.lines().zip(classes).map(|(text, class)| Line { class, text }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_what_it_begins_with() {
        let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n--- a comment\n+++ i;\n three\n\n\
                    diff --git a/y b/y\n--- a/y\n@@ -1 +1 @@\n+x\n";
        let classes: Vec<_> = lines(diff).iter().map(|line| line.class).collect();
        let first = ["file", "file", "file", "hunk", "del", "add", "del", "add", "", ""];
        assert_eq!(classes, [&first[..], &["file", "file", "hunk", "add"]].concat());
    }
}
