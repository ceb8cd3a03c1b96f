//! Decides what is reported for a request that ended.

use crate::Error;
use crate::response::attached;
use http::{Response, StatusCode};
use logcenter_client::{Incident, Request};
use std::any::Any;
use std::error::Error as StdError;
use std::fmt::Display;

/// Reports a response that counts as failed.
#[cold]
pub(crate) fn response<B>(request: &mut Request, response: &mut Response<B>) {
    let error = attached(request, response);
    let status = response.status();
    report(request, error.as_ref(), |incident| incident.status(status.as_u16()), || http(status));
}

pub(crate) fn http(status: StatusCode) -> Incident {
    Incident::new(
        format!("Http{}", status.as_u16()),
        &format_args!("the handler answered {status} and did not say why"),
    )
}

/// Reports the error, or else what was logged last, or else the result of `otherwise`. Does nothing if the request was
/// already reported.
pub(crate) fn report(
    request: &mut Request,
    error: Option<&Error>,
    complete: impl Fn(Incident) -> Incident,
    otherwise: impl FnOnce() -> Incident,
) {
    if !request.is_reported() {
        let (waiting, span) = (request.take_waiting(), request.span());
        let incident = {
            // So that the incident includes its request.
            let _entered = request.enter();
            match (error, waiting) {
                (Some(error), Some(logged)) => {
                    let around = logged.place_ref().cloned().or(span);
                    error.incident().around(around).context("log", logged.message_ref())
                }
                (Some(error), None) => error.incident().around(span),
                (None, Some(logged)) => logged.around(span),
                (None, None) => otherwise().around(span),
            }
        };
        complete(incident).send();
        request.set_reported();
    }
    // An outer layer may be watching the same request.
    Request::current(Request::set_reported);
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
    report(request, None, |incident| incident, || Incident::new("panic", say));
}
