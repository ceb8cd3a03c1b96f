//! What the process itself gives: the time, and measurements of its own work.

pub(crate) mod clock;
pub(crate) mod metrics;

pub use clock::Clock;
