//! Checks that failed before the fix that they are of became FIXED: a forge may be faster than the agent.

use crate::domain::repair::{self, Hook, Work, Worked};
use crate::domain::text::{CheckName, CommitHash};
use crate::store::StoreError;
use logcenter_core::Timestamp;
use rusqlite::{Result, Transaction, params};

/// Remembers a check that failed, and forgets one that passed.
pub(super) fn remember(transaction: &Transaction<'_>, hook: &Hook, now: Timestamp) -> Result<()> {
    let Hook::Checked { repository, commit, name, passed } = hook else { return Ok(()) };
    let key = params![&**commit, repository, &**name, now.millis()];
    let sql = if *passed {
        "DELETE FROM failed_checks WHERE commit_hash = ?1 AND repository = ?2 AND name = ?3 AND ?4 IS NOT NULL"
    } else {
        "INSERT OR REPLACE INTO failed_checks (commit_hash, repository, name, received_at) VALUES (?1, ?2, ?3, ?4)"
    };
    transaction.prepare_cached(sql)?.execute(key).map(|_| ())
}

/// Applies what was remembered of a fix to an issue that has just become FIXED by it.
pub(super) fn applied(
    transaction: &Transaction<'_>,
    worked: Worked,
    now: Timestamp,
) -> std::result::Result<Worked, StoreError> {
    let standing = worked.transition.as_ref().map(|transition| transition.after.clone());
    let Some((standing, commit)) = standing.and_then(|standing| {
        let commit = standing.fix.as_ref()?.commit_hash.clone()?;
        worked.repair.publication.as_ref().map(|_| (standing, commit))
    }) else {
        return Ok(worked);
    };
    let mut select = transaction
        .prepare_cached("SELECT repository, name FROM failed_checks WHERE commit_hash = ?1 ORDER BY name")?;
    let rows = select.query_map([&*commit], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let mut repair = worked.repair;
    for row in rows {
        let (repository, name) = row?;
        let (commit, name) = (CommitHash::cut(&commit), CheckName::cut(&name));
        let hook = Hook::Checked { repository, commit, name, passed: false };
        let work = Work { standing: standing.clone(), repair: repair.clone(), attempt: None };
        if let Some(told) = repair::hook(work, &hook, now) {
            repair = told.repair;
        }
    }
    Ok(Worked { repair, ..worked })
}
