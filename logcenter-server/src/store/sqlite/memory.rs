//! What the writer remembers between transactions, so as not to read it again. All of it is in the file, too.

use super::events::Trail;
use super::sweep::Sweep;
use crate::domain::IssueState;
use foldhash::{HashMap, HashMapExt};
use logcenter_core::{Fingerprint, ProjectId, RegressionRule, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Transaction};

/// How many issues and how many projects are remembered.
const REMEMBERED: usize = 4096;

/// How many new fingerprints are added to the table at once.
const INDEXED_AT_ONCE: usize = 8192;

pub(super) struct Memory {
    pub(super) kept_events: i64,
    pub(super) projects: HashMap<ProjectId, KnownProject>,
    pub(super) sweep: Sweep,
    issues: HashMap<Fingerprint, KnownIssue>,
    /// What is read when it is first needed, and again after a transaction was rolled back.
    counters: Option<Counters>,
}

struct Counters {
    next_issue: i64,
    next_event: i64,
    /// The newest issues, whose fingerprints are not in the table yet.
    unindexed: HashMap<Fingerprint, i64>,
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
    /// The hour and the environment that it was counted in last.
    pub(super) hour: Option<(Timestamp, Box<str>)>,
}

impl KnownIssue {
    /// One that has no event yet.
    pub(super) fn new(state: IssueState) -> Self {
        Self { state, trail: Trail::default(), version: None, commit_hash: None, hour: None }
    }
}

impl Memory {
    pub(super) fn new(kept_events: i64) -> Self {
        Self {
            kept_events,
            projects: HashMap::new(),
            sweep: Sweep::default(),
            issues: HashMap::new(),
            counters: None,
        }
    }

    /// Forgets issues and projects: a step may change them.
    pub(super) fn forget(&mut self) {
        self.projects.clear();
        self.issues.clear();
    }

    /// Takes what is known of an issue; to be given back by [`remember`](Self::remember).
    pub(super) fn take(&mut self, fingerprint: Fingerprint) -> Option<KnownIssue> {
        self.issues.remove(&fingerprint)
    }

    pub(super) fn remember(&mut self, fingerprint: Fingerprint, issue: KnownIssue) {
        if self.issues.len() >= REMEMBERED {
            self.issues.clear();
        }
        self.issues.insert(fingerprint, issue);
    }

    pub(super) fn remember_project(&mut self, project_id: ProjectId, project: KnownProject) {
        if self.projects.len() >= REMEMBERED {
            self.projects.clear();
        }
        self.projects.insert(project_id, project);
    }

    fn counters(&mut self, connection: &Connection) -> Result<&mut Counters> {
        let counters = match self.counters.take() {
            Some(counters) => counters,
            None => Counters::load(connection)?,
        };
        Ok(self.counters.insert(counters))
    }

    /// The id of a new issue: one more than the highest that ever was.
    pub(super) fn new_issue(
        &mut self,
        transaction: &Transaction<'_>,
        fingerprint: Fingerprint,
    ) -> Result<i64> {
        let counters = self.counters(transaction)?;
        let id = counters.next_issue;
        counters.next_issue += 1;
        counters.unindexed.insert(fingerprint, id);
        Ok(id)
    }

    /// The row of a new event.
    pub(super) fn new_event(&mut self, transaction: &Transaction<'_>) -> Result<i64> {
        let counters = self.counters(transaction)?;
        let id = counters.next_event;
        counters.next_event += 1;
        Ok(id)
    }

    /// Which issue a fingerprint belongs to.
    pub(super) fn issue_of(
        &mut self,
        transaction: &Transaction<'_>,
        fingerprint: Fingerprint,
    ) -> Result<Option<i64>> {
        if let Some(id) = self.counters(transaction)?.unindexed.get(&fingerprint) {
            return Ok(Some(*id));
        }
        let mut select =
            transaction.prepare_cached("SELECT issue_id FROM fingerprints WHERE fingerprint = ?1")?;
        select.query_row([fingerprint.as_bytes()], |row| row.get(0)).optional()
    }

    /// Adds the new fingerprints to the table, once there are enough to share its pages.
    pub(super) fn index_fingerprints(&mut self, transaction: &Transaction<'_>) -> Result<()> {
        let counters = self.counters(transaction)?;
        if counters.unindexed.len() < INDEXED_AT_ONCE {
            return Ok(());
        }
        let mut sorted: Vec<(Fingerprint, i64)> = counters.unindexed.drain().collect();
        sorted.sort_unstable();
        let mut insert =
            transaction.prepare_cached("INSERT INTO fingerprints (fingerprint, issue_id) VALUES (?1, ?2)")?;
        for (fingerprint, id) in &sorted {
            insert.execute((fingerprint.as_bytes(), id))?;
        }
        transaction.execute("UPDATE unindexed_issues SET from_id = ?1", [counters.next_issue])?;
        Ok(())
    }

    /// An issue was removed.
    pub(super) fn forget_fingerprint(
        &mut self,
        transaction: &Transaction<'_>,
        fingerprint: Fingerprint,
    ) -> Result<()> {
        self.counters(transaction)?.unindexed.remove(&fingerprint);
        let mut delete = transaction.prepare_cached("DELETE FROM fingerprints WHERE fingerprint = ?1")?;
        delete.execute([fingerprint.as_bytes()])?;
        Ok(())
    }
}

impl Counters {
    fn load(connection: &Connection) -> Result<Self> {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let mut newest = connection.prepare_cached(
            "SELECT fingerprint, id FROM issues WHERE id >= (SELECT from_id FROM unindexed_issues)",
        )?;
        let newest = newest.query_map([], |row| Ok((Fingerprint::from_bytes(row.get(0)?), row.get(1)?)))?;
        Ok(Self {
            next_issue: number(
                "SELECT max(highest_id, ifnull((SELECT max(id) FROM issues), 0)) + 1 FROM deleted_issues",
            )?,
            next_event: number("SELECT ifnull(max(id), 0) + 1 FROM events")?,
            unindexed: newest.collect::<Result<_>>()?,
        })
    }
}
