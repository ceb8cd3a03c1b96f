//! Pull requests, on Gitea (Forgejo) and GitHub. Both have the same paths and almost the same answers; the differences are
//! in `Dialect`.
//!
//! Sources: <https://docs.gitea.com/api/>, <https://docs.github.com/en/rest/pulls/pulls>.

mod client;
mod dialect;
mod pull_request;

pub(crate) use client::Forge;
pub(crate) use pull_request::{Checks, NewPullRequest, State};
