//! Where the fixer and the tests run: bubblewrap, with this program as its first process.
//!
//! The first process copies the project into a file system in memory, runs the command there, ends whatever the command
//! left running, and hands the files back as a tar stream. Nothing in the sandbox ever writes to a disk, and nothing
//! outside reads a path that the command could have prepared.

mod bubblewrap;
pub(crate) mod inside;
mod output;
mod probe;
mod proxy;
mod run;
mod seccomp;
mod spec;
mod taken;
mod toolchain;

pub(crate) use probe::probe;
pub(crate) use proxy::Proxy;
pub(crate) use run::{Ended, Job, Ran, Sandbox};
pub(crate) use toolchain::Toolchain;
