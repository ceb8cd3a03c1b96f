//! Reports panics and `tracing` events, with the line where they occurred.
//!
//! ```no_run
//! let _guard = logcenter_client::init(
//!     logcenter_client::Config::from_env().app(logcenter_client::app_info!()),
//! );
//! logcenter_panic::install();
//!
//! use tracing_subscriber::prelude::*;
//! tracing_subscriber::registry().with(logcenter_panic::layer()).init();
//!
//! tracing::error!(order = 7, "payment failed"); // reported with this line
//! panic!("no"); // and this one
//! ```
//!
//! **The hook** runs after the previously installed one, so the message is printed at once. It captures the location,
//! message and raw stack trace, which takes about ten microseconds, and leaves the rest to the client's worker. A
//! panic caught by a runtime or at the end of a thread blocks nobody. A process that dies of a panic
//! (`panic = "abort"`, a panic in a destructor while unwinding) waits until the report is sent or spooled, for at most
//! a second.
//!
//! **The layer** takes events of level `ERROR`. Inside a request watched by `logcenter-tower`, an event waits for the
//! end of the request: if the request fails, both become one report.

#[cfg(feature = "tracing")]
mod breadcrumb;
#[cfg(feature = "tracing")]
mod fields;
mod hook;
#[cfg(feature = "tracing")]
mod layer;

pub use hook::install;
#[cfg(feature = "tracing")]
pub use layer::{ErrorLayer, EventFilter, layer};

#[cfg(all(doctest, feature = "tracing"))]
#[doc = include_str!("../README.md")]
struct Readme;
