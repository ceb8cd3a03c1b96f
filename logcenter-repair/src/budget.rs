//! What keeps an agent from trying for ever: attempts in a day, and a pause after failures of the machine.

use logcenter_core::ProjectId;
use logcenter_core::repair::Verdict;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const DAY: u64 = 24 * 60 * 60;

/// Failures of the machine in a row after which a project pauses, and for how long.
pub(crate) const IN_A_ROW: u32 = 3;
pub(crate) const PAUSE: Duration = Duration::from_secs(600);

/// The attempts of the last 24 hours, kept in a file.
#[derive(Debug)]
pub(crate) struct Day {
    file: PathBuf,
    /// Seconds since 1970, and the project.
    attempts: Vec<(u64, String)>,
}

impl Day {
    pub(crate) fn read(work_dir: &Path) -> Self {
        let file = work_dir.join("attempts.log");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let row = |line: &str| {
            let (at, project) = line.split_once(' ')?;
            Some((at.parse().ok()?, project.to_owned()))
        };
        Self { attempts: text.lines().filter_map(row).collect(), file }
    }

    pub(crate) fn count(&self, project: &ProjectId, now: u64) -> usize {
        let counts = |(at, id): &&(u64, String)| at + DAY > now && id == project.as_str();
        self.attempts.iter().filter(counts).count()
    }

    pub(crate) fn add(&mut self, project: &ProjectId, now: u64) {
        self.attempts.retain(|(at, _)| at + DAY > now);
        self.attempts.push((now, project.as_str().to_owned()));
        let text: String = self.attempts.iter().map(|(at, id)| format!("{at} {id}\n")).collect();
        // If it cannot be kept, the server's back-off still holds.
        let _ = std::fs::write(&self.file, text);
    }
}

/// Failures of the machine, by project.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: BTreeMap<ProjectId, (u32, Instant)>,
}

impl Breaker {
    /// Counts how an attempt ended; returns whether the project pauses now.
    pub(crate) fn saw(&mut self, project: &ProjectId, verdict: Verdict, now: Instant) -> bool {
        if verdict == Verdict::InfraError {
            let (count, at) = self.failures.entry(project.clone()).or_insert((0, now));
            (*count, *at) = (*count + 1, now);
        } else {
            self.failures.remove(project);
        }
        self.is_open(project, now)
    }

    pub(crate) fn is_open(&self, project: &ProjectId, now: Instant) -> bool {
        let failures = self.failures.get(project);
        failures.is_some_and(|(count, at)| *count >= IN_A_ROW && now.duration_since(*at) < PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn attempts_are_counted_for_a_day_and_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let (shop, other) = ("shop".parse().unwrap(), "other".parse().unwrap());
        let mut day = Day::read(folder.path());
        for at in [100, 200, 300] {
            day.add(&shop, at);
        }
        let again = Day::read(folder.path());
        assert_eq!((again.count(&shop, 400), again.count(&other, 400)), (3, 0));
        assert_eq!(again.count(&shop, 200 + DAY), 1);
    }

    #[test]
    fn three_failures_of_the_machine_in_a_row_are_a_pause() {
        let (shop, now) = ("shop".parse().unwrap(), clock::now());
        let mut breaker = Breaker::default();
        for verdict in [
            Verdict::InfraError,
            Verdict::InfraError,
            Verdict::Fixed,
            Verdict::InfraError,
            Verdict::InfraError,
        ] {
            assert!(!breaker.saw(&shop, verdict, now));
        }
        assert!(breaker.saw(&shop, Verdict::InfraError, now));
        assert!(breaker.is_open(&shop, now) && !breaker.is_open(&shop, now + PAUSE));
    }
}
