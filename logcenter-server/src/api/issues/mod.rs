//! Issues: reading them and changing their status.

pub(crate) mod delete;
pub(crate) mod events;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod stats;

use super::problem::Problem;
use crate::domain::IssueId;

fn not_found(id: IssueId) -> Problem {
    Problem::not_found(format_args!("issue {id}"))
}
