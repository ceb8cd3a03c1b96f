//! What Log Center knows about errors, and how it decides about them: plain values and pure functions. A store loads
//! what they need and writes what they return; nothing here reads a clock, a file or a database.

pub mod change;
mod deployment;
mod event;
pub mod fix;
mod history;
mod ids;
mod issue;
mod issue_event;
mod key;
pub mod overview;
mod page;
pub mod project;
pub mod query;
mod received;
pub mod recording;
pub mod repair;
pub mod retention;
mod scope;
pub mod search;
mod secret;
pub mod stats;
pub mod text;
mod token;

pub use change::{Change, ChangeRefused, Override, Standing, Transition};
pub use deployment::{Deployment, DeploymentFilter, KeptDeployment};
pub use event::Event;
pub use fix::Fix;
pub use history::{Actor, HistoryEntry};
pub use ids::{
    AttemptId, DeploymentId, Epoch, EventNumber, FeedPosition, HistoryId, IssueId, KeyId, Revision, TokenId,
};
pub use issue::{ErrorSummary, Issue, IssueDetail};
pub use issue_event::{IssueEvent, IssueEventKind, IssueEvents};
pub use key::IngestKey;
pub use overview::{Health, IssueCount, Overview, SourceHour};
pub use page::{Cursor, IssueFilter, MAX_SEARCH_CHARS, Page, PageRequest, Sort};
pub use project::{EditRefused, Editor, FieldEdit, Project, ProjectEdit};
pub use received::{Outcome, ReceivedReport};
pub use retention::{Retention, RetentionStep};
pub use scope::Scope;
pub use secret::{SecretHash, Secrets};
pub use stats::{
    EnvironmentCount, IssueStats, IssueTotals, PeriodCount, ProjectCount, SourceCount, StateCount, Stats,
    StatusCount,
};
pub use token::{NewToken, Token};
