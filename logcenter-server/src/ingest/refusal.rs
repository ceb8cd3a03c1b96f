//! Why nothing is taken at the moment.

/// Why reports were not taken. Nothing was stored.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Too much at once.
    Overload,
    /// The server stops.
    Stopping,
}
