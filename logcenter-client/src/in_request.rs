//! Carries the current request along with a future or a closure.

use crate::request::{self, Request};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Carries the current request along with a future.
pub trait FutureExt: Future + Sized {
    /// Reports what goes wrong in this future with the request it was created in, wherever it runs.
    ///
    /// ```
    /// use logcenter_client::FutureExt;
    /// # async fn send_mail() {}
    /// # fn spawn(_: impl Future) {}
    /// spawn(send_mail().in_request());
    /// ```
    fn in_request(self) -> InRequest<Self> {
        InRequest { future: Box::pin(self), request: request::carried() }
    }
}

impl<F: Future> FutureExt for F {}

/// Reports what goes wrong in a closure with the request it was created in, on whatever thread it runs.
///
/// ```
/// use logcenter_client::in_request;
/// # fn resize(_: &[u8]) -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
/// # async fn upload(image: Vec<u8>) -> std::io::Result<Vec<u8>> {
/// tokio::task::spawn_blocking(in_request(move || resize(&image))).await?
/// # }
/// ```
pub fn in_request<R>(run: impl FnOnce() -> R) -> impl FnOnce() -> R {
    let mut request = request::carried();
    move || {
        let result = {
            let _entered = request.enter();
            run()
        };
        request.hand_over();
        result
    }
}

/// The future of [`FutureExt::in_request`].
///
/// ```
/// use logcenter_client::{FutureExt, InRequest};
///
/// fn in_background<F: Future>(job: F) -> InRequest<F> {
///     job.in_request()
/// }
/// ```
#[derive(Debug)]
pub struct InRequest<F> {
    future: Pin<Box<F>>,
    request: Request,
}

impl<F: Future> Future for InRequest<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let polled = {
            let _entered = this.request.enter();
            this.future.as_mut().poll(context)
        };
        // A task may run forever, so what is waiting is sent now.
        if let Some(incident) = this.request.take_waiting() {
            incident.send();
        }
        if polled.is_ready() {
            this.request.hand_over();
        }
        polled
    }
}
