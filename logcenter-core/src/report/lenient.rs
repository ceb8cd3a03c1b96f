//! Reads optional fields: what is wrong in one never costs the report. It is read if it can be, else left out, and noted.

use super::Repair;
use super::bounds::MAX_REPAIRS;
use super::wire::{Field, Stack};
use crate::Timestamp;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
use core::ops::RangeInclusive;

/// Milliseconds of 2000-01-01. What is older comes from a clock that was never set.
const EARLIEST: i64 = 946_684_800_000;

/// The repairs made so far.
pub(super) struct Repairs(pub(super) Vec<Repair>);

impl Repairs {
    /// Notes a repair, unless there are [`MAX_REPAIRS`] already.
    pub(super) fn add(&mut self, pointer: impl Display, detail: impl Display) {
        if self.0.len() >= MAX_REPAIRS {
            return;
        }
        self.0.push(Repair { pointer: pointer.to_string(), detail: detail.to_string() });
    }

    fn left_out<T>(&mut self, pointer: impl Display, found: impl Display, expected: &str) -> Option<T> {
        self.add(pointer, format_args!("left out: {found} is not {expected}"));
        None
    }

    /// A text. A number is read as one.
    pub(super) fn text<'a>(&mut self, pointer: &str, field: Field<'a>) -> Option<Cow<'a, str>> {
        let number = match field {
            Field::Absent => return None,
            Field::Text(text) => return Some(text),
            Field::Integer(number) => number.to_string(),
            Field::Number(number) => number.to_string(),
            Field::Other(kind) => return self.left_out(pointer, kind, "a string"),
        };
        self.add(pointer, "a number was read as a string");
        Some(Cow::Owned(number))
    }

    /// A whole number within a range. A string that holds one is read as one.
    pub(super) fn integer(
        &mut self,
        pointer: &str,
        field: &Field<'_>,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let expected = || format!("a whole number from {} to {}", range.start(), range.end());
        match field {
            Field::Absent => None,
            Field::Integer(number) if range.contains(number) => Some(*number),
            Field::Integer(number) => self.left_out(pointer, number, &expected()),
            Field::Number(number) => self.left_out(pointer, number, &expected()),
            Field::Text(text) => match whole_number(text).filter(|number| range.contains(number)) {
                Some(number) => {
                    self.add(pointer, "a string was read as a number");
                    Some(number)
                }
                None if text.trim().is_empty() => None,
                None => self.left_out(pointer, "this string", &expected()),
            },
            Field::Other(kind) => self.left_out(pointer, kind, &expected()),
        }
    }

    /// A time: ISO 8601, or a number of seconds, milliseconds or microseconds since 1970.
    pub(super) fn time(&mut self, pointer: &str, field: &Field<'_>) -> Option<Timestamp> {
        let (time, read_as) = match field {
            Field::Absent => return None,
            Field::Text(text) => match Timestamp::parse(text) {
                Some(time) => (Some(time), None),
                None => text.trim().parse().ok().and_then(since_1970).unzip(),
            },
            Field::Integer(number) => since_1970(*number as f64).unzip(),
            Field::Number(number) => since_1970(*number).unzip(),
            Field::Other(kind) => return self.left_out(pointer, kind, "a time"),
        };
        let Some(time) = time.filter(|time| time.millis() >= EARLIEST) else {
            return self.left_out(pointer, "this", "a time since 2000 in ISO 8601");
        };
        if let Some(unit) = read_as {
            self.add(pointer, format_args!("a number was read as {unit} since 1970"));
        }
        Some(time)
    }

    /// The lines of a stack trace, each ended by `\n`.
    pub(super) fn stack(&mut self, stack: Stack) -> Option<String> {
        const POINTER: &str = "/error/stack_trace";
        match stack {
            Stack::Absent => None,
            Stack::Other(kind) => self.left_out(POINTER, kind, "an array of strings, or a string"),
            Stack::Lines { text, wrong } => {
                for (at, kind) in wrong {
                    self.left_out::<()>(format_args!("{POINTER}/{at}"), kind, "a string");
                }
                Some(text)
            }
        }
    }

    /// The text of an object.
    pub(super) fn object<'a>(&mut self, pointer: &str, text: &'a str) -> Option<&'a str> {
        let is_empty_array = || {
            text.strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
                .is_some_and(|rest| rest.trim().is_empty())
        };
        match text.as_bytes().first() {
            Some(b'{') => Some(text),
            Some(b'n') => None,
            Some(b'[') if is_empty_array() => {
                self.add(pointer, "an empty array was read as an empty object");
                Some("{}")
            }
            Some(b'[') => self.left_out(pointer, "an array", "an object"),
            Some(b'"') => self.left_out(pointer, "a string", "an object"),
            _ => self.left_out(pointer, "this", "an object"),
        }
    }
}

/// Reads `42` and `42.0`.
fn whole_number(text: &str) -> Option<u64> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().all(|digit| digit == b'0') { whole.parse().ok() } else { None }
}

/// The time a number means: its unit is told by its size, for times from 2000 to 5138.
fn since_1970(number: f64) -> Option<(Timestamp, &'static str)> {
    let (millis, unit) = match number {
        0.0..1e11 => (number * 1e3, "seconds"),
        1e11..1e14 => (number, "milliseconds"),
        1e14..1e17 => (number / 1e3, "microseconds"),
        _ => return None,
    };
    Some((Timestamp::from_millis(millis as i64), unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_number_tells_its_unit() {
        for (number, unit) in [
            (1_795_683_600.123, "seconds"),
            (1_795_683_600_123.0, "milliseconds"),
            (1_795_683_600_123_456.0, "microseconds"),
        ] {
            let (time, read_as) = since_1970(number).unwrap();
            assert_eq!((time.to_string().as_str(), read_as), ("2026-11-26T09:00:00.123Z", unit));
        }
        assert_eq!((since_1970(-1.0), since_1970(1e17), since_1970(f64::NAN)), (None, None, None));
    }
}
