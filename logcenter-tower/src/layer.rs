//! The layer and its service.

use crate::future::{ResponseFuture, Watched};
use crate::settings::{Answer, Settings};
use http::{Request, Response};
use std::fmt;
use std::fmt::Display;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Reports failed requests: 5xx responses, service errors and panics.
///
/// Its position among the layers hardly matters. It does not see responses that a layer around it produces itself, and
/// it knows the matched route when added with axum's `Router::layer`.
///
/// ```
/// use axum::{Router, http::StatusCode, routing::get};
/// use logcenter_tower::LogCenterLayer;
///
/// let app: Router = Router::new()
///     .route("/", get(|| async { "hello" }))
///     .layer(LogCenterLayer::new().ignore_route("/healthz").classify(|answer| {
///         answer.status.is_server_error() && answer.status != StatusCode::SERVICE_UNAVAILABLE
///     }));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct LogCenterLayer {
    pub(crate) settings: Settings,
}

impl LogCenterLayer {
    /// Reports 5xx responses, and 408, which timeouts of the service itself answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports no responses of a route, given as the router names it or as its path: a health check that says 503 is no
    /// error. Panics in it are reported all the same.
    pub fn ignore_route(mut self, route: impl Into<String>) -> Self {
        self.settings.ignore(route.into());
        self
    }

    /// Sets which responses are reported, instead of 5xx and 408. With `grpc`, codes decide, and this does nothing.
    pub fn classify(mut self, is_failure: impl Fn(&Answer<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.settings.classify(is_failure);
        self
    }

    /// For tonic: reports responses with the code `Unknown`, `Internal`, `Unavailable` or `DataLoss`.
    #[cfg(feature = "tonic")]
    pub fn grpc(mut self) -> Self {
        self.settings.grpc = true;
        self
    }
}

impl fmt::Debug for LogCenterLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogCenterLayer").field("grpc", &self.settings.grpc).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for LogCenterLayer {
    type Service = LogCenter<S>;

    fn layer(&self, inner: S) -> LogCenter<S> {
        LogCenter { inner, settings: self.settings.clone() }
    }
}

/// A service whose failed requests are reported; created by [`LogCenterLayer`].
///
/// ```
/// use http::{Request, Response};
/// use logcenter_tower::{LogCenter, LogCenterLayer};
/// use std::convert::Infallible;
/// use tower::{Layer, service_fn};
///
/// let hello = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new("hello")));
/// let watched: LogCenter<_> = LogCenterLayer::new().layer(hello);
/// ```
#[derive(Clone)]
pub struct LogCenter<S> {
    inner: S,
    settings: Settings,
}

impl<S: fmt::Debug> fmt::Debug for LogCenter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogCenter").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for LogCenter<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Display + 'static,
    R: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    #[inline]
    fn call(&mut self, request: Request<B>) -> ResponseFuture<S::Future> {
        let watched = logcenter_client::is_enabled().then(|| self.watch(&request));
        ResponseFuture { future: self.inner.call(request), watched }
    }
}

impl<S> LogCenter<S> {
    fn watch<B>(&self, request: &Request<B>) -> Watched {
        let target = request.uri().path_and_query().map_or("", |target| target.as_str());
        let seen = logcenter_client::Request::new(request.method().clone(), target)
            .route(route(request))
            .headers(request.headers());
        Watched { request: seen, settings: self.settings.clone() }
    }
}

/// The matched route, if the router provides it.
fn route<B>(request: &Request<B>) -> &str {
    let extensions = request.extensions();
    #[cfg(feature = "axum")]
    if let Some(route) = extensions.get::<axum::extract::MatchedPath>() {
        return route.as_str();
    }
    #[cfg(feature = "axum-07")]
    if let Some(route) = extensions.get::<axum_07::extract::MatchedPath>() {
        return route.as_str();
    }
    let _ = extensions;
    ""
}
