//! An issue's row, as recording reads and writes it.

use super::known::{CachedIssue, EventChain, StoredIssue};
use super::rows::{self, STANDING, time, word};
use crate::domain::recording::IssueState;
use crate::domain::{EventNumber, IssueId, ReceivedReport, Standing};
use crate::store::StoreError;
use logcenter_core::Timestamp;
use rusqlite::{
    CachedStatement, Connection, OptionalExtension, Result, Row, Transaction, named_params, params,
};

/// Reads an issue.
pub(super) fn read(
    transaction: &Transaction<'_>,
    id: IssueId,
) -> std::result::Result<CachedIssue, StoreError> {
    let mut select = transaction.prepare_cached(&format!(
        "SELECT id, {STANDING}, count, events, regressions, first_seen, last_seen, first_event, last_event,
           payload_event, payload_number, payload_hash, version, commit_hash, project_id, source
         FROM issues WHERE id = ?1"
    ))?;
    let found = select.query_row([id.0], |row| rows::intact("issues", row, cached)).optional()?;
    found.ok_or_else(|| StoreError::Corrupt {
        table: "fingerprints".into(),
        row: format!("issue_id {id}"),
        reason: "there is no such issue".into(),
    })
}

/// The part of an issue that a status change depends on.
pub(super) fn standing(
    connection: &Connection,
    id: IssueId,
) -> std::result::Result<Option<Standing>, StoreError> {
    let mut select =
        connection.prepare_cached(&format!("SELECT id, {STANDING} FROM issues WHERE id = ?1"))?;
    Ok(select.query_row([id.0], |row| rows::intact("issues", row, rows::standing)).optional()?)
}

fn cached(row: &Row<'_>) -> Result<CachedIssue> {
    let Standing { status, revision, fix } = rows::standing(row)?;
    let state = IssueState {
        id: IssueId(row.get("id")?),
        status,
        revision,
        count: row.get("count")?,
        events: EventNumber(row.get("events")?),
        regressions: row.get("regressions")?,
        first_seen: time(row, "first_seen")?,
        last_seen: time(row, "last_seen")?,
        fix,
        version: row.get("version")?,
        commit_hash: row.get("commit_hash")?,
    };
    let chain = EventChain {
        first_event: row.get("first_event")?,
        last_event: row.get("last_event")?,
        payload_event: row.get("payload_event")?,
        payload_number: row.get("payload_number")?,
        payload_hash: row.get("payload_hash")?,
    };
    let (project_id, source) = (rows::project_id(row)?, word(row, "source")?);
    Ok(CachedIssue { state, stored: StoredIssue::new(chain, project_id, source) })
}

/// Inserts a new issue; `latest` is its latest event so far.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    issue: &CachedIssue,
    latest: &ReceivedReport,
) -> Result<()> {
    let CachedIssue { state, stored: StoredIssue { chain, .. } } = issue;
    let report = &latest.report;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO issues (id, count, events, first_seen, last_seen, level, environment, version, commit_hash,
           error_type, message, file_path, line_number, trusted, first_event, last_event, payload_event,
           payload_number, payload_hash, fingerprint, project_id, source, status, revision, regressions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
           ?23, ?24, ?25)",
    )?;
    insert.execute(params![
        state.id.0,
        state.count,
        state.events.0,
        state.first_seen.millis(),
        state.last_seen.millis(),
        report.level.as_str(),
        &*report.environment,
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        latest.trusted,
        chain.first_event,
        chain.last_event,
        chain.payload_event,
        chain.payload_number,
        chain.payload_hash,
        report.fingerprint.as_bytes(),
        report.project_id.as_str(),
        report.source.as_str(),
        state.status.as_str(),
        state.revision.0,
        state.regressions,
    ])?;
    Ok(())
}

/// Updates an issue after further events, the last of which is `latest`.
pub(super) fn update(
    transaction: &Transaction<'_>,
    issue: &CachedIssue,
    latest: &ReceivedReport,
) -> Result<()> {
    let CachedIssue { state, stored: StoredIssue { chain, .. } } = issue;
    let report = &latest.report;
    let mut update = transaction.prepare_cached(
        "UPDATE issues SET count = ?2, events = ?3, last_seen = ?4, level = ?5, environment = ?6, version = ?7,
           commit_hash = ?8, error_type = ?9, message = ?10, file_path = ?11, line_number = ?12, trusted = ?13,
           last_event = ?14, payload_event = ?15, payload_number = ?16, payload_hash = ?17
         WHERE id = ?1",
    )?;
    update.execute(params![
        state.id.0,
        state.count,
        state.events.0,
        state.last_seen.millis(),
        report.level.as_str(),
        &*report.environment,
        report.version.as_deref(),
        report.commit_hash.as_deref(),
        &*report.error_type,
        &*report.message,
        report.file_path.as_deref(),
        report.line_number.map(u64::cast_signed),
        latest.trusted,
        chain.last_event,
        chain.payload_event,
        chain.payload_number,
        chain.payload_hash,
    ])?;
    Ok(())
}

/// The statement of [`count`].
pub(super) const COUNT: &str =
    "UPDATE issues SET count = ?2, events = ?3, last_seen = ?4, last_event = ?5, payload_event = ?6,
       payload_number = ?7, payload_hash = ?8 WHERE id = ?1";

/// Updates an issue after further events with an unchanged payload.
pub(super) fn count(count: &mut CachedStatement<'_>, issue: &CachedIssue) -> Result<()> {
    let CachedIssue { state, stored: StoredIssue { chain, .. } } = issue;
    count.execute(params![
        state.id.0,
        state.count,
        state.events.0,
        state.last_seen.millis(),
        chain.last_event,
        chain.payload_event,
        chain.payload_number,
        chain.payload_hash,
    ])?;
    Ok(())
}

/// Moves `first_seen` back, for a report with an earlier time than the first one. This is rare, so it is not part of
/// the statements above: a column named in an update is written to its index too, changed or not.
pub(super) fn begin_earlier(transaction: &Transaction<'_>, state: &IssueState) -> Result<()> {
    let mut update = transaction.prepare_cached("UPDATE issues SET first_seen = ?2 WHERE id = ?1")?;
    update.execute([state.id.0, state.first_seen.millis()])?;
    Ok(())
}

/// Writes the state of an issue after a status change.
pub(super) fn set_standing(transaction: &Transaction<'_>, id: IssueId, standing: &Standing) -> Result<()> {
    let mut update = transaction.prepare_cached(
        "UPDATE issues SET status = :status, revision = :revision, fixed_at = :fixed_at, fix_commit = :fix_commit,
           fix_branch = :fix_branch, pull_request_url = :pull_request_url, verified_at = :verified_at WHERE id = :id",
    )?;
    let fix = standing.fix.as_ref();
    update.execute(named_params! {
        ":id": id.0,
        ":status": standing.status.as_str(),
        ":revision": standing.revision.0,
        ":fixed_at": fix.map(|fix| fix.since.millis()),
        ":fix_commit": fix.and_then(|fix| fix.commit_hash.as_deref()),
        ":fix_branch": fix.and_then(|fix| fix.branch.as_deref()),
        ":pull_request_url": fix.and_then(|fix| fix.pull_request_url.as_deref()),
        ":verified_at": fix.and_then(|fix| fix.verified_at).map(Timestamp::millis),
    })?;
    Ok(())
}

/// Writes an issue's number of regressions.
pub(super) fn set_regressions(transaction: &Transaction<'_>, state: &IssueState) -> Result<()> {
    let mut update = transaction.prepare_cached("UPDATE issues SET regressions = ?2 WHERE id = ?1")?;
    update.execute([state.id.0, state.regressions])?;
    Ok(())
}
