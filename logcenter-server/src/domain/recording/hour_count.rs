//! Counts by hour.

use logcenter_core::Timestamp;

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
    pub fn add(hours: &mut Vec<Self>, environment: &str, at: Timestamp, count: i64) {
        let hour = at.hour();
        match hours.iter_mut().find(|one| one.hour == hour && *one.environment == *environment) {
            Some(one) => {
                one.count += count;
                one.last_seen = one.last_seen.max(at);
            }
            None => hours.push(Self { environment: environment.into(), hour, count, last_seen: at }),
        }
    }
}
