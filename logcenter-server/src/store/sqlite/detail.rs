//! An issue with everything that its latest event contained.

use super::rows::{self, ISSUE, LEASES};
use crate::domain::{IssueDetail, IssueId};
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension};

/// An issue with the stack trace and context of its latest event.
pub(super) fn read(connection: &Connection, id: IssueId) -> Result<Option<IssueDetail>, StoreError> {
    let mut select =
        connection.prepare_cached(&format!("SELECT {ISSUE} FROM issues {LEASES} WHERE id = ?1"))?;
    let Some(issue) = select.query_row([id.0], rows::issue).optional()? else { return Ok(None) };
    let mut select = connection.prepare_cached(
        "SELECT p.stack_trace, e.context FROM issues i JOIN events e ON e.id = i.last_event
           JOIN events p ON p.id = ifnull(e.payload_event, e.id) WHERE i.id = ?1",
    )?;
    let event = select.query_row([id.0], |row| Ok((row.get("stack_trace")?, row.get("context")?)));
    let (stack_trace, context) = event.optional()?.unwrap_or_default();
    Ok(Some(IssueDetail { issue, stack_trace, context }))
}
