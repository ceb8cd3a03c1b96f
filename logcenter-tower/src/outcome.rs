//! Decides what is reported for a request that ended.

use crate::Error;
use crate::response::{attached, short_text};
use http::{Response, StatusCode};
use logcenter_client::{Incident, Request};
use std::any::Any;
use std::error::Error as StdError;
use std::fmt::Display;

/// Reports a response that counts as failed.
#[cold]
pub(crate) fn response<B: 'static>(request: &mut Request, response: &mut Response<B>) {
    let error = attached(request, response);
    let status = response.status();
    let error = error.as_ref().map(Error::incident);
    report(
        request,
        error,
        |incident| incident.status(status.as_u16()),
        || http(status, short_text(response)),
    );
}

/// A response about which only its status is known, and what it says to the client.
pub(crate) fn http(status: StatusCode, text: Option<String>) -> Incident {
    let error_type = format!("Http{}", status.as_u16());
    match text {
        Some(text) => Incident::new(error_type, &text),
        None if status == StatusCode::REQUEST_TIMEOUT => {
            Incident::new(error_type, &"the handler took longer than the service allows")
        }
        None => Incident::new(error_type, &format_args!("the handler answered {status} and did not say why")),
    }
}

/// Reports a failed request: the error that its response was made from and what was noted of it, or else what was logged
/// last, or else the result of `otherwise`. Does nothing if the request was already reported.
pub(crate) fn report(
    request: &mut Request,
    error: Option<Incident>,
    complete: impl Fn(Incident) -> Incident,
    otherwise: impl FnOnce() -> Incident,
) {
    if !request.is_reported() {
        let (noted, logged, span) = (request.take_noted(), request.take_waiting(), request.span());
        let incident = {
            // So that the incident includes its request.
            let _entered = request.enter();
            let error = match (error, noted) {
                (Some(error), Some(noted))
                    if error.place_ref().is_none() || error.is_same_failure(&noted) =>
                {
                    Some(error.absorb(noted))
                }
                (error, noted) => error.or(noted),
            };
            let incident = match (error, logged) {
                (Some(error), Some(logged)) => {
                    let around = logged.place_ref().cloned().or(span);
                    let text = logged.message_ref().to_owned();
                    error.or_around(around).with_context_of(logged).context("log", text)
                }
                (Some(error), None) => error.or_around(span),
                (None, Some(logged)) => logged.or_around(span),
                (None, None) => otherwise().in_current_spans().or_around(span),
            };
            incident.in_current_request()
        };
        complete(incident).send();
        request.set_reported();
    }
    // An outer layer may be watching the same request.
    Request::current(Request::set_reported);
}

/// Reports a body that broke off after its response was begun.
#[cfg(feature = "axum")]
#[cold]
pub(crate) fn broken_body(request: &mut Request, status: StatusCode, error: &axum::Error) {
    let mut cause: &(dyn StdError + 'static) = error;
    while let Some(inner) = cause.source().filter(|_| cause.is::<axum::Error>()) {
        cause = inner;
    }
    let incident = Incident::of_error::<dyn StdError>(cause).context("body", "the response broke off");
    report(request, Some(incident), |incident| incident.status(status.as_u16()), || http(status, None));
}

/// Reports an error of the service itself.
#[cold]
pub(crate) fn service_error<E: Display + 'static>(request: &mut Request, error: &E) {
    report(
        request,
        None,
        |incident| incident,
        || match (error as &dyn Any).downcast_ref::<Box<dyn StdError + Send + Sync>>() {
            Some(error) => Incident::of_error::<dyn StdError>(&**error),
            None => Incident::new(std::any::type_name::<E>(), error),
        },
    );
}

/// Polls inside a request. Reports a panic that unwinds through it, unless the hook of `logcenter-panic` already has:
/// the hook knows the message and the line, while only the request is known here.
#[inline]
pub(crate) fn watching_panics<R>(request: &mut Request, poll: impl FnOnce() -> R) -> R {
    struct Watch<'a> {
        request: &'a mut Request,
        done: bool,
    }
    impl Drop for Watch<'_> {
        #[inline]
        fn drop(&mut self) {
            if !self.done {
                panicked(self.request);
            }
        }
    }
    let mut watch = Watch { request, done: false };
    let polled = {
        let _entered = watch.request.enter();
        poll()
    };
    watch.done = true;
    polled
}

#[cold]
fn panicked(request: &mut Request) {
    let say = &"the service panicked; logcenter_panic::install() tells what it said, and where";
    report(request, None, |incident| incident, || Incident::new("panic", say).unwinding());
}
