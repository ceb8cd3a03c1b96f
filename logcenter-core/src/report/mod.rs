//! A report posted by a client, after reading: valid, bounded and fingerprinted.

mod bounds;
mod draft;
mod lenient;
mod read;
mod validate;
mod wire;

pub use bounds::{
    MAX_CONTEXT_BYTES, MAX_COUNT, MAX_EVENT_ID_CHARS, MAX_FILE_PATH_BYTES, MAX_MESSAGE_BYTES,
    MAX_STACK_LINE_BYTES, MAX_STACK_LINES, MAX_TYPE_CHARS, shorten,
};
pub use draft::Draft;
pub use read::{MAX_DEPTH, Rejection, ReportBatch};

use crate::{Fingerprint, Level, ProjectId, Source, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// One reported error. It can only be created by validation ([`from_json`](Self::from_json), [`Draft`]), so its fields
/// hold what their documentation says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The environment it ran in: `production`, but also a branch name. 1–128 characters.
    pub environment: Box<str>,
    /// Its severity.
    pub level: Level,
    /// Where it comes from.
    pub source: Source,
    /// When the client says it happened; `None` if it sent no readable timestamp.
    pub timestamp: Option<Timestamp>,
    /// The client's clock when it sent the report.
    pub sent_at: Option<Timestamp>,
    /// The version of the program.
    pub version: Option<Box<str>>,
    /// The commit it was built from.
    pub commit_hash: Option<Box<str>>,
    /// The repository, which fills in the project's own if that is empty.
    pub repo_url: Option<Box<str>>,
    /// `error.type`, 1–512 characters.
    pub error_type: Box<str>,
    /// `error.message`, at most [`MAX_MESSAGE_BYTES`].
    pub message: Box<str>,
    /// `error.file_path`, as received up to [`MAX_FILE_PATH_BYTES`].
    pub file_path: Option<Box<str>>,
    /// `error.line_number`.
    pub line_number: Option<u64>,
    /// `error.stack_trace`: lines joined by `\n`, at most [`MAX_STACK_LINES`] of [`MAX_STACK_LINE_BYTES`].
    pub stack_trace: Option<Box<str>>,
    /// `context`: the text of a JSON object, at most [`MAX_CONTEXT_BYTES`].
    pub context: Option<Box<str>>,
    /// The client's ID for this event, so that it can be sent again. 1–64 characters.
    pub event_id: Option<Box<str>>,
    /// How many occurrences it stands for, 1–1,000,000.
    pub count: u32,
    /// Whether something was too long and lost its middle part.
    pub truncated: bool,
    /// What could not be used as it was sent, and what was done about it.
    pub repairs: Vec<Repair>,
    /// The identity of its issue.
    pub fingerprint: Fingerprint,
}

/// One thing that could not be used as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Where it is, as a JSON pointer; empty for the whole body.
    pub pointer: String,
    /// What was wrong and how it was read, in a few words.
    pub detail: String,
}

/// One problem with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where it is, as a JSON pointer (RFC 6901) such as `/error/type`.
    pub pointer: String,
    /// What is invalid, and what would be valid.
    pub detail: String,
}
