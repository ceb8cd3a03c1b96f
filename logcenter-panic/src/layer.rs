//! Turns `tracing` events into reports.

use crate::breadcrumb;
use crate::fields::{ERROR_FIELDS, Fields};
use logcenter_client::{Incident, Level, Place, Request, SpanFields};
use serde_json::{Map, Value};
use std::any::TypeId;
use std::cell::Cell;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Interest, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// Targets whose events repeat what is reported anyway, at a line of the library that logs them.
const REPORTED_ELSEWHERE: &[&str] = &["tower_http::trace", "tower_http::catch_panic", "logcenter"];

/// Targets whose events repeat why a request fails. A middleware of `logcenter-tower` knows that better, if there is one.
const TOLD_BY_MIDDLEWARE: &[&str] = &["tracing_actix_web::middleware"];

thread_local! {
    /// Whether this thread is already recording fields: a field's formatter may log.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Reports events of level `ERROR`, with their file and line.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let subscriber = tracing_subscriber::registry().with(logcenter_panic::layer());
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::error!(order = 7, "payment failed");
/// });
/// ```
#[must_use]
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> Filtered<ErrorLayer, EventFilter, S> {
    ErrorLayer::new().into_layer()
}

/// Builder for the [`layer`], to change its threshold or ignore targets.
///
/// ```
/// use logcenter_panic::ErrorLayer;
/// use tracing_subscriber::prelude::*;
///
/// let layer = ErrorLayer::new().min_level(tracing::Level::WARN).ignore("noisy_library").into_layer();
/// let subscriber = tracing_subscriber::registry().with(layer);
/// ```
#[derive(Debug)]
#[must_use]
pub struct ErrorLayer {
    filter: EventFilter,
}

/// Selects the events and spans that the layer sees; all others cost nothing.
///
/// ```
/// use logcenter_panic::{ErrorLayer, EventFilter};
/// use tracing_subscriber::Registry;
/// use tracing_subscriber::filter::Filtered;
///
/// let layer: Filtered<ErrorLayer, EventFilter, Registry> = ErrorLayer::new().into_layer();
/// ```
#[derive(Debug, Clone)]
pub struct EventFilter {
    level: tracing_core::Level,
    ignored: Vec<String>,
}

impl Default for ErrorLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorLayer {
    /// Reports events of level `ERROR`.
    pub fn new() -> Self {
        let ignored = REPORTED_ELSEWHERE.iter().map(|&target| target.into()).collect();
        Self { filter: EventFilter { level: tracing_core::Level::ERROR, ignored } }
    }

    /// Reports events of this level and more severe ones; `WARN` events become warnings.
    pub fn min_level(mut self, level: tracing_core::Level) -> Self {
        self.filter.level = level;
        self
    }

    /// Ignores events of this target and the targets below it.
    pub fn ignore(mut self, target: impl Into<String>) -> Self {
        self.filter.ignored.push(target.into());
        self
    }

    /// Builds the layer, to be added to a subscriber.
    pub fn into_layer<S: Subscriber + for<'a> LookupSpan<'a>>(self) -> Filtered<Self, EventFilter, S> {
        let filter = self.filter.clone();
        self.with_filter(filter)
    }
}

impl EventFilter {
    /// Whether to see a span or an event: what is not reported may become a breadcrumb.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= tracing_core::Level::INFO || self.reports(metadata)
    }

    /// Whether an event is reported.
    fn reports(&self, metadata: &Metadata<'_>) -> bool {
        let is_told = Request::is_current() && TOLD_BY_MIDDLEWARE.contains(&metadata.target());
        *metadata.level() <= self.level && !is_told && !self.ignores(metadata)
    }

    /// Whether a target is ignored.
    fn ignores(&self, metadata: &Metadata<'_>) -> bool {
        let is_below = |target: &String| {
            metadata
                .target()
                .strip_prefix(&**target)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        self.ignored.iter().any(is_below)
    }
}

impl<S> Filter<S> for EventFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // INFO spans are needed whatever the level of events.
        Some(LevelFilter::from_level(self.level.max(tracing_core::Level::INFO)))
    }
}

/// A span's fields, stored in its extensions.
struct Recorded(Map<String, Value>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ErrorLayer {
    /// Tells `logcenter-client` how to ask for the fields of spans, as `tracing` lets layers offer what only they know.
    #[expect(unsafe_code, reason = "the only way to offer it; the pointer is that of a static")]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        const fn of<S: Subscriber + for<'a> LookupSpan<'a>>() -> &'static SpanFields {
            const {
                &SpanFields(|dispatch: &Dispatch, id| {
                    spans(dispatch.downcast_ref::<S>().and_then(|all| all.span(id)).as_ref())
                })
            }
        }
        if id == TypeId::of::<Self>() {
            return Some(std::ptr::from_ref(self).cast());
        }
        (id == TypeId::of::<SpanFields>()).then(|| std::ptr::from_ref(of::<S>()).cast())
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.fields().is_empty() || !logcenter_client::is_enabled() {
            return;
        }
        // Formatted before taking any lock: a formatter may log.
        let Some(fields) = guarded(|fields| attributes.record(fields)) else { return };
        if let Some(span) = context.span(id)
            && !fields.other.is_empty()
        {
            span.extensions_mut().insert(Recorded(fields.other));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(fields) = guarded(|fields| values.record(fields)) else { return };
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Recorded>() {
            Some(Recorded(known)) => known.extend(fields.other),
            None => extensions.insert(Recorded(fields.other)),
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(metadata) = context.metadata(id)
            && metadata.file().is_some_and(Place::is_file_likely_in_app)
        {
            Request::current(|request| request.set_span(metadata));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !logcenter_client::is_enabled() || logcenter_client::is_reporting_thread() {
            return;
        }
        if self.filter.reports(event.metadata()) {
            report(event, &context);
        }
        // Afterwards: what led to an error is what was logged before it.
        if !self.filter.ignores(event.metadata()) && Request::is_current() {
            breadcrumb::leave(event);
        }
    }
}

/// Reports an event; within a request, when that ends.
fn report<S: Subscriber + for<'a> LookupSpan<'a>>(event: &Event<'_>, context: &Context<'_, S>) {
    let Some(fields) = guarded(|fields| event.record(fields)) else { return };
    let spans = spans(context.event_span(event).as_ref());
    let incident = incident(event.metadata(), fields, spans);
    if *event.metadata().level() != tracing_core::Level::ERROR {
        // A warning is not why a request fails.
        return incident.send();
    }
    let mut incident = Some(incident);
    let earlier = Request::current(|request| incident.take().and_then(|incident| request.wait(incident)));
    if let Some(incident) = earlier.flatten().or(incident) {
        incident.send();
    }
}

/// Records fields, unless this thread is already doing so.
fn guarded(record: impl FnOnce(&mut Fields)) -> Option<Fields> {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            let _ = INSIDE.try_with(|inside| inside.set(false));
        }
    }
    if INSIDE.try_with(|inside| inside.replace(true)).unwrap_or(true) {
        return None;
    }
    let _leave = Leave;
    let mut fields = Fields::default();
    record(&mut fields);
    Some(fields)
}

fn place(metadata: &'static Metadata<'static>) -> Option<Place> {
    Some(Place { file: metadata.file()?.into(), line: metadata.line()? })
}

/// The fields of a span and those around it, by span name.
fn spans<'a, S: Subscriber + for<'b> LookupSpan<'b>>(span: Option<&SpanRef<'a, S>>) -> Map<String, Value> {
    let mut spans = Map::new();
    for span in span.into_iter().flat_map(|span| span.scope().from_root()) {
        let extensions = span.extensions();
        let fields = extensions.get::<Recorded>().map(|Recorded(fields)| fields.clone());
        let Some(fields) = fields else { continue };
        // Nested spans with the same name are numbered.
        let mut name = span.name().to_owned();
        let mut number = 1;
        while spans.contains_key(&name) {
            number += 1;
            name = format!("{} ({number})", span.name());
        }
        spans.insert(name, fields.into());
    }
    spans
}

fn incident(metadata: &'static Metadata<'static>, mut fields: Fields, spans: Map<String, Value>) -> Incident {
    let (mut target, mut place) = (metadata.target().to_owned(), place(metadata));
    // Events that tracing-log forwards from the `log` crate carry their origin in fields.
    let logged =
        (fields.take_text("log.file"), fields.other.remove("log.line").and_then(|line| line.as_u64()));
    if let (Some(file), Some(line)) = logged {
        place = Some(Place { file: file.into(), line: u32::try_from(line).unwrap_or(0) });
    }
    if let Some(logged) = fields.take_text("log.target") {
        target = logged;
    }
    fields.other.remove("log.module_path");
    let incident = match (fields.error, fields.message) {
        (Some(error), None) => error,
        (Some(error), Some(message)) => error.during(&message),
        (None, message) => {
            // Often an error is recorded as text, as `#[instrument(err)]` does.
            let mut texts = ERROR_FIELDS.iter().filter_map(|name| fields.other.get(*name)?.as_str());
            match (message, texts.next()) {
                (Some(message), Some(error)) if !message.contains(error) => {
                    Incident::new(target.clone(), &message).because(&error)
                }
                (Some(message), _) => Incident::new(target.clone(), &message),
                (None, Some(error)) => Incident::new(target.clone(), &error),
                (None, None) => Incident::new(target.clone(), &metadata.name()),
            }
        }
    };
    let level = if *metadata.level() == tracing_core::Level::ERROR { Level::Error } else { Level::Warning };
    let mut incident = incident.level(level).context("target", target);
    if let Some(place) = place {
        incident = incident.place(place);
    }
    if !fields.other.is_empty() {
        incident = incident.context("fields", fields.other);
    }
    incident.in_spans(spans).with_stack()
}
