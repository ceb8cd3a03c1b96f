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

/// What a layer or a middleware reports. One word by default, since each request has a copy.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    rules: Option<Arc<Rules>>,
    pub(crate) grpc: bool,
}

/// What was set.
#[derive(Clone, Default)]
struct Rules {
    classify: Option<Classify>,
    ignored: Vec<Arc<str>>,
}

impl Settings {
    pub(crate) fn ignore(&mut self, route: String) {
        self.rules().ignored.push(route.into());
    }

    pub(crate) fn classify(&mut self, is_failure: impl Fn(&Answer<'_>) -> bool + Send + Sync + 'static) {
        self.rules().classify = Some(Arc::new(is_failure));
    }

    fn rules(&mut self) -> &mut Rules {
        Arc::make_mut(self.rules.get_or_insert_default())
    }

    /// Whether a response with this status is reported: 5xx and 408 (which a service answers when it took too long
    /// itself), if nothing else was set.
    #[inline]
    pub(crate) fn is_failure(&self, request: &Request, status: StatusCode) -> bool {
        match &self.rules {
            None => is_failure(status),
            Some(rules) => rules.is_failure(request, status),
        }
    }
}

#[cfg(feature = "tonic")]
impl Settings {
    /// Whether nothing that this request is answered is reported.
    pub(crate) fn ignores(&self, request: &Request) -> bool {
        let line = request.line();
        let rules = self.rules.as_ref();
        rules.is_some_and(|rules| line.is_some_and(|(_, path, route)| rules.ignores(path, route)))
    }
}

fn is_failure(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}

impl Rules {
    fn ignores(&self, path: &str, route: &str) -> bool {
        self.ignored.iter().any(|ignored| **ignored == *route || **ignored == *path)
    }

    fn is_failure(&self, request: &Request, status: StatusCode) -> bool {
        let Some((method, path, route)) = request.line() else { return false };
        if self.ignores(path, route) {
            return false;
        }
        match &self.classify {
            None => is_failure(status),
            Some(classify) => classify(&Answer { status, method, path, route }),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("grpc", &self.grpc).finish_non_exhaustive()
    }
}
