//! A deployment moves on what it brought.

use super::change::{self, Fix};
use super::writer::Session;
use crate::domain::{Deployment, HistoryEntry};
use crate::store::StoreError;
use logcenter_core::{Status, Timestamp};
use rusqlite::Result;

pub(super) fn deploy(
    session: &mut Session<'_>,
    deployment: &Deployment,
    now: Timestamp,
) -> std::result::Result<Vec<i64>, StoreError> {
    let transaction = &session.transaction;
    let verified = transaction
        .prepare_cached(
            "SELECT id, fix_commit FROM issues WHERE project_id = ?1 AND status = 'VERIFIED'
               AND EXISTS (SELECT 1 FROM issue_hours h WHERE h.issue_id = issues.id AND h.environment = ?2)
             ORDER BY id",
        )?
        .query_map([deployment.project_id.as_str(), &deployment.environment], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<Vec<(i64, Option<String>)>>>()?;
    let brought = verified.into_iter().filter(|(_, fix_commit)| deployment.brings(fix_commit.as_deref()));
    let ids: Vec<i64> = brought.map(|(id, _)| id).collect();
    let release = deployment.version.as_ref().map(|version| format!(" as {version}")).unwrap_or_default();
    for &id in &ids {
        change::set_status(transaction, id, Status::Verified, Status::Deployed, &Fix::default(), now)?;
        let entry = HistoryEntry {
            from: Status::Verified,
            to: Status::Deployed,
            actor: deployment.actor.clone(),
            note: Some(format!("Deployed to {}{release}", deployment.environment)),
            at: now,
            forced: false,
            commit_hash: deployment.commits.first().cloned(),
            pull_request_url: None,
        };
        change::keep(transaction, id, &entry)?;
    }
    Ok(ids)
}
