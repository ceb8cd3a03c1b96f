//! Why reports are refused for now.

/// Why reports were refused. Nothing was stored.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server is overloaded.
    Overload,
    /// The server is shutting down.
    Stopping,
}
