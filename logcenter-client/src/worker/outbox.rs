//! Reports that are ready to be sent: in memory, with the spool behind it.

use super::delivery::{Answer, BATCH, BATCH_BYTES};
use super::spool::Spool;
use crate::losses::{Losses, Reason};
use std::collections::VecDeque;

/// Maximum number of reports kept in memory while the server is unreachable, and of their bytes.
const REPORTS: usize = 1000;
const BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Outbox {
    ready: VecDeque<String>,
    bytes: usize,
    spool: Option<Spool>,
    /// The batch in flight, and whether it came from the spool.
    under_way: Option<(Vec<String>, bool)>,
    /// Whether the last attempt failed; new reports then go directly to the spool.
    down: bool,
}

impl Outbox {
    pub(super) fn new(spool: Option<Spool>) -> Self {
        Self { ready: VecDeque::new(), bytes: 0, spool, under_way: None, down: false }
    }

    /// Adds a report that is ready.
    pub(super) fn put(&mut self, report: String, losses: &Losses) {
        if self.down && self.spooled(&report) {
            return;
        }
        if self.ready.len() < REPORTS && self.bytes + report.len() <= BYTES {
            self.bytes += report.len();
            self.ready.push_back(report);
        } else if !self.spooled(&report) {
            losses.add(if self.spool.is_some() { Reason::SpoolFull } else { Reason::Unreachable }, 1);
        }
    }

    fn spooled(&mut self, report: &str) -> bool {
        self.spool.as_mut().is_some_and(|spool| spool.keep(report))
    }

    /// Puts a report into the spool. Without one, it is lost with the process.
    pub(super) fn keep(&mut self, report: &str, losses: &Losses) {
        if !self.spooled(report) {
            losses.add(if self.spool.is_some() { Reason::SpoolFull } else { Reason::Shutdown }, 1);
        }
    }

    /// The next batch. [Finish](Self::finish) it or [put it back](Self::put_back) before asking for another.
    pub(super) fn next(&mut self) -> Option<&[String]> {
        if self.under_way.is_some() {
            return None;
        }
        let mut bytes = 0;
        let fitting = self.ready.iter().take(BATCH).take_while(|report| {
            let first = bytes == 0;
            bytes += report.len();
            first || bytes <= BATCH_BYTES
        });
        let number = fitting.count();
        // Fresh reports go first, because the spool may be long.
        let batch = if number > 0 {
            let batch: Vec<String> = self.ready.drain(..number).collect();
            self.bytes -= batch.iter().map(String::len).sum::<usize>();
            (batch, false)
        } else {
            (self.spool.as_mut().map(|spool| spool.next(BATCH, BATCH_BYTES)).unwrap_or_default(), true)
        };
        if batch.0.is_empty() {
            return None;
        }
        Some(&self.under_way.insert(batch).0)
    }

    /// The server responded: puts back what it could not accept now, and returns how many reports it accepted.
    pub(super) fn finish(&mut self, answers: &[Answer], losses: &Losses) -> u64 {
        let Some((batch, from_spool)) = self.under_way.take() else { return 0 };
        self.down = false;
        if from_spool && let Some(spool) = &mut self.spool {
            spool.done(batch.len());
        }
        let mut taken = 0;
        for (report, answer) in batch.into_iter().zip(answers) {
            match answer {
                Answer::Accepted => taken += 1,
                Answer::Refused => losses.add(Reason::Refused, 1),
                Answer::Retry => self.put(report, losses),
            }
        }
        taken
    }

    /// The batch could not be sent. What the spool accepts goes there; the rest stays in memory.
    pub(super) fn put_back(&mut self) {
        self.down = true;
        if let Some((batch, false)) = self.under_way.take() {
            self.bytes += batch.iter().map(String::len).sum::<usize>();
            for report in batch.into_iter().rev() {
                self.ready.push_front(report);
            }
        }
        while let Some(report) = self.ready.pop_front() {
            if !self.spooled(&report) {
                self.ready.push_front(report);
                return;
            }
            self.bytes -= report.len();
        }
    }

    /// Puts everything into the spool, so that nothing is only in memory.
    pub(super) fn keep_all(&mut self, losses: &Losses) {
        self.under_way = self.under_way.take().filter(|(_, from_spool)| !from_spool);
        for report in self.take_all() {
            self.keep(&report, losses);
        }
        self.under_way = None;
    }

    /// Everything in memory, including the batch in flight: if sent twice, it is counted once.
    pub(super) fn take_all(&mut self) -> Vec<String> {
        let under_way = self.under_way.iter().filter(|(_, from_spool)| !from_spool);
        let all = under_way.flat_map(|(batch, _)| batch.clone()).chain(self.ready.drain(..)).collect();
        self.bytes = 0;
        all
    }

    /// Drops everything in memory.
    pub(super) fn discard(&mut self) {
        self.take_all();
        self.under_way = None;
    }

    /// Whether nothing is waiting in memory.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.under_way.as_ref().is_none_or(|(_, from_spool)| *from_spool)
    }
}
