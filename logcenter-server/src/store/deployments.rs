//! Deployments.

use super::StoreFuture;
use crate::domain::{Deployment, DeploymentFilter, DeploymentId, IssueId, KeptDeployment, Page};
use logcenter_core::Timestamp;

/// Deployments, as they were reported.
pub trait Deployments {
    /// Records a deployment, and applies it as [`Deployment::moves`] determines; returns the issues that changed.
    fn deploy(&self, deployment: Deployment, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>>;

    /// The deployments before `before`, newest first.
    fn deployments(
        &self,
        filter: DeploymentFilter,
        before: Option<DeploymentId>,
        limit: u32,
    ) -> StoreFuture<'_, Page<KeptDeployment>>;
}
