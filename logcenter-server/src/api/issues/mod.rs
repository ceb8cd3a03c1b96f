//! Issues: reading them, moving them on.

pub(super) mod delete;
pub(super) mod events;
pub(super) mod get;
pub(super) mod history;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod stats;

use super::problem::Problem;

fn not_found(id: i64) -> Problem {
    Problem::not_found(format_args!("issue {id}"))
}
