//! Reports failures in handlers, with the line where they occurred.
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
//! The report of a failed request names the first of these that is known:
//! 1. the line of the deepest `?` that created an [`Error`], with its real type and its chain of sources;
//! 2. where a custom error was created: [`tracked_from!`] and [`ResponseExt::with_report`];
//! 3. the last `ERROR` event of the request, if `logcenter_panic::layer()` is installed, otherwise its innermost span;
//! 4. its route: `Http500 GET /users/{id}`.
//!
//! A middleware cannot name a line by itself, because it only sees the response. The line is captured by
//! `#[track_caller]`, in every build, including stripped ones. Passing a conversion by name loses it, because
//! `map_err(Into::into)` is called by the standard library: write `?` or a closure instead.
//!
//! The success path does not allocate.

#[cfg(feature = "actix-web")]
pub mod actix;
#[cfg(feature = "anyhow")]
mod anyhow;
#[cfg(any(feature = "axum", feature = "axum-07"))]
mod axum;
mod error;
mod future;
#[cfg(feature = "tonic")]
mod grpc;
mod layer;
mod located;
mod noted;
mod outcome;
#[cfg(feature = "axum")]
mod prefixed;
mod response;
mod result;
mod settings;
#[cfg(feature = "axum")]
mod streamed;

pub use error::Error;
pub use future::ResponseFuture;
pub use layer::{LogCenter, LogCenterLayer};
pub use located::{Here, Located};
pub use logcenter_client::{
    FutureExt, InRequest, in_request, incident_of, note, note_with, set_tag, set_user,
};
pub use noted::noted;
pub use response::ResponseExt;
pub use result::{Result, ResultExt};
pub use settings::Answer;

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
