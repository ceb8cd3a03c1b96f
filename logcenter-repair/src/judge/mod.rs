//! Whether a change is a fix: first what it touches, then what the tests say.

mod guard;
mod in_source;
mod outcome;
mod results;
mod rust_tests;
mod test_file;

pub(crate) use guard::{Rules, guard};
pub(crate) use in_source::weakened;
pub(crate) use outcome::{Baseline, compare};
pub(crate) use results::Results;
pub(crate) use test_file::is_test;
