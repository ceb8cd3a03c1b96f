//! Sends error reports from Rust programs to Log Center.
//!
//! ```text
//! any thread:   capture ─→ Incident ─→ bounded queue            a microsecond, no I/O, never waits
//! one worker:   stack ─→ file and line ─→ limits ─→ before_send ─→ scrubbed JSON ─→ batches ─→ Log Center
//!                                                                                 └→ spool, while it is down
//! ```
//!
//! ```no_run
//! let _guard = logcenter_client::init(
//!     logcenter_client::Config::from_env().app(logcenter_client::app_info!()),
//! );
//! if let Err(error) = std::fs::read_to_string("/etc/app.toml") {
//!     logcenter_client::capture(&error).context("path", "/etc/app.toml").send();
//! }
//! ```
//!
//! [`init`] starts one worker thread with its own runtime, so it works under `#[tokio::main]`, in plain threads and in
//! programs without async code. An invalid configuration results in one line on stderr and a client that does nothing.
//! Dropping the [`Guard`] sends what is queued, for a bounded time. `std::process::exit` drops nothing, so call
//! [`Guard::flush`] before it.
//!
//! Handlers of web services report through `logcenter-tower`, panics and `tracing` events through `logcenter-panic`.

pub mod api;
mod app;
mod breadcrumb;
mod capture;
mod client;
mod clock;
mod config;
mod describe;
mod doctor;
mod enabled;
mod global;
mod guard;
mod http_client;
mod in_request;
mod incident;
mod init;
mod losses;
mod merge;
mod note;
mod place;
mod queue;
mod report;
mod report_text;
mod request;
mod scope;
mod scrub;
mod send;
mod snapshot;
mod spans;
mod stack;
mod stderr;
mod text;
mod type_name;
mod worker;
mod worker_thread;

pub use app::AppInfo;
pub use capture::{Capture, capture, message};
pub use config::{Config, Stacks};
pub use doctor::{Diagnosis, doctor};
pub use enabled::is_enabled;
pub use global::{flush, flush_dying};
pub use guard::{Guard, Stats};
pub use in_request::{FutureExt, InRequest, in_request};
pub use incident::Incident;
pub use init::init;
pub use logcenter_core::Level;
pub use losses::Lost;
pub use note::{NoteBox, NoteError, NoteReport, NoteShown, Noted, note, note_with, report_fatal};
pub use place::Place;
pub use report::Report;
pub use request::{Entered, Request};
pub use scope::{is_secret, set_tag, set_user};
pub use spans::{SpanFields, current as current_spans};
pub use stack::Stack;
pub use text::bounded;
pub use worker_thread::is_current_thread as is_reporting_thread;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
