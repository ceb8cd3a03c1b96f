//! The report that a client posts, as it is once it was read: valid, bounded, with its fingerprint.

mod bounds;
mod draft;
mod read;
mod validate;
mod wire;

pub use bounds::{
    MAX_CONTEXT_BYTES, MAX_COUNT, MAX_EVENT_ID_CHARS, MAX_FILE_PATH_BYTES, MAX_MESSAGE_BYTES,
    MAX_STACK_LINE_BYTES, MAX_STACK_LINES, MAX_TYPE_CHARS,
};
pub use draft::Draft;
pub use read::{MAX_DEPTH, Rejection, ReportBatch};

use crate::{Fingerprint, Level, ProjectId, Source, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;

/// One error that a client reported. Can only be had by judging one ([`from_json`](Self::from_json), [`Draft`]), so its fields
/// hold what their documentation says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Where it ran: `production`, but also a branch name. 1–128 characters.
    pub environment: Box<str>,
    /// How bad it is.
    pub level: Level,
    /// Where it arose.
    pub source: Source,
    /// When the client says it happened; `None` when it said nothing readable.
    pub timestamp: Option<Timestamp>,
    /// The version of the program.
    pub version: Option<Box<str>>,
    /// The commit it was built from.
    pub commit_hash: Option<Box<str>>,
    /// The repository, to fill the project's own where that is empty.
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
    /// What the client calls this event, so that it may send it again. 1–64 characters.
    pub event_id: Option<Box<str>>,
    /// How many equal errors it stands for, 1–1,000,000.
    pub count: u32,
    /// Whether something was too long and lost its middle.
    pub truncated: bool,
    /// Whether the JSON or the timestamp could not be taken as it was.
    pub repaired: bool,
    /// The identity of its issue.
    pub fingerprint: Fingerprint,
}

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where it is: a JSON pointer (RFC 6901), `/error/type`.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
}
