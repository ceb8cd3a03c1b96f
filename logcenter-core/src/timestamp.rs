//! Moments, as milliseconds since 1970 in UTC.

use core::fmt;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, never negative. Shown as RFC 3339 with three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last millisecond that RFC 3339 can name here: 9999-12-30T22:00:00Z less one.
    const MAX: i64 = 253_402_207_199_999;
    const HOUR: i64 = 3_600_000;

    /// From milliseconds; what lies outside 1970–9999 becomes the nearest end.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if millis < 0 {
            Self(0)
        } else if millis > Self::MAX {
            Self(Self::MAX)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The beginning of the hour it lies in.
    #[must_use]
    pub const fn hour(self) -> Self {
        Self(self.0 - self.0 % Self::HOUR)
    }

    /// The beginning of the day (UTC) it lies in.
    #[must_use]
    pub const fn day(self) -> Self {
        Self(self.0 - self.0 % (24 * Self::HOUR))
    }

    /// This many milliseconds earlier, at the earliest 1970.
    #[must_use]
    pub const fn minus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// This many milliseconds later, at the latest in 9999.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Reads ISO 8601 with or without offset (none means UTC), `T` or a space between date and time.
    /// `None` when it cannot be read, or names a moment before 1970.
    ///
    /// ```
    /// use logcenter_core::Timestamp;
    /// let at = Timestamp::parse("2026-01-02 03:04:05.123+01:00").unwrap();
    /// assert_eq!(at.to_string(), "2026-01-02T02:04:05.123Z");
    /// assert_eq!(Timestamp::parse("yesterday"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let moment = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            let civil = text.parse::<jiff::civil::DateTime>().ok()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        })?;
        let millis = moment.as_millisecond();
        (0..=Self::MAX).contains(&millis).then_some(Self(millis))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => write!(f, "{moment:.3}"),
            Err(_) => Err(fmt::Error),
        }
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
