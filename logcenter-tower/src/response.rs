//! Attaches an error to the response that was made from it.

use crate::{Error, Located};
use http::Response;
use logcenter_client::Request;
use std::sync::Arc;

/// Response extension that holds the error the response was made from, if that happened outside its request, in a
/// separate task.
#[derive(Clone)]
pub(crate) struct Attached(Arc<Error>);

/// Attaches an error to the response that is made from it.
pub(crate) fn attach<B>(response: &mut Response<B>, error: Error) {
    if let Some(error) = error.attach()
        && logcenter_client::is_enabled()
    {
        response.extensions_mut().insert(Attached(Arc::new(error)));
    }
}

/// The error that a response was made from.
pub(crate) fn attached<B>(request: &mut Request, response: &mut Response<B>) -> Option<Error> {
    let mut carried = || response.extensions_mut().remove::<Attached>();
    Error::attached(request).or_else(|| carried().map(|Attached(error)| error.share()))
}

/// The text of a short response, which often says why a request failed. Only a body that is there at once is read, and it
/// is put back.
#[cfg(feature = "axum")]
pub(crate) fn short_text<B: 'static>(response: &mut Response<B>) -> Option<String> {
    use crate::prefixed::Prefixed;
    use axum::body::{Body, HttpBody};
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    let response = (response as &mut dyn std::any::Any).downcast_mut::<Response<Body>>()?;
    let kind = response.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let exact =
        response.body().size_hint().exact().filter(|size| *size <= SHORT && kind.is_none_or(is_text))?;
    let mut body = std::mem::take(response.body_mut());
    let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(first) = polled else {
        *response.body_mut() = body;
        return None;
    };
    let data = first.as_ref().and_then(|first| first.as_ref().ok()?.data_ref());
    // Only a text that is complete is told.
    let complete = data.filter(|data| data.len() as u64 == exact);
    let text = complete.and_then(|data| telling(data, response.status()));
    *response.body_mut() = Body::new(Prefixed { first, rest: body });
    text
}

#[cfg(not(feature = "axum"))]
pub(crate) fn short_text<B>(_: &mut Response<B>) -> Option<String> {
    None
}

/// Longest response whose text is reported, in bytes.
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) const SHORT: u64 = 512;

/// Whether a body of this type may be a text for people.
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/plain") || content_type.starts_with("application/json")
}

/// The text of a body, if it says more than the status.
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) fn telling(body: &[u8], status: http::StatusCode) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let tells = !text.trim().is_empty() && Some(text.trim()) != status.canonical_reason();
    tells.then(|| text.to_owned())
}

/// Extension methods for responses.
pub trait ResponseExt: Sized {
    /// Attaches the error to the response made from it, for [`LogCenterLayer`](crate::LogCenterLayer) to report. The
    /// report names the line that the error knows, otherwise the line of this call.
    ///
    /// ```
    /// # use logcenter_tower::{Here, ResponseExt, tracked_from};
    /// # #[derive(Debug)]
    /// # enum AppError { Io(std::io::Error, Here) }
    /// # tracked_from!(AppError { Io(std::io::Error) });
    /// # impl std::fmt::Display for AppError {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("failed") }
    /// # }
    /// # impl std::error::Error for AppError {}
    /// use axum::{http::StatusCode, response::{IntoResponse, Response}};
    ///
    /// impl IntoResponse for AppError {
    ///     fn into_response(self) -> Response {
    ///         StatusCode::BAD_GATEWAY.into_response().with_report(self)
    ///     }
    /// }
    /// ```
    #[must_use]
    fn with_report<E: Located>(self, error: E) -> Self;
}

impl<B> ResponseExt for Response<B> {
    #[track_caller]
    fn with_report<E: Located>(mut self, error: E) -> Self {
        let here = error.here().unwrap_or_else(crate::Here::caller);
        attach(&mut self, Error::located(error, here));
        self
    }
}

#[cfg(test)]
#[cfg(feature = "axum")]
mod tests {
    use super::short_text;
    use axum::body::{Body, Bytes, HttpBody};
    use http::Response;
    use http_body::{Frame, SizeHint};
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    /// A body of known size that arrives in parts, as a proxied one does.
    struct Parts(Vec<&'static str>);

    impl HttpBody for Parts {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let next = (!self.0.is_empty()).then(|| self.0.remove(0));
            Poll::Ready(next.map(|part| Ok(Frame::data(Bytes::from_static(part.as_bytes())))))
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(self.0.iter().map(|part| part.len() as u64).sum())
        }
    }

    fn whole(body: &mut Body) -> String {
        let mut text = String::new();
        let mut context = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(frame)) = Pin::new(&mut *body).poll_frame(&mut context) {
            text += std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap();
        }
        text
    }

    #[test]
    fn a_body_that_is_looked_at_stays_whole() {
        for (parts, told) in [
            (vec!["the warehouse is closed"], Some("the warehouse is closed")),
            (vec!["the warehouse ", "is closed"], None),
            (vec![], None),
        ] {
            let sent = parts.concat();
            let mut response = Response::new(Body::new(Parts(parts)));
            response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
            assert_eq!(short_text(&mut response).as_deref(), told);
            assert_eq!(response.body().size_hint().exact(), Some(sent.len() as u64));
            assert_eq!(whole(response.body_mut()), sent);
        }
    }
}
