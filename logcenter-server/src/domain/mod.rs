//! What the server knows of issues: plain values and pure functions, without I/O.

mod deployment;
mod event;
mod history;
mod issue;
mod key;
mod observe;
mod overview;
mod page;
mod project;
mod stats;

pub use deployment::Deployment;
pub use event::Event;
pub use history::{Actor, Change, Changed, HistoryEntry};
pub use issue::{Issue, IssueError, Json, StackTrace};
pub use key::IngestKey;
pub use observe::{Arrival, IssueState, Outcome};
pub use overview::{Health, IssueCount, Overview, SourceHour};
pub use page::{Cursor, IssueFilter, IssuePage, Page, Sort};
pub use project::{Edit, Project, ProjectEdit};
pub use stats::{EnvironmentCount, IssueStats, PeriodCount, ProjectCount, SourceCount, Stats, StatusCount};
