//! Authentication and authorization: who is calling, and what they may do.

mod cache;
pub(crate) mod login_limit;
mod permission;
mod principal;
pub(crate) mod random;
pub(crate) mod request;
pub(crate) mod session;
pub(crate) mod signature;
mod used;

pub(crate) use permission::{Denied, Permission, Trust};
pub(crate) use principal::{Caller, KeyHolder};
pub(crate) use request::{Access, Administrator};
