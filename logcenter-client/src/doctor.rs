//! Checks what a program's build lets its reports say.

use crate::stack::Stack;
use crate::worker::Symbols;
use std::fmt;

/// What [`doctor`] found.
///
/// ```
/// let found = logcenter_client::doctor();
/// if !found.lines {
///     eprintln!("{found}");
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Whether stack traces name functions.
    pub functions: bool,
    /// Whether stack traces name files and lines.
    pub lines: bool,
}

/// Checks whether stack traces of this build will have names and lines. Reads the program's debug information, which
/// takes a moment, so it is meant for a `--check` flag or a test, not for every start.
///
/// The locations of errors and panics do not depend on it: they are correct in every build.
///
/// ```
/// println!("{}", logcenter_client::doctor());
/// ```
#[must_use]
pub fn doctor() -> Diagnosis {
    let stack = Stack::here();
    let mut symbols = Symbols::default();
    let frames: Vec<_> = stack.0.iter().flat_map(|&address| symbols.resolve(address).to_vec()).collect();
    symbols.release();
    let is_here = |function: &str| function.contains("logcenter_client");
    Diagnosis {
        functions: frames.iter().any(|frame| frame.function.as_deref().is_some_and(is_here)),
        lines: frames.iter().any(|frame| {
            frame.line.is_some() && frame.file.as_deref().is_some_and(|file| file.ends_with("doctor.rs"))
        }),
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.functions, self.lines) {
            (_, true) => "stacks name functions, files and lines",
            (true, false) => {
                "stacks name functions, but no lines: add `debug = \"line-tables-only\"` to [profile.release]. Errors and \
                 panics are reported with their own line all the same"
            }
            (false, false) => {
                "stacks are empty: the program is stripped of its symbols. Errors and panics are reported with their own \
                 line all the same; for stacks set `strip = \"none\"` and `debug = \"line-tables-only\"` in [profile.release]"
            }
        })
    }
}
