//! What a failed response says to its client.

use crate::response::{SHORT, is_text, telling};
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use http::StatusCode;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A body whose beginning was looked at: that first, and then the rest.
pub struct Told {
    size: BodySize,
    first: Option<Result<Bytes, Box<dyn Error>>>,
    rest: BoxBody,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").field("size", &self.size).finish_non_exhaustive()
    }
}

impl MessageBody for Told {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => Pin::new(&mut self.rest).poll_next(context),
        }
    }
}

/// A response with its text, if that is short and there at once.
pub(super) fn told<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    status: StatusCode,
) -> (ServiceResponse<EitherBody<B, Told>>, Option<String>) {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let size = response.response().body().size();
    let BodySize::Sized(exact @ 1..=SHORT) = size else { return (response.map_into_left_body(), None) };
    if !kind.is_none_or(is_text) {
        return (response.map_into_left_body(), None);
    }
    let mut text = None;
    let response = response.map_body(|_, body| {
        let mut rest = body.boxed();
        let polled = Pin::new(&mut rest).poll_next(&mut Context::from_waker(Waker::noop()));
        let first = match polled {
            Poll::Ready(first) => first,
            Poll::Pending => None,
        };
        if let Some(Ok(data)) = &first
            && data.len() as u64 == exact
        {
            text = telling(data, status);
        }
        EitherBody::right(Told { size, first, rest })
    });
    (response, text)
}
