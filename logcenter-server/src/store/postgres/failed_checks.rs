//! Checks that failed before the fix that they are of became FIXED: a forge may be faster than the agent.

use super::fault::Result;
use super::rows::get;
use super::session::Session;
use crate::domain::repair::{self, Hook, Work, Worked};
use crate::domain::text::{CheckName, CommitHash};
use logcenter_core::Timestamp;

/// Keeps a commit's failed checks from being remembered and applied at the same time: whoever comes second sees what the
/// first has written. There is no row to lock for a commit that nothing is known of yet.
pub(super) async fn lock(session: &Session<'_>, commit: &str) -> Result<()> {
    session.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", &[&commit]).await.map(drop)
}

/// Remembers a check that failed, and forgets one that passed.
pub(super) async fn remember(session: &Session<'_>, hook: &Hook, now: Timestamp) -> Result<()> {
    let Hook::Checked { repository, commit, name, passed } = hook else { return Ok(()) };
    if *passed {
        let sql = "DELETE FROM failed_checks WHERE commit_hash = $1 AND repository = $2 AND name = $3";
        return session.execute(sql, &[&&**commit, repository, &&**name]).await.map(drop);
    }
    let sql = "INSERT INTO failed_checks (commit_hash, repository, name, received_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (commit_hash, name, md5(repository)) DO UPDATE SET received_at = excluded.received_at";
    session.execute(sql, &[&&**commit, repository, &&**name, &now.millis()]).await.map(drop)
}

/// Applies what was remembered of a fix to an issue that has just become FIXED by it.
pub(super) async fn applied(session: &Session<'_>, worked: Worked, now: Timestamp) -> Result<Worked> {
    let standing = worked.transition.as_ref().map(|transition| transition.after.clone());
    let Some((standing, commit)) = standing.and_then(|standing| {
        let commit = standing.fix.as_ref()?.commit_hash.clone()?;
        worked.repair.publication.as_ref().map(|_| (standing, commit))
    }) else {
        return Ok(worked);
    };
    lock(session, &commit).await?;
    let sql = "SELECT repository, name FROM failed_checks WHERE commit_hash = $1 ORDER BY name, repository";
    let mut repair = worked.repair;
    for row in session.query(sql, &[&&*commit]).await? {
        let (commit, name) = (CommitHash::cut(&commit), CheckName::cut(get(&row, "name")?));
        let hook = Hook::Checked { repository: get(&row, "repository")?, commit, name, passed: false };
        let work = Work { standing: standing.clone(), repair: repair.clone(), attempt: None };
        if let Some(told) = repair::hook(work, &hook, now) {
            repair = told.repair;
        }
    }
    Ok(Worked { repair, ..worked })
}
