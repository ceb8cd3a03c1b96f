//! What the fixer is told. What strangers wrote goes between random marks, as data; that it is data is said, and not relied
//! on: the sandbox and the judge are what contains it.

mod clean;
mod excerpt;
mod facts;
mod source_path;
mod task;
mod text;

pub(crate) use clean::{clean, is_invisible};
pub(crate) use excerpt::{Excerpt, excerpt};
pub(crate) use facts::{Facts, Past};
pub(crate) use source_path::in_repository;
pub(crate) use task::write;
pub(crate) use text::{Ask, Brief, prompt};
