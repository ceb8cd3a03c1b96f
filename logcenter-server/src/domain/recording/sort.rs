//! Sorts a batch by issue, with repeats set apart.

use crate::domain::ids::IssueId;
use crate::domain::received::ReceivedReport;
use logcenter_core::{ProjectId, Status};
use std::collections::HashMap;

/// The id that a client gave an event: unique within its project.
pub type EventKey<'a> = (&'a ProjectId, &'a str);

/// The issue that a report was counted for when it was first sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The issue.
    pub id: IssueId,
    /// The issue's status.
    pub status: Status,
}

/// The reports of one issue within a batch, in the order received.
#[derive(Debug)]
pub struct Group<'a> {
    pub(super) positions: Vec<usize>,
    /// The reports, at least one.
    pub reports: Vec<&'a ReceivedReport>,
}

impl<'a> Group<'a> {
    /// The first report. All of them have the same project, source and fingerprint.
    #[must_use]
    pub fn first(&self) -> &'a ReceivedReport {
        self.reports[0]
    }

    /// The last report, which the issue shows from now on.
    #[must_use]
    pub fn latest(&self) -> &'a ReceivedReport {
        self.reports[self.reports.len() - 1]
    }
}

/// A batch sorted by issue, with repeats set apart.
#[derive(Debug)]
pub struct Sorted<'a> {
    /// Ordered by fingerprint.
    pub groups: Vec<Group<'a>>,
    /// For each repeat, its position in the batch and what it repeats.
    pub(super) repeats: Vec<(usize, RepeatOf)>,
    pub(super) len: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum RepeatOf {
    Recorded(Recorded),
    /// The report at this position of the same batch.
    InBatch(usize),
}

/// The keys of all reports in a batch that have an `event_id`.
pub fn event_keys(batch: &[ReceivedReport]) -> impl Iterator<Item = EventKey<'_>> {
    batch.iter().filter_map(|one| Some((&one.report.project_id, one.report.event_id.as_deref()?)))
}

/// Sorts a batch. `recorded` contains the events that were recorded before.
#[must_use]
pub fn sort<'a>(batch: &'a [ReceivedReport], recorded: &HashMap<EventKey<'_>, Recorded>) -> Sorted<'a> {
    let mut seen: HashMap<EventKey<'_>, RepeatOf> = HashMap::new();
    let (mut fresh, mut repeats) = (Vec::with_capacity(batch.len()), Vec::new());
    for (at, ReceivedReport { report, .. }) in batch.iter().enumerate() {
        let Some(event_id) = report.event_id.as_deref() else {
            fresh.push(at);
            continue;
        };
        let key = (&report.project_id, event_id);
        let before =
            recorded.get(&key).map(|one| RepeatOf::Recorded(*one)).or_else(|| seen.get(&key).copied());
        match before {
            Some(repeat) => repeats.push((at, repeat)),
            None => {
                seen.insert(key, RepeatOf::InBatch(at));
                fresh.push(at);
            }
        }
    }
    fresh.sort_by_key(|&at| batch[at].report.fingerprint);
    let same = |a: &usize, b: &usize| batch[*a].report.fingerprint == batch[*b].report.fingerprint;
    let group = |positions: &[usize]| Group {
        positions: positions.to_vec(),
        reports: positions.iter().map(|&at| &batch[at]).collect(),
    };
    Sorted { groups: fresh.chunk_by(same).map(group).collect(), repeats, len: batch.len() }
}
