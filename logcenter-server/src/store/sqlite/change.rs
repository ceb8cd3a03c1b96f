//! Status changes and their history.

use super::issues;
use super::rows::{time, word};
use super::writer::Session;
use crate::domain::{Arrival, Change, Changed, HistoryEntry, IssueState, Page};
use crate::store::StoreError;
use logcenter_core::status::Refused;
use logcenter_core::{Status, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Row, Transaction, params};

/// Makes the change unless it is stale or not allowed.
pub(super) fn change(
    session: &mut Session<'_>,
    id: i64,
    change: &Change,
    now: Timestamp,
) -> std::result::Result<Changed, StoreError> {
    let transaction = &session.transaction;
    let Some(issue) = issues::one(transaction, id)? else { return Ok(Changed::NotFound) };
    let issue = Box::new(issue);
    let stale = change.expected_status.is_some_and(|expected| expected != issue.status)
        || change.expected_revision.is_some_and(|expected| expected != issue.revision);
    if stale {
        return Ok(Changed::Stale(issue));
    }
    if !change.force
        && let Err(Refused { allowed, .. }) = issue.status.change(change.to, change.actor.role)
    {
        return Ok(Changed::Refused { issue, allowed });
    }
    let fix = Fix {
        commit_hash: change.commit_hash.as_deref(),
        pull_request_url: change.pull_request_url.as_deref(),
    };
    set_status(transaction, id, issue.status, change.to, &fix, now)?;
    let entry = HistoryEntry {
        from: issue.status,
        to: change.to,
        actor: change.actor.name.clone(),
        note: change.note.clone(),
        at: now,
        forced: change.force,
        commit_hash: change.commit_hash.clone(),
        pull_request_url: change.pull_request_url.clone(),
    };
    keep(transaction, id, &entry)?;
    match issues::one(transaction, id)? {
        Some(issue) => Ok(Changed::Done(Box::new(issue))),
        None => Ok(Changed::NotFound),
    }
}

/// What a status change may say of the fix.
#[derive(Default)]
pub(super) struct Fix<'a> {
    pub(super) commit_hash: Option<&'a str>,
    pub(super) pull_request_url: Option<&'a str>,
}

/// Moves an issue and raises its revision. What is recorded of its fix begins with FIXED, is added to while it has
/// a fix, and ends with it.
pub(super) fn set_status(
    transaction: &Transaction<'_>,
    id: i64,
    from: Status,
    to: Status,
    fix: &Fix<'_>,
    now: Timestamp,
) -> Result<()> {
    let continues = from.has_fix() && to.has_fix() && to != Status::Fixed;
    let sql = if continues {
        "UPDATE issues SET status = ?2, revision = revision + 1, fix_commit = ifnull(?3, fix_commit),
           pull_request_url = ifnull(?4, pull_request_url), fixed_at = ifnull(fixed_at, ?5) WHERE id = ?1"
    } else {
        "UPDATE issues SET status = ?2, revision = revision + 1, fix_commit = ?3, pull_request_url = ?4, fixed_at = ?5
         WHERE id = ?1"
    };
    let mut update = transaction.prepare_cached(sql)?;
    let at = to.has_fix().then_some(now.millis());
    let commit_hash = fix.commit_hash.filter(|_| to.has_fix());
    let pull_request_url = fix.pull_request_url.filter(|_| to.has_fix());
    update.execute(params![id, to.as_str(), commit_hash, pull_request_url, at])?;
    Ok(())
}

/// Writes down that an event reopened its issue.
pub(super) fn regression(
    transaction: &Transaction<'_>,
    state: &IssueState,
    from: Status,
    arrival: &Arrival,
) -> Result<()> {
    set_status(transaction, state.id, from, state.status, &Fix::default(), arrival.received_at)?;
    let mut count = transaction.prepare_cached("UPDATE issues SET regressions = ?2 WHERE id = ?1")?;
    count.execute([state.id, state.regressions])?;
    let entry = HistoryEntry {
        from,
        to: state.status,
        actor: "server".into(),
        note: Some("Regression detected".into()),
        at: arrival.received_at,
        forced: false,
        commit_hash: arrival.report.commit_hash.as_deref().map(Into::into),
        pull_request_url: None,
    };
    keep(transaction, state.id, &entry)
}

/// Keeps an entry of an issue's history.
pub(super) fn keep(transaction: &Transaction<'_>, id: i64, entry: &HistoryEntry) -> Result<()> {
    let mut insert = transaction.prepare_cached(
        r#"INSERT INTO history (issue_id, "from", "to", actor, note, at, forced, commit_hash, pull_request_url)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"#,
    )?;
    insert.execute(params![
        id,
        entry.from.as_str(),
        entry.to.as_str(),
        entry.actor,
        entry.note,
        entry.at.millis(),
        entry.forced,
        entry.commit_hash,
        entry.pull_request_url,
    ])?;
    Ok(())
}

/// The status changes of an issue before `before`, newest first.
pub(super) fn history(
    connection: &Connection,
    id: i64,
    before: Option<i64>,
    limit: u32,
) -> std::result::Result<Option<Page<(i64, HistoryEntry)>>, StoreError> {
    let exists = connection.query_row("SELECT 1 FROM issues WHERE id = ?1", [id], |_| Ok(())).optional()?;
    if exists.is_none() {
        return Ok(None);
    }
    let mut select = connection
        .prepare_cached("SELECT * FROM history WHERE issue_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3")?;
    let rows = select.query_map(params![id, before.unwrap_or(i64::MAX), limit + 1], entry)?;
    Ok(Some(Page::of(rows.collect::<Result<_>>()?, limit)))
}

fn entry(row: &Row<'_>) -> Result<(i64, HistoryEntry)> {
    let entry = HistoryEntry {
        from: word(row, "from")?,
        to: word(row, "to")?,
        actor: row.get("actor")?,
        note: row.get("note")?,
        at: time(row, "at")?,
        forced: row.get("forced")?,
        commit_hash: row.get("commit_hash")?,
        pull_request_url: row.get("pull_request_url")?,
    };
    Ok((row.get("id")?, entry))
}
