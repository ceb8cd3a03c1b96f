//! A typed report that was not read from our own JSON and is not validated yet.

use super::validate::validate;
use super::wire::{ErrorFields, Field, Stack, WireError, WireReport};
use super::{Repair, Report, Violation};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::value::RawValue;

/// A report built from another protocol's body. Its texts may have any length and content:
/// [`into_report`](Self::into_report) validates them like those of a report posted by a client.
///
/// ```
/// use logcenter_core::report::Draft;
///
/// let draft = Draft {
///     project_id: "shop".into(),
///     environment: "production".into(),
///     level: "fatal".into(),
///     error_type: "ValueError".into(),
///     message: "no such order".into(),
///     ..Draft::default()
/// };
/// let report = draft.into_report().expect("a valid report");
/// assert_eq!(report.level.as_str(), "CRITICAL");
/// assert_eq!(Draft::default().into_report().unwrap_err()[0].pointer, "/project_id");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// The project ID. In every required field, an empty string counts as missing.
    pub project_id: String,
    /// The environment it ran in.
    pub environment: String,
    /// The severity, in the client's words.
    pub level: String,
    /// Where it comes from; `runtime` if absent.
    pub source: Option<String>,
    /// When it happened, as text (ISO 8601).
    pub timestamp: Option<String>,
    /// The client's clock when it sent the report, as text (ISO 8601).
    pub sent_at: Option<String>,
    /// The version of the program.
    pub version: Option<String>,
    /// The commit it was built from.
    pub commit_hash: Option<String>,
    /// The repository.
    pub repo_url: Option<String>,
    /// The error's type.
    pub error_type: String,
    /// Its message, which may be empty.
    pub message: String,
    /// The file it occurred in.
    pub file_path: Option<String>,
    /// The line it occurred on.
    pub line_number: Option<u64>,
    /// The stack trace, lines joined by `\n`.
    pub stack_trace: Option<String>,
    /// The context: the text of a JSON object.
    pub context: Option<String>,
    /// The client's ID for the event.
    pub event_id: Option<String>,
    /// How many occurrences it stands for; 1 if absent.
    pub count: Option<u64>,
    /// What had to be repaired to build it.
    pub repairs: Vec<Repair>,
}

fn text(text: Option<String>) -> Field<'static> {
    text.map_or(Field::Absent, |text| Field::Text(Cow::Owned(text.replace('\0', "\u{FFFD}"))))
}

fn required(value: String) -> Field<'static> {
    text(Some(value).filter(|value| !value.is_empty()))
}

fn number(number: Option<u64>) -> Field<'static> {
    number.map_or(Field::Absent, Field::Integer)
}

impl Draft {
    /// Validates it with the same rules, limits and fingerprint formula as a report posted by a client.
    ///
    /// # Errors
    /// Everything that is invalid, at the JSON pointers that the fields have in a report.
    pub fn into_report(self) -> Result<Report, Vec<Violation>> {
        let mut repairs = self.repairs;
        let context = self.context.as_deref().and_then(|context| {
            let read = serde_json::from_str::<&RawValue>(context).ok();
            if read.is_none() {
                repairs.push(Repair { pointer: "/context".into(), detail: "left out: not JSON".into() });
            }
            read
        });
        let stack =
            |stack: String| Stack::Lines { text: stack.replace('\0', "\u{FFFD}") + "\n", wrong: Vec::new() };
        let error = ErrorFields {
            error_type: required(self.error_type),
            message: text(Some(self.message)),
            file_path: text(self.file_path),
            line_number: number(self.line_number),
            stack_trace: self.stack_trace.map_or(Stack::Absent, stack),
        };
        let wire = WireReport {
            project_id: required(self.project_id),
            environment: required(self.environment),
            level: required(self.level),
            source: text(self.source),
            timestamp: text(self.timestamp),
            sent_at: text(self.sent_at),
            version: text(self.version),
            commit_hash: text(self.commit_hash),
            repo_url: text(self.repo_url),
            error: WireError::Object(error),
            context,
            event_id: text(self.event_id),
            count: number(self.count),
        };
        validate(wire, repairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn draft() -> Draft {
        Draft {
            project_id: "shop".into(),
            environment: "production".into(),
            level: "error".into(),
            timestamp: Some("2026-01-02T03:04:05Z".into()),
            version: Some("1.0".into()),
            error_type: "ValueError".into(),
            message: "no".into(),
            file_path: Some("a.py".into()),
            line_number: Some(42),
            stack_trace: Some("one\ntwo".into()),
            context: Some(r#"{"a":1}"#.into()),
            event_id: Some("e".into()),
            count: Some(3),
            ..Draft::default()
        }
    }

    #[test]
    fn it_becomes_the_report_that_the_same_json_becomes() {
        let json = br#"{"project_id": "shop", "environment": "production", "level": "error",
            "timestamp": "2026-01-02T03:04:05Z", "version": "1.0", "event_id": "e", "count": 3, "context": {"a":1},
            "error": {"type": "ValueError", "message": "no", "file_path": "a.py", "line_number": 42,
                      "stack_trace": ["one", "two"]}}"#;
        assert_eq!(draft().into_report().unwrap(), Report::from_json(json).unwrap());
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let wrong = Draft { level: "loud".into(), source: Some("elsewhere".into()), ..Draft::default() };
        let pointers: Vec<String> =
            wrong.into_report().unwrap_err().into_iter().map(|one| one.pointer.to_string()).collect();
        assert_eq!(pointers, ["/project_id", "/environment", "/level", "/source"]);
    }

    #[test]
    fn a_context_that_is_no_json_costs_nothing_but_itself() {
        let report = Draft { context: Some("{broken".into()), ..draft() }.into_report().unwrap();
        assert_eq!((report.context, report.repairs.len()), (None, 1));
    }
}
