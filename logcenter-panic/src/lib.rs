//! Reports panics, and `tracing` events, with the line where they arose.
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
//! **The hook** runs after the one that was installed before, so the message is printed at once. It takes location, message and
//! raw stack, some ten microseconds, and leaves the rest to the client's worker. A panic that is caught, by a runtime or at the end of
//! a thread, makes nobody wait. A process that dies of it (`panic = "abort"`, a panic in a destructor while unwinding) waits
//! until the report is sent or in the spool, a second at most.
//!
//! **The layer** takes events of level `ERROR`. Inside a request that `logcenter-tower` watches, an event waits for the end: should
//! the request fail, the two are one report.

#[cfg(feature = "tracing")]
mod fields;
mod hook;
#[cfg(feature = "tracing")]
mod layer;

pub use hook::install;
#[cfg(feature = "tracing")]
pub use layer::{ErrorLayer, Interesting, layer};

#[cfg(all(doctest, feature = "tracing"))]
#[doc = include_str!("../README.md")]
struct Readme;
