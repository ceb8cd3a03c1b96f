//! Whether a change is a fix: first what it touches, then what the tests say.

mod added_line;
mod examples;
mod guard;
mod in_source;
mod mixed_file;
mod outcome;
mod results;
mod rust;
mod test_file;
mod test_module;

pub(crate) use guard::{Rules, guard};
pub(crate) use in_source::weakened;
pub(crate) use outcome::{Baseline, compare};
pub(crate) use results::Results;
pub(crate) use test_file::is_test;
pub(crate) use test_module::{declarers, declares_for_tests};
