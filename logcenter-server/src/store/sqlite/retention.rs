//! Removes events that are no longer kept, a little with every batch.
//!
//! Which events these are depends on the issue, but events are stored in the order they arrived. So once as many events
//! were added as the last pass left in the table, the next pass goes through it from the beginning, a few rows with
//! each batch, and removes what is no longer kept: whole pages at a time, since old rows lie together. The table holds
//! at most about twice what is kept, and recording never waits for more than its share.

use super::known::PAYLOAD_REACH;
use rusqlite::{OptionalExtension, Result, Transaction, params};

/// Rows swept for each added event, and at least with each batch.
const ROWS_PER_EVENT: usize = 4;
const ROWS_PER_BATCH: usize = 64;

/// Minimum number of events added between two passes.
const REST: usize = 8192;

/// Progress of the sweep. It starts with a pass.
#[derive(Debug)]
pub(super) enum Sweep {
    /// Rows up to `done` have been swept; `left` rows were kept.
    Pass { done: i64, left: usize },
    /// How many events may be added before the next pass.
    Rest { left: usize },
}

impl Default for Sweep {
    fn default() -> Self {
        Self::Pass { done: 0, left: 0 }
    }
}

impl Sweep {
    /// Advances the sweep by the share for `added` events.
    pub(super) fn advance(&mut self, transaction: &Transaction<'_>, added: usize, kept: i64) -> Result<()> {
        *self = match *self {
            Self::Rest { left } if left > added => Self::Rest { left: left - added },
            Self::Rest { .. } => Self::default(),
            Self::Pass { done, left } => {
                let rows = ROWS_PER_BATCH.max(ROWS_PER_EVENT * added);
                let (until, removed) = sweep(transaction, done, rows, kept)?;
                match until {
                    Some(until) => Self::Pass { done: until, left: left + rows - removed },
                    None => Self::Rest { left: left.max(REST) },
                }
            }
        };
        Ok(())
    }
}

/// Sweeps the next rows. Returns where it stopped (`None` at the end) and how many rows it removed.
fn sweep(transaction: &Transaction<'_>, done: i64, rows: usize, kept: i64) -> Result<(Option<i64>, usize)> {
    let mut select =
        transaction.prepare_cached("SELECT id FROM events WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2")?;
    let offset = i64::try_from(rows.saturating_sub(1)).unwrap_or(i64::MAX);
    let until: Option<i64> = select.query_row([done, offset], |row| row.get(0)).optional()?;
    // Events that hold a payload may be referred to by up to `PAYLOAD_REACH` events after them.
    let mut delete = transaction.prepare_cached(
        "DELETE FROM events WHERE id > ?1 AND id <= ?2 AND NOT EXISTS (
           SELECT 1 FROM issues i WHERE i.id = events.issue_id AND (events.number = 1
             OR events.number > i.events - CASE WHEN events.payload_event IS NULL THEN ?3 + ?4 ELSE ?3 END))",
    )?;
    let removed = delete.execute(params![done, until.unwrap_or(i64::MAX), kept, PAYLOAD_REACH])?;
    Ok((until, removed))
}
