//! A body that is still being sent when its request seems to be done.

use crate::outcome;
use axum::Error;
use axum::body::{Body, Bytes};
use http::{Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use logcenter_client::Request;
use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Reports the error that a body breaks off with, and panics while it is made.
struct Streamed {
    body: Body,
    request: Request,
    status: StatusCode,
}

/// Keeps the request of a response until its body is sent, if that is not there yet.
#[inline]
pub(crate) fn keep<B: 'static>(mut request: Request, response: &mut Response<B>) {
    let Some(response) = (response as &mut dyn Any).downcast_mut::<Response<Body>>() else { return };
    if response.body().size_hint().exact().is_some() {
        return;
    }
    // The handler dealt with what was noted.
    drop(request.take_noted());
    let status = response.status();
    let body = std::mem::take(response.body_mut());
    *response.body_mut() = Body::new(Streamed { body, request, status });
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Self { body, request, status } = self.get_mut();
        let polled = outcome::watching_panics(request, || Pin::new(body).poll_frame(context));
        if let Poll::Ready(Some(Err(error))) = &polled {
            outcome::broken_body(request, *status, error);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
