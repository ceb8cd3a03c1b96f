//! The request that a thread is working on.
//!
//! A middleware keeps a [`Request`] in its future and [enters](Request::enter) it around each poll. Entering swaps it
//! with the thread's previous request, so nothing is reference-counted or locked, and everything that runs inside can
//! find it. A request is one word in size; what it points to is reused by the thread's next request, so that none is
//! allocated.

use crate::global;
use crate::incident::Incident;
use crate::place::Place;
use crate::snapshot::Snapshot;
use http::{HeaderMap, HeaderName, Method};
use std::any::Any;
use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tracing_core::Metadata;

/// Requests that a thread keeps for reuse.
const SPARE: usize = 64;

/// Longest text kept from a request, in bytes.
const TEXT: usize = 2048;

thread_local! {
    static CURRENT: RefCell<Request> = const { RefCell::new(Request(None)) };
    // Boxed on purpose: the boxes are what is reused.
    #[expect(clippy::vec_box, reason = "the boxes are what is used again")]
    static POOL: RefCell<Vec<Box<Known>>> = const { RefCell::new(Vec::new()) };
}

/// What is known about a request, and what happened in it. The default is no request.
///
/// ```
/// use http::Method;
/// use logcenter_client::{Incident, Request};
///
/// let mut request = Request::new(Method::GET, "/users/7").route("/users/{id}");
/// {
///     let _entered = request.enter();
///     assert!(Request::is_current());
///     Incident::new("Timeout", &"the database is slow").send(); // reported with the request
/// }
/// assert!(!Request::is_current());
/// ```
#[derive(Debug, Default)]
pub struct Request(Option<Box<Known>>);

#[derive(Debug, Default)]
struct Known {
    snapshot: Snapshot,
    waiting: Option<Incident>,
    attached: Option<Arc<dyn Any + Send + Sync>>,
    span: Option<&'static Metadata<'static>>,
    reported: bool,
}

impl Request {
    /// Creates a request with this method and target (path and query).
    #[must_use]
    pub fn new(method: Method, target: &str) -> Self {
        let spare = POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop()).ok().flatten();
        let mut known = spare.unwrap_or_default();
        let Known { snapshot, span, reported, .. } = &mut *known;
        (snapshot.method, *span, *reported) = (method, None, false);
        keep(&mut snapshot.target, target);
        snapshot.route.clear();
        snapshot.request_id.clear();
        Self(Some(known))
    }

    /// Sets the matched route, as the router names it: `/users/{id}`.
    #[must_use]
    pub fn route(mut self, route: &str) -> Self {
        if let Some(known) = &mut self.0 {
            keep(&mut known.snapshot.route, route);
        }
        self
    }

    /// Sets its ID (`x-request-id`), and the headers that the configuration names.
    #[must_use]
    pub fn headers(mut self, headers: &HeaderMap) -> Self {
        static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
        if let Some(known) = &mut self.0
            && !headers.is_empty()
        {
            if let Some(id) = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok()) {
                keep(&mut known.snapshot.request_id, id);
            }
            if global::wants_headers() {
                known.snapshot.headers = global::with_client(|client| client.headers_of(headers)).flatten();
            }
        }
        self
    }

    /// Makes it the thread's current request until the returned value is dropped.
    #[must_use]
    #[inline]
    pub fn enter(&mut self) -> Entered<'_> {
        let entered = swap(self);
        Entered { request: self, entered }
    }

    /// Takes the incident that waits for the end of the request.
    #[must_use]
    pub fn take_waiting(&mut self) -> Option<Incident> {
        self.0.as_mut()?.waiting.take()
    }

    /// Stores what a middleware wants to find at the end: the error that the response is made from.
    pub fn attach(&mut self, error: Arc<dyn Any + Send + Sync>) {
        if let Some(known) = &mut self.0 {
            known.attached = Some(error);
        }
    }

    /// Takes what was attached last.
    #[must_use]
    pub fn take_attached(&mut self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.as_mut()?.attached.take()
    }

    /// The function that was entered last, according to its spans.
    #[must_use]
    pub fn span(&self) -> Option<Place> {
        let span = self.0.as_ref()?.span?;
        Some(Place { file: span.file()?.into(), line: span.line()? })
    }

    /// Whether its failure was already reported.
    #[must_use]
    pub fn is_reported(&self) -> bool {
        self.0.as_ref().is_some_and(|known| known.reported)
    }

    /// Runs `look` on the thread's current request; returns `None` if there is none.
    pub fn current<R>(look: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let looked = CURRENT.try_with(|current| {
            let mut current = current.try_borrow_mut().ok()?;
            current.0.is_some().then(|| look(&mut current))
        });
        looked.ok().flatten()
    }

    /// Whether the thread is working on a request.
    #[must_use]
    pub fn is_current() -> bool {
        Self::current(|_| ()).is_some()
    }

    /// Marks it as reported: what goes wrong from here on belongs to the same failure.
    pub fn set_reported(&mut self) {
        if let Some(known) = &mut self.0 {
            known.reported = true;
        }
    }

    /// Remembers the function that was entered last.
    pub fn set_span(&mut self, span: &'static Metadata<'static>) {
        if let Some(known) = &mut self.0 {
            known.span = Some(span);
        }
    }

    /// Holds an incident until the end of the request, which may add to it. Returns the incident that was waiting
    /// before.
    pub fn wait(&mut self, incident: Incident) -> Option<Incident> {
        match &mut self.0 {
            Some(known) => known.waiting.replace(incident),
            None => Some(incident),
        }
    }
}

impl Drop for Request {
    /// Sends what is waiting: this is the end of the request, however it came about.
    fn drop(&mut self) {
        let Some(mut known) = self.0.take() else { return };
        if let Some(incident) = known.waiting.take() {
            incident.send();
        }
        (known.snapshot.headers, known.attached) = (None, None);
        let _ = POOL.try_with(|pool| {
            if let Ok(mut pool) = pool.try_borrow_mut()
                && pool.len() < SPARE
            {
                pool.push(known);
            }
        });
    }
}

/// Copies a text into a reused buffer, up to the length that a report keeps.
#[inline]
fn keep(buffer: &mut String, text: &str) {
    buffer.clear();
    buffer.push_str(&text[..text.floor_char_boundary(TEXT)]);
}

/// The part of the current request that reports include.
pub(crate) fn snapshot() -> Option<Snapshot> {
    Request::current(|request| request.0.as_ref().map(|known| known.snapshot.clone())).flatten()
}

/// Swaps the thread's request with this one, unless the thread is ending or is currently accessing its own.
#[inline]
fn swap(request: &mut Request) -> bool {
    let swapped = CURRENT.try_with(|current| match current.try_borrow_mut() {
        Ok(mut current) => {
            std::mem::swap(&mut *current, request);
            true
        }
        Err(_) => false,
    });
    swapped.unwrap_or(false)
}

/// Restores the thread's previous request when dropped.
///
/// ```
/// use logcenter_client::Request;
///
/// let mut request = Request::new(http::Method::GET, "/orders/7");
/// {
///     let _entered = request.enter();
///     assert!(Request::is_current());
/// }
/// assert!(!Request::is_current());
/// ```
#[derive(Debug)]
pub struct Entered<'a> {
    request: &'a mut Request,
    entered: bool,
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.entered {
            swap(self.request);
        }
    }
}

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
        let request = snapshot().map_or_else(Request::default, |snapshot| {
            Request(Some(Box::new(Known { snapshot, ..Known::default() })))
        });
        InRequest { future: Box::pin(self), request }
    }
}

impl<F: Future> FutureExt for F {}

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
        polled
    }
}
