//! A status change.

use super::fault::Result;
use super::session::Session;
use super::{history, issue_row};
use crate::domain::{IssueEventKind, IssueId, Transition};

/// Writes a status change, and announces it.
pub(super) async fn write(
    session: &Session<'_>,
    id: IssueId,
    transition: &Transition,
    kind: IssueEventKind,
) -> Result<()> {
    issue_row::set_standing(session, id, &transition.after).await?;
    history::insert(session, &[(id, &transition.entry)]).await?;
    session.announce(id, kind, transition.entry.at);
    Ok(())
}
