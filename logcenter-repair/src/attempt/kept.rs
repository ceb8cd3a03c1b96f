//! The test that showed an issue's error, kept for the next attempt at it.

use logcenter_core::ProjectId;
use std::path::{Path, PathBuf};

fn file(work_dir: &Path, project: &ProjectId, issue: i64) -> PathBuf {
    work_dir.join("reproductions").join(project.as_str()).join(issue.to_string())
}

/// The test's path and text: the first line, and the rest.
pub(super) fn read(work_dir: &Path, project: &ProjectId, issue: i64) -> Option<(String, String)> {
    let kept = std::fs::read_to_string(file(work_dir, project, issue)).ok()?;
    kept.split_once('\n').map(|(path, text)| (path.to_owned(), text.to_owned()))
}

/// Forgets a test that shows the error no more.
pub(super) fn forget(work_dir: &Path, project: &ProjectId, issue: i64) {
    // There may be none.
    let _ = std::fs::remove_file(file(work_dir, project, issue));
}

/// Keeps a test. Without it, the fixer is only asked again.
pub(super) fn write(work_dir: &Path, project: &ProjectId, issue: i64, path: &str, text: &str) {
    let file = file(work_dir, project, issue);
    let _ = file.parent().map(std::fs::create_dir_all);
    let _ = std::fs::write(file, format!("{path}\n{text}"));
}
