//! Counts by hour.

use logcenter_core::Timestamp;

/// What an issue counted in one hour of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCount {
    /// The environment.
    pub environment: Box<str>,
    /// When the hour begins.
    pub hour: Timestamp,
    /// Errors.
    pub count: i64,
    /// When the last of them happened.
    pub last_seen: Timestamp,
}

impl HourCount {
    /// Adds errors that happened at `at`.
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
