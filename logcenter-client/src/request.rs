//! The request that a thread is working on.
//!
//! A middleware keeps a [`Request`] in its future and [enters](Request::enter) it around each poll. Entering swaps it
//! with the thread's previous request, so nothing is reference-counted or locked, and everything that runs inside can
//! find it. A request is one word in size; what it points to is reused by the thread's next request, so that none is
//! allocated.

use crate::breadcrumb::{Breadcrumb, Breadcrumbs};
use crate::clock;
use crate::global;
use crate::incident::Incident;
use crate::place::Place;
use crate::snapshot::Snapshot;
use http::{HeaderMap, HeaderName, Method};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, PoisonError};
use tracing_core::Metadata;

/// Requests that a thread keeps for reuse.
const SPARE: usize = 64;

/// Longest text kept from a request, in bytes.
const TEXT: usize = 2048;

/// Maximum number of tags of a request.
const TAGS: usize = 32;

thread_local! {
    static CURRENT: Cell<Option<Box<Known>>> = const { Cell::new(None) };
    /// The one that ended last.
    static LAST: Cell<Option<Box<Known>>> = const { Cell::new(None) };
    // Those that ended before. Boxed on purpose: the boxes are what is reused.
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
    breadcrumbs: Breadcrumbs,
    /// The error that an `ERROR` event told of.
    waiting: Option<Incident>,
    /// The error that a `?` converted.
    noted: Option<Incident>,
    /// What was noted in the background, by tasks and closures that carry this request.
    background: Option<Background>,
    is_background: bool,
    attached: Option<Arc<dyn Any + Send + Sync>>,
    span: Option<&'static Metadata<'static>>,
    reported: bool,
}

impl Known {
    /// Whether it holds more than describes most requests.
    #[inline]
    const fn holds_more(&self) -> bool {
        // Without branches between them: nearly always, all are false.
        self.waiting.is_some()
            | self.noted.is_some()
            | self.attached.is_some()
            | self.background.is_some()
            | self.snapshot.headers.is_some()
            | self.snapshot.told.is_some()
    }

    /// Sends what is waiting, and lets go of what belongs to this request alone.
    #[cold]
    fn end(&mut self) {
        if let Some(incident) = self.waiting.take() {
            incident.send();
        }
        (self.noted, self.attached, self.background) = (None, None, None);
        (self.snapshot.headers, self.snapshot.told) = (None, None);
    }
}

impl Request {
    /// Creates a request with this method and target (path and query).
    #[must_use]
    #[inline]
    pub fn new(method: Method, target: &str) -> Self {
        let last = LAST.try_with(Cell::take).ok().flatten();
        let mut known = last.unwrap_or_else(spare);
        let Known { snapshot, span, reported, breadcrumbs, .. } = &mut *known;
        (snapshot.method, *span, *reported) = (method, None, false);
        breadcrumbs.clear();
        keep(&mut snapshot.target, target);
        snapshot.route.clear();
        snapshot.request_id.clear();
        Self(Some(known))
    }

    /// Sets the matched route, as the router names it: `/users/{id}`.
    #[must_use]
    #[inline]
    pub fn route(mut self, route: &str) -> Self {
        if let Some(known) = &mut self.0 {
            keep(&mut known.snapshot.route, route);
        }
        self
    }

    /// Sets its ID (`x-request-id`), and the headers that the configuration names.
    #[must_use]
    #[inline]
    pub fn headers(mut self, headers: &HeaderMap) -> Self {
        static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
        if let Some(known) = &mut self.0
            && !headers.is_empty()
        {
            // Comparing the names that a request has takes half as long as hashing this one.
            let id = headers.iter().find(|(name, _)| **name == REQUEST_ID);
            if let Some(id) = id.and_then(|(_, id)| std::str::from_utf8(id.as_bytes()).ok()) {
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
        swap(self);
        Entered { request: self }
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

    /// Its method, its path and its matched route, which is empty if unknown.
    #[must_use]
    pub fn line(&self) -> Option<(&Method, &str, &str)> {
        let snapshot = &self.0.as_ref()?.snapshot;
        let path = snapshot.target.split('?').next().unwrap_or_default();
        Some((&snapshot.method, path, &snapshot.route))
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
        let mut current = Self(None);
        // Put back at the end, even if `look` panics.
        let entered = current.enter();
        entered.request.0.is_some().then(|| look(entered.request))
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
    /// before, unless it is the same failure.
    pub fn wait(&mut self, incident: Incident) -> Option<Incident> {
        let Some(known) = &mut self.0 else { return Some(incident) };
        match known.waiting.take() {
            Some(earlier) if incident.is_same_failure(&earlier) => {
                // The same line again is another occurrence, not another place that tells of the first.
                let again = if incident.place_ref() == earlier.place_ref() { earlier.0.count } else { 0 };
                let mut merged = incident.absorb(earlier);
                merged.0.count = merged.0.count.saturating_add(again);
                known.waiting = Some(merged);
                None
            }
            earlier => {
                known.waiting = Some(incident);
                earlier
            }
        }
    }

    /// Notes an error that a `?` converted. It is reported if the request fails, and forgotten if it succeeds. An
    /// earlier note of the same failure knows better where it arose; one of another failure was dealt with.
    pub fn note(&mut self, incident: Incident) {
        let Some(known) = &mut self.0 else { return };
        known.noted = Some(match known.noted.take() {
            Some(earlier) if incident.is_same_failure(&earlier) => incident.absorb(earlier),
            _ => incident,
        });
    }

    /// Takes the error that was noted last, here or in the background.
    #[must_use]
    pub fn take_noted(&mut self) -> Option<Incident> {
        let known = self.0.as_mut()?;
        let behind = known.background.take();
        let behind = behind.and_then(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        match (known.noted.take(), behind) {
            (Some(noted), Some(behind)) if noted.is_same_failure(&behind) => Some(noted.absorb(behind)),
            (noted, behind) => noted.or(behind),
        }
    }

    /// Remembers a log line of this level (`INFO`), in case the request fails.
    pub fn add_breadcrumb(&mut self, level: &'static str, text: &str) {
        if let Some(known) = &mut self.0 {
            known.breadcrumbs.add(clock::timestamp(), level, text);
        }
    }

    /// Sets who made the request: an ID, not a name or an address.
    pub fn set_user(&mut self, id: &str) {
        if let Some(known) = &mut self.0 {
            keep(&mut known.snapshot.told.get_or_insert_default().user, id);
        }
    }

    /// Sets a value to report with whatever goes wrong in the request.
    pub fn set_tag(&mut self, key: &str, value: &str) {
        if let Some(known) = &mut self.0 {
            let mut kept = String::new();
            keep(&mut kept, value);
            let told = known.snapshot.told.get_or_insert_default();
            if told.tags.len() < TAGS || told.tags.contains_key(key) {
                told.tags.insert(key.chars().take(64).collect(), kept);
            }
        }
    }

    /// Whether it is only carried along by a task or a closure.
    pub(crate) fn is_background(&self) -> bool {
        self.0.as_ref().is_some_and(|known| known.is_background)
    }

    /// Hands what was noted to the request that a task or a closure was started in.
    pub(crate) fn hand_over(&mut self) {
        let Some(known) = &mut self.0 else { return };
        if let (Some(noted), Some(slot)) = (known.noted.take(), &known.background) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
        }
    }
}

impl Drop for Request {
    /// Sends what is waiting: this is the end of the request, however it came about.
    #[inline]
    fn drop(&mut self) {
        let Some(mut known) = self.0.take() else { return };
        if known.holds_more() {
            known.end();
        }
        if known.is_background {
            return;
        }
        if let Ok(Some(before)) = LAST.try_with(|last| last.replace(Some(known))) {
            save(before);
        }
    }
}

/// One of those that ended before, or a new one.
#[inline(never)]
fn spare() -> Box<Known> {
    POOL.try_with(|pool| pool.try_borrow_mut().ok()?.pop()).ok().flatten().unwrap_or_default()
}

/// Keeps one for later.
#[inline(never)]
fn save(known: Box<Known>) {
    let _ = POOL.try_with(|pool| {
        if let Ok(mut pool) = pool.try_borrow_mut()
            && pool.len() < SPARE
        {
            pool.push(known);
        }
    });
}

/// Copies a text into a reused buffer, up to the length that a report keeps.
#[inline]
fn keep(buffer: &mut String, text: &str) {
    buffer.clear();
    buffer.push_str(&text[..text.floor_char_boundary(TEXT)]);
}

/// What was noted by a task or a closure.
type Background = Arc<Mutex<Option<Incident>>>;

/// A copy of the current request, for a task or a closure to carry along.
pub(crate) fn carried() -> Request {
    let carried = Request::current(|request| {
        let known = request.0.as_mut()?;
        let background = Arc::clone(known.background.get_or_insert_default());
        let (snapshot, background) = (known.snapshot.clone(), Some(background));
        Some(Box::new(Known { snapshot, background, is_background: true, ..Known::default() }))
    });
    Request(carried.flatten())
}

/// The last log lines of the current request.
pub(crate) fn breadcrumbs() -> Vec<Breadcrumb> {
    let kept = |request: &mut Request| request.0.as_ref().map(|known| known.breadcrumbs.to_vec());
    Request::current(kept).flatten().unwrap_or_default()
}

/// The part of the current request that reports include.
pub(crate) fn snapshot() -> Option<Snapshot> {
    Request::current(|request| request.0.as_ref().map(|known| known.snapshot.clone())).flatten()
}

/// Swaps the thread's request with this one, unless the thread is ending.
#[inline]
fn swap(request: &mut Request) {
    let _ = CURRENT.try_with(|current| request.0 = current.replace(request.0.take()));
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
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.request);
    }
}
