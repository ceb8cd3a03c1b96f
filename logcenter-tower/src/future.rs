//! The future of a request.

use crate::layer::Settings;
use crate::outcome;
use http::Response;
use logcenter_client::Request;
use pin_project_lite::pin_project;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pin_project! {
    /// A response to come, whose failure is reported.
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        watched: Option<Watched>,
    }
}

struct Watched {
    request: Request,
    settings: Settings,
}

impl<F> std::fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn unwatched(future: F) -> Self {
        Self { future, watched: None }
    }

    pub(crate) fn watched(future: F, request: Request, settings: Settings) -> Self {
        Self { future, watched: Some(Watched { request, settings }) }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Display + 'static,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(Watched { request, settings }) = this.watched else { return this.future.poll(context) };
        let polled = {
            let _entered = request.enter();
            catch_unwind(AssertUnwindSafe(|| this.future.poll(context)))
        };
        let mut result = match polled {
            Ok(polled) => ready!(polled),
            Err(payload) => {
                outcome::panic(request, &*payload);
                resume_unwind(payload)
            }
        };
        match &mut result {
            Ok(response) => watch(request, settings, response),
            Err(error) => outcome::service_error(request, error),
        }
        Poll::Ready(result)
    }
}

fn watch<R>(request: &mut Request, settings: &Settings, response: &mut Response<R>) {
    #[cfg(feature = "tonic")]
    if settings.grpc {
        return crate::grpc::watch(request, response);
    }
    let status = response.status();
    let failed = match &settings.classify {
        None => status.is_server_error(),
        Some(classify) => classify(status),
    };
    if failed {
        outcome::response(request, response);
    }
}
