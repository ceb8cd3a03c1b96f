//! `/api/v1/deployments`

pub(super) mod create;
pub(super) mod list;
