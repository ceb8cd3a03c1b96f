//! A transaction, and what it announces.

use super::Shared;
use super::fault::Result;
use crate::domain::{IssueEventKind, IssueId};
use deadpool_postgres::Transaction;
use logcenter_core::Timestamp;
use std::sync::{Mutex, PoisonError};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) struct Session<'a> {
    transaction: Transaction<'a>,
    pub(super) shared: &'a Shared,
    /// What is announced when the transaction ends.
    facts: Mutex<Vec<(IssueId, IssueEventKind, Timestamp)>>,
    counted: Mutex<Vec<(IssueId, Timestamp)>>,
}

impl<'a> Session<'a> {
    pub(super) const fn new(transaction: Transaction<'a>, shared: &'a Shared) -> Self {
        Self { transaction, shared, facts: Mutex::new(Vec::new()), counted: Mutex::new(Vec::new()) }
    }

    pub(super) async fn query(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>> {
        let statement = self.transaction.prepare_cached(sql).await?;
        Ok(self.transaction.query(&statement, params).await?)
    }

    pub(super) async fn one(&self, sql: &str, params: Params<'_>) -> Result<Row> {
        let statement = self.transaction.prepare_cached(sql).await?;
        Ok(self.transaction.query_one(&statement, params).await?)
    }

    pub(super) async fn optional(&self, sql: &str, params: Params<'_>) -> Result<Option<Row>> {
        let statement = self.transaction.prepare_cached(sql).await?;
        Ok(self.transaction.query_opt(&statement, params).await?)
    }

    /// Runs a statement; returns how many rows it changed.
    pub(super) async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64> {
        let statement = self.transaction.prepare_cached(sql).await?;
        Ok(self.transaction.execute(&statement, params).await?)
    }

    /// Whether a statement selects anything.
    pub(super) async fn exists(&self, sql: &str, params: Params<'_>) -> Result<bool> {
        Ok(self.optional(sql, params).await?.is_some())
    }

    /// Commits, and returns what is announced after that.
    pub(super) async fn commit(
        self,
    ) -> std::result::Result<Vec<(IssueId, Timestamp)>, tokio_postgres::Error> {
        self.transaction.commit().await?;
        Ok(self.counted.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that an issue was counted: announced some time after the transaction, once however often it is counted until
    /// then.
    pub(super) fn count(&self, id: IssueId, at: Timestamp) {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).push((id, at));
    }

    /// Announces a change of an issue at the end of the transaction, if issue events are wanted then.
    pub(super) fn announce(&self, id: IssueId, kind: IssueEventKind, at: Timestamp) {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).push((id, kind, at));
    }

    /// Writes what was announced. The last thing of a transaction: it locks `feed`.
    pub(super) async fn announce_facts(&self) -> Result<()> {
        let facts = std::mem::take(&mut *self.facts.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(at) = facts.iter().map(|(_, _, at)| at.millis()).max() else { return Ok(()) };
        let ids: Vec<i64> = facts.iter().map(|(id, _, _)| id.0).collect();
        let kinds: Vec<&str> = facts.iter().map(|(_, kind, _)| kind.as_str()).collect();
        self.execute(
            "WITH taken AS (
               UPDATE feed SET position = position + cardinality($1::bigint[]) WHERE wanted_until > $3 RETURNING position)
             INSERT INTO outbox (position, issue_id, kind, at)
             SELECT position - cardinality($1) + row, issue_id, kind, $3
             FROM taken, unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS facts (issue_id, kind, row)",
            &[&ids, &kinds, &at],
        )
        .await
        .map(drop)
    }
}
