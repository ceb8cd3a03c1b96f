//! Times of the query language.

use crate::domain::stats::DAY_MILLIS;
use logcenter_core::Timestamp;

/// What a time may look like.
pub(super) const EXPECTED: &str =
    "a time, such as 30m, 24h, 7d, 2w, today, yesterday, 2026-11-26 or 2026-11-26T08:00:00Z";

/// Reads a time: so long ago, a day (its beginning, UTC), or a moment (RFC 3339).
pub(super) fn time(text: &str, now: Timestamp) -> Option<Timestamp> {
    match text {
        "today" => return Some(now.day()),
        "yesterday" => return Some(now.day().minus_millis(DAY_MILLIS)),
        _ => {}
    }
    let units = [('m', 60_000), ('h', DAY_MILLIS / 24), ('d', DAY_MILLIS), ('w', 7 * DAY_MILLIS)];
    let ago = units.iter().find_map(|(unit, millis)| {
        let number = text.strip_suffix(*unit)?;
        let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        number.parse::<i64>().ok().filter(|_| is_number)?.checked_mul(*millis)
    });
    if let Some(ago) = ago {
        return Some(now.minus_millis(ago));
    }
    // A time begins with a year.
    let is_date = text.len() == 10 && text.as_bytes()[4] == b'-';
    if is_date { Timestamp::parse(&format!("{text}T00:00:00Z")) } else { Timestamp::parse(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let now = at("2026-11-26T08:30:00Z");
        for (text, expected) in [
            ("24h", "2026-11-25T08:30:00Z"),
            ("90m", "2026-11-26T07:00:00Z"),
            ("7d", "2026-11-19T08:30:00Z"),
            ("2w", "2026-11-12T08:30:00Z"),
            ("today", "2026-11-26T00:00:00Z"),
            ("yesterday", "2026-11-25T00:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T01:02:03+01:00", "2026-11-20T00:02:03Z"),
        ] {
            assert_eq!(time(text, now), Some(at(expected)), "{text}");
        }
        for text in [
            "",
            "h",
            "-1h",
            "+1h",
            "1.5d",
            "tomorrow",
            "2026-13-01",
            "99999999999999999999d",
            "最近一天天天天",
        ] {
            assert_eq!(time(text, now), None, "{text}");
        }
    }
}
