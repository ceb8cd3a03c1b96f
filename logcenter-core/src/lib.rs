//! Log Center's domain logic (reports, fingerprints, statuses, regressions), without I/O, clock or randomness.
//!
//! ```text
//! bytes ─json→ text ─report→ Report (valid, bounded, with its Fingerprint) ─regression→ Status
//! ```
//!
//! ```
//! use logcenter_core::Report;
//!
//! let report = Report::from_json(br#"{
//!     "project_id": "rtc_backend", "environment": "production", "level": "error",
//!     "error": {"type": "ValueError", "message": "no", "file_path": "apps/users/views.py", "line_number": 42}
//! }"#).expect("a valid report");
//! assert_eq!(report.fingerprint.to_string(), "0aef4a677dc8df671fac47d8a86a8452");
//! ```
#![no_std]

extern crate alloc;

pub mod fingerprint;
pub mod json_repair;
pub mod k8s_label;
pub mod key_kind;
pub mod level;
pub mod path;
pub mod project_id;
pub mod regression;
pub mod repair;
pub mod report;
pub mod source;
pub mod stack;
pub mod status;
mod text_enum;
pub mod timestamp;
pub mod token_role;

pub use fingerprint::Fingerprint;
pub use key_kind::KeyKind;
pub use level::Level;
pub use project_id::ProjectId;
pub use regression::RegressionRule;
pub use report::{Rejection, Report, Violation};
pub use source::Source;
pub use status::Status;
pub use timestamp::Timestamp;
pub use token_role::TokenRole;
