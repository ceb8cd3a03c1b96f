//! Log Center's server as a crate: an axum [`Router`](axum::Router) on top of a [`Store`].
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use logcenter_server::{LogCenter, Sqlite};
//!
//! # async fn host() -> Result<(), Box<dyn std::error::Error>> {
//! let center = LogCenter::builder().store(Sqlite::open("logcenter.db")?).admin_token("…").build().await?;
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "the host's own page" }))
//!     .nest_service("/logcenter", center.router::<()>()); // with and without its trailing slash
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app).await?;
//! center.shutdown().await; // commits what was accepted, closes the store
//! # Ok(())
//! # }
//! ```
//!
//! Reports take one path: [`Report::from_json`](logcenter_core::Report::from_json) parses them, the queue gathers a
//! batch, [`Reports::record`](store::Reports::record) writes the batch in one transaction, and the response is sent
//! after the commit.

mod access;
mod api;
mod dashboard;
pub mod domain;
mod feed;
mod http;
mod ingest;
mod jobs;
mod log_center;
mod runtime;
mod service;
mod state;
pub mod store;

pub use domain::{Retention, SecretHash};
pub use http::{Drain, InvalidPublicUrl, PublicUrl, serve};
pub use log_center::{BuildError, Builder, LogCenter};
pub use runtime::Clock;
#[cfg(feature = "postgres")]
pub use store::postgres::{ConnectError, Postgres, PostgresOptions};
#[cfg(feature = "sqlite")]
pub use store::sqlite::{OpenError, Sqlite, SqliteOptions};
pub use store::{Store, StoreError};
