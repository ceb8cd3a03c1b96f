//! Counts by hour and environment, and how many different ones a client can cause.

use crate::domain::stats::DAY_MILLIS;
use logcenter_core::Timestamp;

/// An issue is counted in this many environments by name.
const MAX_ENVIRONMENTS: u32 = 256;

/// The environment under which an issue counts all further ones.
const OTHER_ENVIRONMENT: &str = "(other)";

/// The events of an issue in one hour and one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCount {
    /// The environment.
    pub environment: Box<str>,
    /// Start of the hour.
    pub hour: Timestamp,
    /// Number of events.
    pub count: i64,
    /// When the latest of them happened.
    pub last_seen: Timestamp,
}

impl HourCount {
    /// Adds `count` events that happened at `at`.
    pub fn add(hours: &mut Vec<Self>, environment: &str, at: Timestamp, received_at: Timestamp, count: i64) {
        let hour = counted_hour(at, received_at);
        match hours.iter_mut().find(|one| one.hour == hour && *one.environment == *environment) {
            Some(one) => {
                one.count += count;
                one.last_seen = one.last_seen.max(at);
            }
            None => hours.push(Self { environment: environment.into(), hour, count, last_seen: at }),
        }
    }
}

/// The hour in which an event is counted: its own, but the first of its day if it was received more than 14 days
/// later, and the first of its month after more than 90 days. A client may name any time since 2000.
#[must_use]
fn counted_hour(at: Timestamp, received_at: Timestamp) -> Timestamp {
    let late = received_at.millis() - at.millis();
    if late <= 14 * DAY_MILLIS {
        at.hour()
    } else if late <= 90 * DAY_MILLIS {
        at.day()
    } else {
        at.month()
    }
}

/// The environment in which an issue counts events of an environment that is new to it, after `known` others.
#[must_use]
pub const fn counted_environment(environment: &str, known: u32) -> &str {
    if known < MAX_ENVIRONMENTS { environment } else { OTHER_ENVIRONMENT }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn events_of_the_same_hour_and_environment_are_counted_together() {
        let mut hours = Vec::new();
        let now = time("2026-01-01T02:00:00.7Z");
        for (environment, at, count) in [
            ("production", "2026-01-01T01:00:00Z", 2),
            ("production", "2026-01-01T01:59:59.5Z", 1),
            ("production", "2026-01-01T01:00:00.1Z", 1),
            ("staging", "2026-01-01T01:00:00Z", 1),
            ("production", "2026-01-01T02:00:00Z", 1),
        ] {
            HourCount::add(&mut hours, environment, time(at), now, count);
        }
        let count = |environment: &str, hour, count, last_seen| HourCount {
            environment: environment.into(),
            hour: time(hour),
            count,
            last_seen: time(last_seen),
        };
        assert_eq!(
            hours,
            [
                count("production", "2026-01-01T01:00:00Z", 4, "2026-01-01T01:59:59.5Z"),
                count("staging", "2026-01-01T01:00:00Z", 1, "2026-01-01T01:00:00Z"),
                count("production", "2026-01-01T02:00:00Z", 1, "2026-01-01T02:00:00Z"),
            ]
        );
    }

    #[test]
    fn the_older_an_event_is_when_it_is_received_the_coarser_it_is_counted() {
        let counted = |at| counted_hour(time(at), time("2026-05-20T12:00:00Z")).to_string();
        assert_eq!(counted("2026-05-20T11:59:59Z"), "2026-05-20T11:00:00.000Z");
        assert_eq!(counted("2026-05-06T12:00:00Z"), "2026-05-06T12:00:00.000Z");
        assert_eq!(counted("2026-05-06T11:59:59Z"), "2026-05-06T00:00:00.000Z");
        assert_eq!(counted("2026-02-19T12:00:00Z"), "2026-02-19T00:00:00.000Z");
        assert_eq!(counted("2026-02-19T11:59:59Z"), "2026-02-01T00:00:00.000Z");
        assert_eq!(counted("2000-02-29T23:00:00Z"), "2000-02-01T00:00:00.000Z");
    }

    #[test]
    fn environments_beyond_the_most_are_counted_as_one() {
        assert_eq!(counted_environment("branch", 0), "branch");
        assert_eq!(counted_environment("branch", MAX_ENVIRONMENTS - 1), "branch");
        assert_eq!(counted_environment("branch", MAX_ENVIRONMENTS), "(other)");
    }
}
