//! What the writer caches of an issue and a project, to avoid reading it again. All of it is in the file too.

use crate::domain::recording::{HourCount, IssueState};
use logcenter_core::{ProjectId, Source};

/// How far back, in events of its issue, an event may refer for its payload. Retention keeps such events that much
/// longer. Not a setting: what one run of the server wrote must be complete for the next, however many events that one
/// keeps.
pub(super) const PAYLOAD_REACH: i64 = 50;

/// The linked list of an issue's events: columns of its row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EventChain {
    pub(super) first_event: i64,
    pub(super) last_event: i64,
    /// The event that holds the payload of the latest event.
    pub(super) payload_event: i64,
    pub(super) payload_number: i64,
    pub(super) payload_hash: i64,
}

impl EventChain {
    /// The event whose payload event `number` can refer to instead of storing its own.
    pub(super) fn reusable_payload(&self, hash: i64, number: i64) -> Option<i64> {
        let is_near = number > 1 && number - self.payload_number < PAYLOAD_REACH;
        (is_near && self.payload_hash == hash).then_some(self.payload_event)
    }
}

/// What the file stores of an issue, apart from what the rules use.
#[derive(Debug, Clone)]
pub(super) struct StoredIssue {
    pub(super) chain: EventChain,
    pub(super) project_id: ProjectId,
    pub(super) source: Source,
    /// Counts that are not in the file yet. While there are any, the row of the issue is behind too.
    pub(super) pending_hours: Vec<HourCount>,
    /// The number of environments in which it was counted, once it has been looked up.
    pub(super) known_environments: Option<u32>,
}

impl StoredIssue {
    pub(super) fn new(chain: EventChain, project_id: ProjectId, source: Source) -> Self {
        Self { chain, project_id, source, pending_hours: Vec::new(), known_environments: None }
    }
}

/// An issue, as recording needs it.
#[derive(Debug, Clone)]
pub(super) struct CachedIssue {
    pub(super) state: IssueState,
    pub(super) stored: StoredIssue,
}
