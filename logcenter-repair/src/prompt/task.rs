//! The folder that describes a task to the fixer. It can be read, and `out` can be written.

use super::facts::{Facts, Past};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Writes the folder.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(folder: &Path, prompt: &str, facts: &Facts, past: &[Past]) -> io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    for name in ["attempts", "out"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    std::fs::write(folder.join("prompt.md"), prompt)?;
    std::fs::write(folder.join("error.json"), serde_json::to_string_pretty(facts)?)?;
    for Past { epoch, verdict, reason, diff, tests } in past {
        let mut text = format!("# Attempt {epoch}: {verdict}\n\n{reason}\n");
        for (title, content) in [("The change", diff), ("The tests afterwards", tests)] {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n## {title}\n\n{content}\n");
        }
        std::fs::write(folder.join("attempts").join(format!("{epoch}.md")), text)?;
    }
    Ok(())
}
