//! The request that a thread works on.
//!
//! A middleware keeps a [`Request`] in its future and [enters](Request::enter) it around each poll: the two change places with
//! what the thread held before, so nothing is allocated, counted or locked, and whatever runs inside finds it.

use crate::incident::{Incident, Place};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

thread_local! {
    static CURRENT: RefCell<Request> = const { RefCell::new(Request::none()) };
}

/// What is known of a request, and what happened in it.
#[derive(Debug, Default)]
pub struct Request {
    snapshot: Option<Snapshot>,
    waiting: Waiting,
    span: Option<Place>,
    reported: bool,
}

/// An incident that waits for the end of its request, however that comes.
#[derive(Debug, Default)]
struct Waiting(Option<Box<Incident>>);

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(incident) = self.0.take() {
            incident.send();
        }
    }
}

/// The route that matched, as the router names it: `/users/{id}`.
#[derive(Debug, Clone)]
pub enum Route {
    /// A text.
    Text(Arc<str>),
    /// axum's own, which is shared and so costs no allocation.
    #[cfg(feature = "axum")]
    Axum(axum::extract::MatchedPath),
}

impl Route {
    /// As a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            #[cfg(feature = "axum")]
            Self::Axum(matched) => matched.as_str(),
        }
    }
}

/// What is told of a request.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) method: Method,
    pub(crate) target: Option<PathAndQuery>,
    pub(crate) route: Option<Route>,
    pub(crate) request_id: Option<HeaderValue>,
    pub(crate) headers: Option<Box<[(HeaderName, HeaderValue)]>>,
}

impl Request {
    /// Nothing.
    const fn none() -> Self {
        Self { snapshot: None, waiting: Waiting(None), span: None, reported: false }
    }

    /// One with this method and target.
    #[must_use]
    pub fn new(method: Method, target: Option<PathAndQuery>) -> Self {
        let snapshot = Snapshot { method, target, route: None, request_id: None, headers: None };
        Self { snapshot: Some(snapshot), ..Self::none() }
    }

    /// The route that matched.
    #[must_use]
    pub fn route(mut self, route: Option<Route>) -> Self {
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.route = route;
        }
        self
    }

    /// Its id (`x-request-id`), and the headers that the configuration names.
    #[must_use]
    pub fn headers(mut self, headers: &HeaderMap) -> Self {
        static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
        if let Some(snapshot) = &mut self.snapshot
            && !headers.is_empty()
        {
            snapshot.request_id = headers.get(&REQUEST_ID).cloned();
            snapshot.headers = crate::global::client().and_then(|client| client.headers_of(headers));
        }
        self
    }

    /// Makes it the thread's current one until the value is dropped.
    #[must_use]
    pub fn enter(&mut self) -> Entered<'_> {
        let entered = swap(self);
        Entered { request: self, entered }
    }

    /// Takes the incident that waited for the end of the request.
    #[must_use]
    pub fn take_waiting(&mut self) -> Option<Incident> {
        self.waiting.0.take().map(|incident| *incident)
    }

    /// The function that was entered last, as far as its spans tell.
    #[must_use]
    pub fn span(&self) -> Option<Place> {
        self.span.clone()
    }

    /// Whether what went wrong in it was reported already.
    #[must_use]
    pub fn is_reported(&self) -> bool {
        self.reported
    }

    /// Its method and route (or path), as in `GET /users/{id}`.
    #[must_use]
    pub fn name(&self) -> String {
        self.snapshot.as_ref().map(Snapshot::name).unwrap_or_default()
    }

    /// Runs `look` on the thread's current request; `None` outside of one.
    pub fn current<R>(look: impl FnOnce(&mut Self) -> R) -> Option<R> {
        let looked = CURRENT.try_with(|current| {
            let mut current = current.try_borrow_mut().ok()?;
            current.snapshot.is_some().then(|| look(&mut current))
        });
        looked.ok().flatten()
    }

    /// Whether the thread works on a request.
    #[must_use]
    pub fn is_current() -> bool {
        Self::current(|_| ()).is_some()
    }

    /// Marks that what goes wrong from here on belongs to what was reported.
    pub fn set_reported(&mut self) {
        self.reported = true;
    }

    /// Remembers the function that was entered last.
    pub fn set_span(&mut self, place: Place) {
        self.span = Some(place);
    }

    /// Lets an incident wait for the end of the request, which may tell more of it; the one that waited before is given back.
    pub fn wait(&mut self, incident: Incident) -> Option<Incident> {
        self.waiting.0.replace(Box::new(incident)).map(|earlier| *earlier)
    }
}

impl Snapshot {
    pub(crate) fn name(&self) -> String {
        let path = self.route.as_ref().map(Route::as_str).or(self.target.as_ref().map(PathAndQuery::path));
        format!("{} {}", self.method, path.unwrap_or("*"))
    }
}

/// What is told of the current request.
pub(crate) fn snapshot() -> Option<Snapshot> {
    Request::current(|request| request.snapshot.clone()).flatten()
}

/// Lets the thread's request and this one change places, unless the thread ends, or is just looking at its own.
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

/// Puts back what the thread worked on before.
#[derive(Debug)]
pub struct Entered<'a> {
    request: &'a mut Request,
    entered: bool,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if self.entered {
            swap(self.request);
        }
    }
}

/// Carries the current request along with a future.
pub trait FutureExt: Future + Sized {
    /// What goes wrong in this future is told with the request that it was made in, wherever it runs.
    ///
    /// ```
    /// use logcenter_client::FutureExt;
    /// # async fn send_mail() {}
    /// # fn spawn(_: impl Future) {}
    /// spawn(send_mail().in_request());
    /// ```
    fn in_request(self) -> InRequest<Self> {
        let request = Request { snapshot: snapshot(), ..Request::none() };
        InRequest { future: Box::pin(self), request }
    }
}

impl<F: Future> FutureExt for F {}

/// The future of [`FutureExt::in_request`].
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
        // A task may go on for ever, so what waits is told now.
        if let Some(incident) = this.request.take_waiting() {
            incident.send();
        }
        polled
    }
}
