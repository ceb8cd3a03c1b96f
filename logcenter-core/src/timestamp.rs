//! Timestamps in milliseconds since 1970, UTC.

use core::fmt;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, never negative. Displayed as RFC 3339 with three
/// decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last millisecond that RFC 3339 can express here: one before 9999-12-30T22:00:00Z.
    const MAX: i64 = 253_402_207_199_999;
    const HOUR: i64 = 3_600_000;

    /// Creates a timestamp from milliseconds, clamped to 1970–9999.
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

    /// The start of its hour.
    #[must_use]
    pub const fn hour(self) -> Self {
        Self(self.0 - self.0 % Self::HOUR)
    }

    /// The start of its day (UTC).
    #[must_use]
    pub const fn day(self) -> Self {
        Self(self.0 - self.0 % (24 * Self::HOUR))
    }

    /// The start of its month (UTC).
    #[must_use]
    pub fn month(self) -> Self {
        let days = match jiff::Timestamp::from_millisecond(self.0) {
            Ok(moment) => moment.to_zoned(jiff::tz::TimeZone::UTC).day() - 1,
            Err(_) => 0,
        };
        self.day().minus_millis(i64::from(days) * 24 * Self::HOUR)
    }

    /// This many milliseconds earlier, but not before 1970.
    #[must_use]
    pub const fn minus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// This many milliseconds later, but not after 9999.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Parses ISO 8601 with or without an offset (none means UTC), with `T` or a space between date and time. Returns
    /// `None` if it cannot be parsed or is before 1970.
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
