//! Authentication and authorization: who is calling, and what they may do.

mod keys;
pub(crate) mod login_limit;
mod permission;
mod principal;
pub(crate) mod random;
pub(crate) mod request;
pub(crate) mod session;

pub(crate) use permission::{Denied, Permission, Trust};
pub(crate) use request::{Access, Administrator};
