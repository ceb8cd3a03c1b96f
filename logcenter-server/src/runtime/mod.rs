//! The process's own runtime: the time, metrics of its work, and whether it is ready.

pub(crate) mod clock;
pub(crate) mod metrics;
pub(crate) mod readiness;

pub use clock::Clock;
