//! Reports what goes wrong in a handler, with the line where it arose.
//!
//! ```no_run
//! use axum::{Json, Router, extract::Path, routing::get};
//! use logcenter_tower::{LogCenterLayer, Result};
//!
//! async fn get_user(Path(id): Path<u64>) -> Result<Json<String>> {
//!     let name = std::fs::read_to_string(format!("users/{id}"))?; // this line is reported
//!     Ok(Json(name))
//! }
//!
//! let _guard = logcenter_client::init(
//!     logcenter_client::Config::from_env().app(logcenter_client::app_info!()),
//! );
//! let app: Router = Router::new().route("/users/{id}", get(get_user)).layer(LogCenterLayer::new());
//! ```
//!
//! What the report of a failed request names, in this order:
//! 1. the line of the deepest `?` that made an [`Error`], its real type and its chain of sources;
//! 2. where an own error was made: [`tracked_from!`] and [`ResponseExt::with_report`];
//! 3. the last `ERROR` event of the request, if `logcenter_panic::layer()` is installed, else its innermost span;
//! 4. its route: `Http500 GET /users/{id}`.
//!
//! A middleware cannot name a line by itself: what it sees is a response. The line is taken by `#[track_caller]`, in every
//! build, stripped ones too. Passing a conversion by name loses it: `map_err(Into::into)` is called by the standard library. Write
//! `?`, or a closure.
//!
//! The success path allocates nothing.

#[cfg(feature = "actix-web")]
pub mod actix;
#[cfg(feature = "anyhow")]
mod anyhow;
#[cfg(feature = "axum")]
mod axum;
mod error;
mod future;
#[cfg(feature = "tonic")]
mod grpc;
mod layer;
mod located;
mod outcome;
mod response;
mod result;
mod settings;

pub use error::Error;
pub use future::ResponseFuture;
pub use layer::{LogCenter, LogCenterLayer};
pub use located::{Here, Located};
pub use logcenter_client::{FutureExt, InRequest};
pub use response::ResponseExt;
pub use result::{Result, ResultExt};

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
