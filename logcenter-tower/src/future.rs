//! The response future.

use crate::outcome;
use crate::settings::Settings;
use http::Response;
use logcenter_client::Request;
use pin_project_lite::pin_project;
use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project! {
    /// A response future that reports failures.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use logcenter_tower::{LogCenterLayer, ResponseFuture};
    /// use std::convert::Infallible;
    /// use tower::{Layer, Service, service_fn};
    ///
    /// let hello = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new("hello")));
    /// let response: ResponseFuture<_> = LogCenterLayer::new().layer(hello).call(Request::new(()));
    /// ```
    pub struct ResponseFuture<F> {
        #[pin]
        pub(crate) future: F,
        pub(crate) watched: Option<Watched>,
    }
}

/// What is needed once the response is ready.
pub(crate) struct Watched {
    pub(crate) request: Request,
    pub(crate) settings: Settings,
}

impl<F> std::fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Display + 'static,
    R: 'static,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(Watched { request, settings }) = this.watched else { return this.future.poll(context) };
        let mut polled = outcome::watching_panics(request, || this.future.poll(context));
        match &mut polled {
            Poll::Pending => {}
            Poll::Ready(Ok(response)) => {
                watch(request, settings, response);
                #[cfg(feature = "axum")]
                if let Some(Watched { request, .. }) = this.watched.take() {
                    crate::streamed::keep(request, response);
                }
            }
            Poll::Ready(Err(error)) => outcome::service_error(request, error),
        }
        polled
    }
}

#[inline]
fn watch<R: 'static>(request: &mut Request, settings: &Settings, response: &mut Response<R>) {
    #[cfg(feature = "tonic")]
    if settings.grpc {
        if !settings.ignores(request) {
            crate::grpc::watch(request, response);
        }
        return;
    }
    let status = response.status();
    if settings.is_failure(request, status) {
        outcome::response(request, response);
    }
}
