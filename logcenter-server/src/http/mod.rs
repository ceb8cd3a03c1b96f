//! Generic HTTP: connections, proxies, prefixes, queries, escaping. Nothing here knows about Log Center's domain.

pub(crate) mod escape;
pub(crate) mod page_shell;
pub(crate) mod prefix;
pub(crate) mod proxy;
pub(crate) mod query;
mod serve;

pub use proxy::{InvalidPublicUrl, PublicUrl};
pub use serve::{Drain, serve};
