//! A transaction of the writer, with its cache: the basis of every step that writes.

use super::cache::WriterCache;
use super::counts::{self, Counts};
use super::known::EventChain;
use super::rows::time;
use super::{history, issue_row};
use crate::domain::recording::HourCount;
use crate::domain::{EventNumber, IssueEventKind, IssueId, Transition};
use crate::store::StoreError;
use logcenter_core::{Fingerprint, Timestamp};
use rusqlite::{OptionalExtension, Transaction};
use std::sync::atomic::{AtomicI64, Ordering};

/// Number of new fingerprints that are added to the table at once.
const INDEXED_AT_ONCE: usize = 8192;

/// Counts are written after this many events at the latest; no more have to be read again after a kill.
const COUNTED_AT_ONCE: i64 = 8192;

pub(super) struct Session<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) cache: &'a mut WriterCache,
    /// Issue events are wanted until this time, in milliseconds.
    pub(super) wanted_until: &'a AtomicI64,
}

impl Session<'_> {
    /// Reads what must be known before anything is written, unless already done.
    pub(super) fn load(&mut self) -> Result<(), StoreError> {
        if self.cache.loaded {
            return Ok(());
        }
        let number = |sql: &str| self.transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
        self.cache.unindexed = self
            .transaction
            .prepare_cached(
                "SELECT fingerprint, id FROM issues WHERE id >= (SELECT from_id FROM unindexed_issues)",
            )?
            .query_map([], |row| Ok((Fingerprint::from_bytes(row.get(0)?), IssueId(row.get(1)?))))?
            .collect::<rusqlite::Result<_>>()?;
        self.cache.next_issue = number(
            "SELECT max(highest_id, ifnull((SELECT max(id) FROM issues), 0)) + 1 FROM deleted_issues",
        )?;
        self.cache.counted_up_to = number("SELECT event FROM counted_up_to")?;
        self.cache.indexed_up_to = number("SELECT event FROM indexed_up_to")?;
        self.cache.next_event =
            1 + number("SELECT max(event, ifnull((SELECT max(id) FROM events), 0)) FROM counted_up_to")?;
        self.cache.newest_payload = self.cache.last_event();
        self.cache.loaded = true;
        self.replay()
    }

    /// Counts the events that an earlier process, or a rolled-back transaction, left uncounted.
    fn replay(&mut self) -> Result<(), StoreError> {
        let mut select = self.transaction.prepare_cached(
            "SELECT e.id, e.issue_id, e.number, e.at, e.received_at, e.count, e.payload_event, p.environment
             FROM events e JOIN issues i ON i.id = e.issue_id JOIN events p ON p.id = ifnull(e.payload_event, e.id)
             WHERE e.id > (SELECT event FROM counted_up_to) AND e.number > i.events ORDER BY e.id",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let id = IssueId(row.get("issue_id")?);
            let mut issue = match self.cache.take(id) {
                Some(issue) => issue,
                None => issue_row::read(&self.transaction, id)?,
            };
            let (at, received_at) = (time(row, "at")?, time(row, "received_at")?);
            let count = row.get("count")?;
            let (event, number): (i64, i64) = (row.get("id")?, row.get("number")?);
            issue.state.count += count;
            issue.state.events = EventNumber(number);
            issue.state.last_seen = issue.state.last_seen.max(at);
            let chain = &mut issue.stored.chain;
            chain.last_event = event;
            if row.get::<_, Option<i64>>("payload_event")?.is_none() {
                *chain = EventChain { payload_event: event, payload_number: number, ..*chain };
            }
            let environment = row.get_ref("environment")?.as_str().map_err(rusqlite::Error::from)?;
            HourCount::add(&mut issue.stored.pending_hours, environment, at, received_at, count);
            self.cache.put(issue);
        }
        Ok(())
    }

    /// Writes a status change.
    pub(super) fn write_transition(
        &mut self,
        id: IssueId,
        transition: &Transition,
        kind: IssueEventKind,
    ) -> Result<(), StoreError> {
        issue_row::set_standing(&self.transaction, id, &transition.after)?;
        history::insert(&self.transaction, id, &transition.entry)?;
        self.cache.take(id);
        self.announce(id, kind, transition.entry.at)
    }

    /// Writes everything that is not in the file yet, so that readers see what was acknowledged.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        let last_event = self.cache.last_event();
        if self.cache.counted_up_to < last_event {
            let mut counts = Counts::prepare(&self.transaction)?;
            counts::write_all(&mut counts, self.cache.issues())?;
            counts.finish()?;
            self.transaction.prepare_cached("UPDATE counted_up_to SET event = ?1")?.execute([last_event])?;
        }
        self.cache.counted_up_to = last_event;
        self.cache.hours_written();
        let counted: Vec<IssueId> = self.cache.counted.drain().collect();
        for id in counted {
            self.insert_issue_event(id, IssueEventKind::Counted, Timestamp::default())?;
        }
        if !self.cache.is_unsearchable() {
            self.set_indexed_up_to(last_event)?;
        }
        Ok(())
    }

    /// Maintenance done in small steps with every batch.
    pub(super) fn keep_in_bounds(&mut self) -> Result<(), StoreError> {
        let is_full = self.cache.is_full();
        if is_full || self.cache.next_event - self.cache.counted_up_to > COUNTED_AT_ONCE {
            self.flush()?;
        }
        if is_full {
            self.cache.clear_issues();
        }
        if self.cache.unindexed.len() < INDEXED_AT_ONCE {
            return Ok(());
        }
        let mut sorted: Vec<(Fingerprint, IssueId)> = self.cache.unindexed.drain().collect();
        sorted.sort_unstable();
        let mut insert = self
            .transaction
            .prepare_cached("INSERT INTO fingerprints (fingerprint, issue_id) VALUES (?1, ?2)")?;
        for (fingerprint, id) in &sorted {
            insert.execute((fingerprint.as_bytes(), id.0))?;
        }
        self.transaction.execute("UPDATE unindexed_issues SET from_id = ?1", [self.cache.next_issue])?;
        Ok(())
    }

    /// Records that the texts of all events up to this one are indexed.
    pub(super) fn set_indexed_up_to(&mut self, event: i64) -> Result<(), StoreError> {
        self.transaction.prepare_cached("UPDATE indexed_up_to SET event = ?1")?.execute([event])?;
        self.cache.indexed_up_to = event;
        Ok(())
    }

    /// The issue that a fingerprint belongs to.
    pub(super) fn issue_of(&mut self, fingerprint: Fingerprint) -> Result<Option<IssueId>, StoreError> {
        if let Some(id) = self.cache.issue_of(fingerprint) {
            return Ok(Some(id));
        }
        let mut select =
            self.transaction.prepare_cached("SELECT issue_id FROM fingerprints WHERE fingerprint = ?1")?;
        let id = select.query_row([fingerprint.as_bytes()], |row| row.get(0).map(IssueId)).optional()?;
        if let Some(id) = id {
            self.cache.remember_fingerprint(fingerprint, id);
        }
        Ok(id)
    }

    /// Announces a change of an issue, if issue events are wanted. Further reports are announced with the next
    /// [`flush`](Self::flush), once per issue, however many there are.
    pub(super) fn announce(
        &mut self,
        id: IssueId,
        kind: IssueEventKind,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if now.millis() >= self.wanted_until.load(Ordering::Relaxed) {
            return Ok(());
        }
        if kind == IssueEventKind::Counted {
            self.cache.counted.insert(id);
            return Ok(());
        }
        self.insert_issue_event(id, kind, now)
    }

    fn insert_issue_event(
        &self,
        id: IssueId,
        kind: IssueEventKind,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO outbox (issue_id, kind, at)
             VALUES (?1, ?2, max(?3, ifnull((SELECT at FROM outbox ORDER BY position DESC LIMIT 1), 0)))",
        )?;
        insert.execute((id.0, kind.as_str(), now.millis()))?;
        Ok(())
    }
}
