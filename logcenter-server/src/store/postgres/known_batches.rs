//! Batches that were recorded, and what was answered. If the connection is lost during a commit, this tells whether it
//! succeeded.

use super::fault::{Fault, Result};
use super::rows::get;
use super::session::Session;
use crate::domain::{IssueId, Outcome};
use crate::store::BatchId;
use logcenter_core::Timestamp;

/// What was answered, if the batch was recorded.
pub(super) async fn outcomes(session: &Session<'_>, id: BatchId) -> Result<Option<Vec<Outcome>>> {
    let key = id.0.to_be_bytes();
    let row = session.optional("SELECT outcomes FROM batches WHERE id = $1", &[&&key[..]]).await?;
    let Some(row) = row else { return Ok(None) };
    let lines: &str = get(&row, "outcomes")?;
    let outcomes: Option<Vec<Outcome>> = lines.lines().map(read).collect();
    outcomes
        .map(Some)
        .ok_or_else(|| Fault::corrupt("batches", &format!("{:x}", id.0), &"an outcome cannot be read"))
}

/// Remembers what is answered.
pub(super) async fn remember(
    session: &Session<'_>,
    id: BatchId,
    outcomes: &[Outcome],
    at: Timestamp,
) -> Result<()> {
    let lines: String = outcomes.iter().map(write).collect();
    let sql = "INSERT INTO batches (id, outcomes, recorded_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    match session.execute(sql, &[&&id.0.to_be_bytes()[..], &lines, &at.millis()]).await? {
        // The first try was still being committed when this one began.
        0 => Err(Fault::Conflict("the batch has been recorded meanwhile".into())),
        _ => Ok(()),
    }
}

fn write(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Created { id } => format!("created {id}\n"),
        Outcome::Regressed { id } => format!("regressed {id}\n"),
        Outcome::Deduplicated { id, status } => format!("deduplicated {id} {status}\n"),
    }
}

fn read(line: &str) -> Option<Outcome> {
    let mut words = line.split(' ');
    let (kind, id) = (words.next()?, IssueId(words.next()?.parse().ok()?));
    match kind {
        "created" => Some(Outcome::Created { id }),
        "regressed" => Some(Outcome::Regressed { id }),
        "deduplicated" => Some(Outcome::Deduplicated { id, status: words.next()?.parse().ok()? }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use logcenter_core::Status;

    #[test]
    fn every_outcome_is_read_as_it_was_written() {
        let id = IssueId(7);
        for outcome in [
            Outcome::Created { id },
            Outcome::Regressed { id },
            Outcome::Deduplicated { id, status: Status::PendingFix },
        ] {
            assert_eq!(read(write(&outcome).trim_end()), Some(outcome));
        }
        assert_eq!((read("created"), read("lost 1"), read("")), (None, None, None));
    }
}
