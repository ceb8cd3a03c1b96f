//! What a layer or a middleware reports.

use http::{Method, StatusCode};
use logcenter_client::Request;
use std::fmt;
use std::sync::Arc;

/// A response, and the request that it answers, for [`classify`](crate::LogCenterLayer::classify) to judge.
///
/// ```
/// use logcenter_tower::{Answer, LogCenterLayer};
///
/// let layer = LogCenterLayer::new()
///     .classify(|answer: &Answer| answer.status.is_server_error() && answer.path != "/busy");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// The response's status.
    pub status: StatusCode,
    /// The request's method.
    pub method: &'a Method,
    /// The request's path.
    pub path: &'a str,
    /// The matched route; empty if unknown.
    pub route: &'a str,
}

/// Whether a response counts as failed.
type Classify = Arc<dyn Fn(&Answer<'_>) -> bool + Send + Sync>;

/// What a layer or a middleware reports.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) classify: Option<Classify>,
    pub(crate) ignored: Vec<Arc<str>>,
    pub(crate) grpc: bool,
}

impl Settings {
    /// Whether a response with this status is reported: 5xx and 408 (which a service answers when it took too long
    /// itself), if nothing else was set.
    #[inline]
    pub(crate) fn is_failure(&self, request: &Request, status: StatusCode) -> bool {
        match &self.classify {
            None if !status.is_server_error() && status != StatusCode::REQUEST_TIMEOUT => false,
            None if self.ignored.is_empty() => true,
            classify => self.judge(classify.as_ref(), request, status),
        }
    }

    fn judge(&self, classify: Option<&Classify>, request: &Request, status: StatusCode) -> bool {
        let Some((method, path, route)) = request.line() else { return false };
        let is_ignored = self.ignored.iter().any(|ignored| **ignored == *route || **ignored == *path);
        let answer = Answer { status, method, path, route };
        !is_ignored && classify.is_none_or(|classify| classify(&answer))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("ignored", &self.ignored).finish_non_exhaustive()
    }
}
