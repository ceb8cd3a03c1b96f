//! The writer's write-behind cache, without SQL.

use super::known::CachedIssue;
use super::retention::Sweep;
use crate::domain::IssueId;
use crate::domain::recording::ProjectState;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use logcenter_core::{Fingerprint, ProjectId};

/// Capacity for issues, and for projects.
const CAPACITY: usize = 4096;

#[derive(Debug)]
pub(super) struct WriterCache {
    pub(super) kept_events: i64,
    pub(super) sweep: Sweep,
    projects: HashMap<ProjectId, ProjectState>,
    /// An issue may have several fingerprints; it is cached once.
    issues: HashMap<IssueId, CachedIssue>,
    issue_ids: HashMap<Fingerprint, IssueId>,
    /// Whether the numbers below were read from the file. A rollback invalidates them.
    pub(super) loaded: bool,
    pub(super) next_issue: i64,
    pub(super) next_event: i64,
    /// The newest issues, whose fingerprints are not in the table yet.
    pub(super) unindexed: HashMap<Fingerprint, IssueId>,
    /// All counts are written up to this event.
    pub(super) counted_up_to: i64,
    /// Issue texts are indexed up to this event.
    pub(super) indexed_up_to: i64,
    /// The newest event that has its own payload.
    pub(super) newest_payload: i64,
    /// Issues with further reports still to be announced.
    pub(super) counted: HashSet<IssueId>,
    has_pending_hours: bool,
}

impl WriterCache {
    pub(super) fn new(kept_events: i64) -> Self {
        Self {
            kept_events,
            sweep: Sweep::default(),
            projects: HashMap::new(),
            issues: HashMap::new(),
            issue_ids: HashMap::new(),
            loaded: false,
            next_issue: 0,
            next_event: 0,
            unindexed: HashMap::new(),
            counted_up_to: 0,
            indexed_up_to: 0,
            newest_payload: 0,
            counted: HashSet::new(),
            has_pending_hours: false,
        }
    }

    /// The newest event.
    pub(super) const fn last_event(&self) -> i64 {
        self.next_event - 1
    }

    /// How many events may have texts that are not indexed yet.
    pub(super) const fn unsearchable(&self) -> i64 {
        self.newest_payload - self.indexed_up_to
    }

    /// Whether any text may not be indexed yet.
    pub(super) const fn is_unsearchable(&self) -> bool {
        !self.loaded || self.unsearchable() > 0
    }

    /// Whether a reader of the file would now miss something that was already answered.
    pub(super) fn is_behind(&self) -> bool {
        !self.loaded || self.has_pending_hours || !self.counted.is_empty()
    }

    /// Takes an issue out of the cache; give it back with [`put`](Self::put).
    pub(super) fn take(&mut self, id: IssueId) -> Option<CachedIssue> {
        self.issues.remove(&id)
    }

    /// Whether an issue was counted since counts were written.
    pub(super) fn is_pending(&self, id: IssueId) -> bool {
        self.issues.get(&id).is_some_and(|issue| !issue.stored.pending_hours.is_empty())
    }

    /// Caches an issue.
    pub(super) fn put(&mut self, issue: CachedIssue) {
        self.newest_payload = self.newest_payload.max(issue.stored.chain.payload_event);
        self.has_pending_hours |= !issue.stored.pending_hours.is_empty();
        self.issues.insert(issue.state.id, issue);
    }

    /// All cached issues.
    pub(super) fn issues(&mut self) -> impl Iterator<Item = &mut CachedIssue> {
        self.issues.values_mut()
    }

    /// Marks all pending hours as written.
    pub(super) fn hours_written(&mut self) {
        self.has_pending_hours = false;
    }

    /// The issue that a fingerprint belongs to, if it is cached.
    pub(super) fn issue_of(&self, fingerprint: Fingerprint) -> Option<IssueId> {
        self.issue_ids.get(&fingerprint).or_else(|| self.unindexed.get(&fingerprint)).copied()
    }

    /// Caches the issue that a fingerprint belongs to.
    pub(super) fn remember_fingerprint(&mut self, fingerprint: Fingerprint, id: IssueId) {
        if self.issue_ids.len() >= 2 * CAPACITY {
            self.issue_ids.clear();
        }
        self.issue_ids.insert(fingerprint, id);
    }

    /// The id for a new issue: one more than the highest that was ever used.
    pub(super) fn new_issue(&mut self, fingerprint: Fingerprint) -> IssueId {
        let id = IssueId(self.next_issue);
        self.next_issue += 1;
        self.unindexed.insert(fingerprint, id);
        id
    }

    /// The row id for a new event.
    pub(super) fn new_event(&mut self) -> i64 {
        let id = self.next_event;
        self.next_event += 1;
        id
    }

    pub(super) fn project(&self, project_id: &ProjectId) -> Option<ProjectState> {
        self.projects.get(project_id).copied()
    }

    pub(super) fn remember_project(&mut self, project_id: ProjectId, project: ProjectState) {
        if self.projects.len() >= CAPACITY {
            self.projects.clear();
        }
        self.projects.insert(project_id, project);
    }

    pub(super) fn forget_project(&mut self, project_id: &ProjectId) {
        self.projects.remove(project_id);
    }

    /// Whether the cache is full.
    pub(super) fn is_full(&self) -> bool {
        self.issues.len() >= CAPACITY
    }

    /// Empties the cache of issues. Only call this after all counts were written.
    pub(super) fn clear_issues(&mut self) {
        self.issues.clear();
        self.issue_ids.clear();
    }

    /// Removes a deleted issue and its fingerprints from the cache.
    pub(super) fn forget_issue(&mut self, id: IssueId, fingerprints: &[Fingerprint]) {
        self.issues.remove(&id);
        self.counted.remove(&id);
        for fingerprint in fingerprints {
            self.issue_ids.remove(fingerprint);
            self.unindexed.remove(fingerprint);
        }
    }
}
