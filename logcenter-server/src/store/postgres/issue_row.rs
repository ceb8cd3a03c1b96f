//! The row of an issue.

use super::fault::Result;
use super::known::{LoadedIssue, StoredIssue};
use super::rows::{self, STANDING, get, time, word};
use super::session::Session;
use crate::domain::recording::IssueState;
use crate::domain::{EventNumber, IssueId, ReceivedReport, Standing};
use logcenter_core::Timestamp;
use tokio_postgres::Row;

pub(super) async fn exists(session: &Session<'_>, id: IssueId) -> Result<bool> {
    session.exists("SELECT 1 FROM issues WHERE id = $1", &[&id.0]).await
}

/// The part of an issue that a status change depends on, locked as `lock` says.
pub(super) async fn standing(session: &Session<'_>, id: IssueId, lock: &str) -> Result<Option<Standing>> {
    let sql = format!("SELECT id, {STANDING} FROM issues WHERE id = $1 {lock}");
    let row = session.optional(&sql, &[&id.0]).await?;
    row.map(|row| rows::intact("issues", &row, rows::standing)).transpose()
}

/// Locks the issues that fingerprints belong to, and reads what recording needs to know about them. `or` says what to do if
/// one is locked already.
pub(super) async fn lock(
    session: &Session<'_>,
    fingerprints: &[&[u8]],
    or: &str,
) -> Result<Vec<LoadedIssue>> {
    let sql = format!(
        "SELECT id, {STANDING}, project_id, source, count, events, regressions, first_seen, last_seen, environment, version,
           commit_hash, environments, payload_number, payload_hash
         FROM issues WHERE id IN (SELECT issue_id FROM fingerprints WHERE fingerprint = ANY($1)) ORDER BY id FOR UPDATE {or}"
    );
    session
        .query(&sql, &[&fingerprints])
        .await?
        .iter()
        .map(|row| rows::intact("issues", row, loaded))
        .collect()
}

fn loaded(row: &Row) -> Result<LoadedIssue> {
    let Standing { status, revision, fix } = rows::standing(row)?;
    let state = IssueState {
        id: rows::issue_id(row, "id")?,
        status,
        revision,
        count: get(row, "count")?,
        events: EventNumber(get(row, "events")?),
        regressions: get(row, "regressions")?,
        first_seen: time(row, "first_seen")?,
        last_seen: time(row, "last_seen")?,
        fix,
        version: get::<Option<&str>>(row, "version")?.map(Into::into),
        commit_hash: get::<Option<&str>>(row, "commit_hash")?.map(Into::into),
    };
    let stored = StoredIssue {
        project_id: rows::project_id(row)?,
        source: word(row, "source")?,
        environment: Some(get(row, "environment")?),
        environments: u32::try_from(get::<i64>(row, "environments")?).unwrap_or(u32::MAX),
        payload_number: get(row, "payload_number")?,
        payload_hash: get(row, "payload_hash")?,
    };
    Ok(LoadedIssue { state, stored })
}

/// An issue after further events, the last of which is `latest`.
pub(super) struct WrittenIssue<'a> {
    pub(super) issue: LoadedIssue,
    pub(super) latest: &'a ReceivedReport,
}

/// The arrays of a column each, for `unnest`.
macro_rules! column {
    ($issues:ident, $issue:ident => $value:expr) => {
        $issues.iter().map(|$issue| $value).collect::<Vec<_>>()
    };
}

/// Inserts new issues.
pub(super) async fn insert(session: &Session<'_>, issues: &[WrittenIssue<'_>]) -> Result<()> {
    if issues.is_empty() {
        return Ok(());
    }
    let ids = column!(issues, one => one.issue.state.id.0);
    let fingerprints = column!(issues, one => &one.latest.report.fingerprint.as_bytes()[..]);
    session
        .execute(
            "INSERT INTO issues (id, fingerprint, project_id, source, status, revision, count, events, regressions,
               first_seen, last_seen, level, environment, version, commit_hash, error_type, message, file_path,
               line_number, trusted, environments, payload_number, payload_hash)
             SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::bigint[],
               $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[],
               $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bigint[], $20::boolean[],
               $21::bigint[], $22::bigint[], $23::bigint[])",
            &[
                &ids,
                &fingerprints,
                &column!(issues, one => one.issue.stored.project_id.as_str()),
                &column!(issues, one => one.issue.stored.source.as_str()),
                &column!(issues, one => one.issue.state.status.as_str()),
                &column!(issues, one => one.issue.state.revision.0),
                &column!(issues, one => one.issue.state.count),
                &column!(issues, one => one.issue.state.events.0),
                &column!(issues, one => one.issue.state.regressions),
                &column!(issues, one => one.issue.state.first_seen.millis()),
                &column!(issues, one => one.issue.state.last_seen.millis()),
                &column!(issues, one => one.latest.report.level.as_str()),
                &column!(issues, one => &*one.latest.report.environment),
                &column!(issues, one => one.latest.report.version.as_deref()),
                &column!(issues, one => one.latest.report.commit_hash.as_deref()),
                &column!(issues, one => &*one.latest.report.error_type),
                &column!(issues, one => &*one.latest.report.message),
                &column!(issues, one => one.latest.report.file_path.as_deref()),
                &column!(issues, one => one.latest.report.line_number.map(u64::cast_signed)),
                &column!(issues, one => one.latest.trusted),
                &column!(issues, one => i64::from(one.issue.stored.environments)),
                &column!(issues, one => one.issue.stored.payload_number),
                &column!(issues, one => one.issue.stored.payload_hash),
            ],
        )
        .await?;
    let sql =
        "INSERT INTO fingerprints (fingerprint, issue_id) SELECT * FROM unnest($1::bytea[], $2::bigint[])";
    session.execute(sql, &[&fingerprints, &ids]).await?;
    let sql = "INSERT INTO issue_texts (issue_id, text) SELECT * FROM unnest($1::bigint[], $2::text[])";
    session.execute(sql, &[&ids, &column!(issues, one => searched(one.latest))]).await.map(drop)
}

/// What is searched in an issue.
fn searched(latest: &ReceivedReport) -> String {
    let report = &latest.report;
    let mut text =
        [&*report.error_type, &*report.message, report.file_path.as_deref().unwrap_or_default()].join("\n");
    text.make_ascii_lowercase();
    text
}

/// Updates issues after further events with another payload.
pub(super) async fn update(session: &Session<'_>, issues: &[WrittenIssue<'_>]) -> Result<()> {
    if issues.is_empty() {
        return Ok(());
    }
    session
        .execute(
            "UPDATE issues i SET count = u.count, events = u.events, last_seen = u.last_seen, level = u.level,
               environment = u.environment, version = u.version, commit_hash = u.commit_hash,
               error_type = u.error_type, message = u.message, file_path = u.file_path, line_number = u.line_number,
               trusted = u.trusted, environments = u.environments, payload_number = u.payload_number,
               payload_hash = u.payload_hash
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
               $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::boolean[], $14::bigint[],
               $15::bigint[], $16::bigint[]) AS u (id, count, events, last_seen, level, environment, version,
               commit_hash, error_type, message, file_path, line_number, trusted, environments, payload_number,
               payload_hash)
             WHERE i.id = u.id",
            &[
                &column!(issues, one => one.issue.state.id.0),
                &column!(issues, one => one.issue.state.count),
                &column!(issues, one => one.issue.state.events.0),
                &column!(issues, one => one.issue.state.last_seen.millis()),
                &column!(issues, one => one.latest.report.level.as_str()),
                &column!(issues, one => &*one.latest.report.environment),
                &column!(issues, one => one.latest.report.version.as_deref()),
                &column!(issues, one => one.latest.report.commit_hash.as_deref()),
                &column!(issues, one => &*one.latest.report.error_type),
                &column!(issues, one => &*one.latest.report.message),
                &column!(issues, one => one.latest.report.file_path.as_deref()),
                &column!(issues, one => one.latest.report.line_number.map(u64::cast_signed)),
                &column!(issues, one => one.latest.trusted),
                &column!(issues, one => i64::from(one.issue.stored.environments)),
                &column!(issues, one => one.issue.stored.payload_number),
                &column!(issues, one => one.issue.stored.payload_hash),
            ],
        )
        .await?;
    let sql =
        "UPDATE issue_texts t SET text = u.text FROM unnest($1::bigint[], $2::text[]) AS u (issue_id, text)
               WHERE t.issue_id = u.issue_id AND t.text <> u.text";
    let texts = column!(issues, one => searched(one.latest));
    session.execute(sql, &[&column!(issues, one => one.issue.state.id.0), &texts]).await.map(drop)
}

/// Updates issues after further events with an unchanged payload.
pub(super) async fn count(session: &Session<'_>, issues: &[WrittenIssue<'_>]) -> Result<()> {
    if issues.is_empty() {
        return Ok(());
    }
    session
        .execute(
            "UPDATE issues i SET count = u.count, events = u.events, last_seen = u.last_seen,
               environments = u.environments, payload_number = u.payload_number
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
               AS u (id, count, events, last_seen, environments, payload_number)
             WHERE i.id = u.id",
            &[
                &column!(issues, one => one.issue.state.id.0),
                &column!(issues, one => one.issue.state.count),
                &column!(issues, one => one.issue.state.events.0),
                &column!(issues, one => one.issue.state.last_seen.millis()),
                &column!(issues, one => i64::from(one.issue.stored.environments)),
                &column!(issues, one => one.issue.stored.payload_number),
            ],
        )
        .await
        .map(drop)
}

/// Moves `first_seen` back, for a report with an earlier time than the first one. This is rare, so it is not part of the
/// statements above: an update that changes no indexed column is cheaper.
pub(super) async fn begin_earlier(session: &Session<'_>, state: &IssueState) -> Result<()> {
    let sql = "UPDATE issues SET first_seen = $2 WHERE id = $1";
    session.execute(sql, &[&state.id.0, &state.first_seen.millis()]).await.map(drop)
}

/// Writes the state of an issue after a status change.
pub(super) async fn set_standing(session: &Session<'_>, id: IssueId, standing: &Standing) -> Result<()> {
    let fix = standing.fix.as_ref();
    session
        .execute(
            "UPDATE issues SET status = $2, revision = $3, fixed_at = $4, fix_commit = $5, fix_branch = $6,
               pull_request_url = $7, verified_at = $8 WHERE id = $1",
            &[
                &id.0,
                &standing.status.as_str(),
                &standing.revision.0,
                &fix.map(|fix| fix.since.millis()),
                &fix.and_then(|fix| fix.commit_hash.as_deref()),
                &fix.and_then(|fix| fix.branch.as_deref()),
                &fix.and_then(|fix| fix.pull_request_url.as_deref()),
                &fix.and_then(|fix| fix.verified_at).map(Timestamp::millis),
            ],
        )
        .await
        .map(drop)
}

/// Writes an issue's number of regressions.
pub(super) async fn set_regressions(session: &Session<'_>, state: &IssueState) -> Result<()> {
    let sql = "UPDATE issues SET regressions = $2 WHERE id = $1";
    session.execute(sql, &[&state.id.0, &state.regressions]).await.map(drop)
}
