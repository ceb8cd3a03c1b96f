//! An issue with everything that its latest event contained.

use super::fault::Result;
use super::rows::{self, ISSUE, LEASES, get};
use super::session::Session;
use crate::domain::{IssueDetail, IssueId};

/// An issue with the stack trace and context of its latest event.
pub(super) async fn read(session: &Session<'_>, id: IssueId) -> Result<Option<IssueDetail>> {
    let sql = format!("SELECT {ISSUE} FROM issues {LEASES} WHERE id = $1");
    let Some(row) = session.optional(&sql, &[&id.0]).await? else { return Ok(None) };
    let issue = rows::issue(&row)?;
    let sql = "SELECT p.stack_trace, e.context FROM issues i JOIN events e ON e.issue_id = i.id AND e.number = i.events
               JOIN events p ON p.issue_id = i.id AND p.number = coalesce(e.payload_number, e.number) WHERE i.id = $1";
    let (stack_trace, context) = match session.optional(sql, &[&id.0]).await? {
        Some(event) => (get(&event, "stack_trace")?, get(&event, "context")?),
        None => (None, None),
    };
    Ok(Some(IssueDetail { issue, stack_trace, context }))
}
