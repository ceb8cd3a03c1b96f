//! The way of a report from its bytes to its outcome. No HTTP, no SQL.

mod pipeline;

pub(crate) use pipeline::{Intake, Pipeline, Refusal};
