//! What is reported of a request that ended.

use crate::Error;
use crate::response::{Attached, Reported};
use http::{Response, StatusCode};
use logcenter_client::{Incident, Request};
use std::any::Any;
use std::error::Error as StdError;
use std::fmt::Display;

/// A response that counts as failed.
#[cold]
pub(crate) fn response<B>(request: &mut Request, response: &mut Response<B>) {
    let attached = response.extensions_mut().remove::<Attached>();
    if response.extensions().get::<Reported>().is_some() || request.is_reported() {
        // What was logged of it is no other incident.
        drop(request.take_waiting());
        return;
    }
    response.extensions_mut().insert(Reported);
    let status = response.status();
    let error = attached.as_ref().map(|Attached(error)| &**error);
    report(request, error, |incident| incident.context("status", status.as_u16()), || http(status));
}

pub(crate) fn http(status: StatusCode) -> Incident {
    Incident::new(
        format!("Http{}", status.as_u16()),
        &format_args!("the handler answered {status} and did not say why"),
    )
}

/// Reports the error, else what was logged last, else what `otherwise` gives.
pub(crate) fn report(
    request: &mut Request,
    error: Option<&Error>,
    complete: impl Fn(Incident) -> Incident,
    otherwise: impl FnOnce() -> Incident,
) {
    let (waiting, span) = (request.take_waiting(), request.span());
    let incident = {
        // So that the incident is told with its request.
        let _entered = request.enter();
        match (error, waiting) {
            (Some(error), Some(logged)) => {
                let around = logged.told_place().cloned().or(span);
                error.incident().around(around).context("log", logged.told_message())
            }
            (Some(error), None) => error.incident().around(span),
            (None, Some(logged)) => logged.around(span),
            (None, None) => otherwise().around(span),
        }
    };
    complete(incident).send();
    request.set_reported();
}

/// An error of the service itself.
#[cold]
pub(crate) fn service_error<E: Display + 'static>(request: &mut Request, error: &E) {
    if request.is_reported() {
        return;
    }
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

/// A panic that went through the service. The hook of `logcenter-panic` knows its line; without one, its message is told.
#[cold]
pub(crate) fn panic(request: &mut Request, payload: &(dyn Any + Send)) {
    if request.is_reported() {
        return;
    }
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("Box<dyn Any>");
    report(request, None, |incident| incident, || Incident::new("panic", &message));
}
