//! What the writer remembers between transactions, so as not to read it again. All of it is in the file, too.

use super::counts::{self, Hour};
use super::events::Trail;
use super::search;
use super::sweep::Sweep;
use crate::domain::IssueState;
use foldhash::{HashMap, HashMapExt};
use logcenter_core::{Fingerprint, ProjectId, RegressionRule, Source};
use rusqlite::{OptionalExtension, Result, Transaction};

/// How many issues and how many projects are remembered.
const REMEMBERED: usize = 4096;

/// How many new fingerprints are added to the table at once.
const INDEXED_AT_ONCE: usize = 8192;

/// After how many events counts are written at the latest: as many are read again at most when a process was killed.
const SETTLED_AT_ONCE: i64 = 8192;

pub(super) struct Memory {
    pub(super) kept_events: i64,
    pub(super) projects: HashMap<ProjectId, KnownProject>,
    pub(super) sweep: Sweep,
    issues: HashMap<Fingerprint, KnownIssue>,
    /// Whether what follows was read from the file. A transaction that is rolled back makes it void.
    loaded: bool,
    next_issue: i64,
    next_event: i64,
    /// The newest issues, whose fingerprints are not in the table yet.
    unindexed: HashMap<Fingerprint, i64>,
    /// Up to this event all counts are written.
    settled_event: i64,
    /// Up to this event texts of issues are found.
    pub(super) searchable_event: i64,
    /// The newest event that shows how its issue looks.
    looks_event: i64,
    /// Whether some issue is uncounted.
    behind: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct KnownProject {
    pub(super) rule: RegressionRule,
    pub(super) has_repo_url: bool,
}

/// An issue as recording needs it.
#[derive(Debug, Clone)]
pub(super) struct KnownIssue {
    pub(super) state: IssueState,
    pub(super) trail: Trail,
    /// What its latest event showed.
    pub(super) version: Option<Box<str>>,
    pub(super) commit_hash: Option<Box<str>>,
    pub(super) project_id: ProjectId,
    pub(super) source: Source,
    /// What the file does not count yet. While there is something, the row of the issue is behind, too.
    pub(super) uncounted: Vec<Hour>,
}

impl KnownIssue {
    /// One that has no event yet.
    pub(super) fn new(state: IssueState, project_id: ProjectId, source: Source) -> Self {
        let (version, commit_hash, uncounted) = (None, None, Vec::new());
        Self { state, trail: Trail::default(), version, commit_hash, project_id, source, uncounted }
    }
}

impl Memory {
    pub(super) fn new(kept_events: i64) -> Self {
        Self {
            kept_events,
            projects: HashMap::new(),
            sweep: Sweep::default(),
            issues: HashMap::new(),
            loaded: false,
            next_issue: 0,
            next_event: 0,
            unindexed: HashMap::new(),
            settled_event: 0,
            searchable_event: 0,
            looks_event: 0,
            behind: false,
        }
    }

    /// Reads what must be known before anything is written, unless that was done.
    pub(super) fn load(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        if self.loaded {
            return Ok(());
        }
        let number = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
        let mut newest = transaction.prepare_cached(
            "SELECT fingerprint, id FROM issues WHERE id >= (SELECT from_id FROM unindexed_issues)",
        )?;
        let newest = newest.query_map([], |row| Ok((Fingerprint::from_bytes(row.get(0)?), row.get(1)?)))?;
        self.unindexed = newest.collect::<Result<_>>()?;
        self.next_issue = number(
            "SELECT max(highest_id, ifnull((SELECT max(id) FROM issues), 0)) + 1 FROM deleted_issues",
        )?;
        self.settled_event = number("SELECT last_id FROM settled_events")?;
        self.searchable_event = number("SELECT last_id FROM searchable_events")?;
        self.next_event =
            1 + number("SELECT max(last_id, ifnull((SELECT max(id) FROM events), 0)) FROM settled_events")?;
        self.looks_event = self.last_event();
        self.loaded = true;
        counts::replay(transaction, self)
    }

    /// Whether some text may not be found yet.
    pub(super) fn is_unsearchable(&self) -> bool {
        !self.loaded || self.unsearchable() > 0
    }

    /// How many events may tell texts that are not found yet.
    pub(super) fn unsearchable(&self) -> i64 {
        self.looks_event - self.searchable_event
    }

    /// The newest event.
    pub(super) fn last_event(&self) -> i64 {
        self.next_event - 1
    }

    /// Whether the file does not count all that was recorded.
    pub(super) fn is_behind(&self) -> bool {
        self.behind || !self.loaded
    }

    /// Writes what is not counted yet.
    pub(super) fn settle(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        let last_event = self.last_event();
        if self.settled_event < last_event {
            counts::settle(transaction, self.issues.values_mut(), last_event)?;
        }
        (self.settled_event, self.behind) = (last_event, false);
        if !self.is_unsearchable() {
            search::reached(transaction, self, last_event)?;
        }
        Ok(())
    }

    /// Settles once there is enough to share pages, and before it has to forget.
    pub(super) fn settle_in_time(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        let full = self.issues.len() >= REMEMBERED;
        if full || self.next_event - self.settled_event > SETTLED_AT_ONCE {
            self.settle(transaction)?;
        }
        if full {
            self.issues.clear();
        }
        Ok(())
    }

    /// Settles, and forgets issues and projects: a step may change them.
    pub(super) fn forget(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        self.settle(transaction)?;
        self.projects.clear();
        self.issues.clear();
        Ok(())
    }

    /// Takes what is known of an issue; to be given back by [`remember`](Self::remember).
    pub(super) fn take(&mut self, fingerprint: Fingerprint) -> Option<KnownIssue> {
        self.issues.remove(&fingerprint)
    }

    pub(super) fn remember(&mut self, fingerprint: Fingerprint, issue: KnownIssue) {
        self.looks_event = self.looks_event.max(issue.trail.looks_event);
        self.behind |= !issue.uncounted.is_empty();
        self.issues.insert(fingerprint, issue);
    }

    pub(super) fn remember_project(&mut self, project_id: ProjectId, project: KnownProject) {
        if self.projects.len() >= REMEMBERED {
            self.projects.clear();
        }
        self.projects.insert(project_id, project);
    }

    /// The id of a new issue: one more than the highest that ever was.
    pub(super) fn new_issue(&mut self, fingerprint: Fingerprint) -> i64 {
        let id = self.next_issue;
        self.next_issue += 1;
        self.unindexed.insert(fingerprint, id);
        id
    }

    /// The row of a new event.
    pub(super) fn new_event(&mut self) -> i64 {
        let id = self.next_event;
        self.next_event += 1;
        id
    }

    /// Which issue a fingerprint belongs to.
    pub(super) fn issue_of(
        &self,
        transaction: &Transaction<'_>,
        fingerprint: Fingerprint,
    ) -> Result<Option<i64>> {
        if let Some(id) = self.unindexed.get(&fingerprint) {
            return Ok(Some(*id));
        }
        let mut select =
            transaction.prepare_cached("SELECT issue_id FROM fingerprints WHERE fingerprint = ?1")?;
        select.query_row([fingerprint.as_bytes()], |row| row.get(0)).optional()
    }

    /// Adds the new fingerprints to the table, once there are enough to share its pages.
    pub(super) fn index_fingerprints(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        if self.unindexed.len() < INDEXED_AT_ONCE {
            return Ok(());
        }
        let mut sorted: Vec<(Fingerprint, i64)> = self.unindexed.drain().collect();
        sorted.sort_unstable();
        let mut insert =
            transaction.prepare_cached("INSERT INTO fingerprints (fingerprint, issue_id) VALUES (?1, ?2)")?;
        for (fingerprint, id) in &sorted {
            insert.execute((fingerprint.as_bytes(), id))?;
        }
        transaction.execute("UPDATE unindexed_issues SET from_id = ?1", [self.next_issue])?;
        Ok(())
    }

    /// An issue was removed.
    pub(super) fn forget_fingerprint(
        &mut self,
        transaction: &Transaction<'_>,
        fingerprint: Fingerprint,
    ) -> Result<()> {
        self.unindexed.remove(&fingerprint);
        let mut delete = transaction.prepare_cached("DELETE FROM fingerprints WHERE fingerprint = ?1")?;
        delete.execute([fingerprint.as_bytes()])?;
        Ok(())
    }
}
