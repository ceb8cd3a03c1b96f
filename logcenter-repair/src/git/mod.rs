//! git, as the agent runs it: on mirrors of its own, never in a tree that somebody else wrote.

mod command;
mod mirror;
mod origin;
mod tree;

pub(crate) use mirror::{Mirror, Pushed};
pub(crate) use origin::{Hints, origin};
pub(crate) use tree::{Changed, Workspace};
