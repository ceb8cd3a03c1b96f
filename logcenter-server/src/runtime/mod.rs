//! The process's own runtime: the time, and metrics of its work.

pub(crate) mod clock;
pub(crate) mod metrics;

pub use clock::Clock;
