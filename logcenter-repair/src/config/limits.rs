//! How much an attempt may use.

use serde::Deserialize;

/// How much an attempt may use.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Time for the fixer, in seconds.
    pub fixer_seconds: u64,
    /// Time for one run of the tests, in seconds.
    pub test_seconds: u64,
    /// Memory of everything in the sandbox, files included, in MiB.
    pub memory_mb: u64,
    /// How many files a fix may change.
    pub files: usize,
    /// How many lines a fix may add and remove.
    pub lines: usize,
    /// How many attempts a project may have in 24 hours.
    pub attempts_per_day: usize,
    /// What an attempt may cost, in US dollars, as far as the fixer tells.
    pub usd: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fixer_seconds: 1200,
            test_seconds: 600,
            memory_mb: 4096,
            files: 10,
            lines: 400,
            attempts_per_day: 10,
            usd: 2.0,
        }
    }
}
