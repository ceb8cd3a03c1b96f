//! The fields of the spans that a thread is in, from whichever `tracing` layer knows them.

use crate::incident::Incident;
use serde_json::{Map, Value};
use tracing_core::dispatcher::{self, Dispatch};
use tracing_core::span::Id;

/// How a `tracing` layer tells the fields of a span and those around it, by name. The layer hands it out for its own type
/// in `downcast_raw`. For integrations.
///
/// ```
/// use logcenter_client::SpanFields;
///
/// let nothing = SpanFields(|_, _| serde_json::Map::new());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SpanFields(pub fn(&Dispatch, &Id) -> Map<String, Value>);

impl Incident {
    /// Adds the fields of the spans that the thread is in.
    pub fn in_current_spans(self) -> Self {
        self.in_spans(current())
    }

    /// Adds fields of spans, by the span's name.
    pub fn in_spans(mut self, spans: Map<String, Value>) -> Self {
        if !spans.is_empty() {
            self.0.context.insert("spans".into(), spans.into());
        }
        self
    }
}

/// The fields of the spans that the thread is in. Empty, and without an allocation, if no layer knows any.
#[must_use]
pub fn current() -> Map<String, Value> {
    dispatcher::get_default(|dispatch| {
        let fields = dispatch.downcast_ref::<SpanFields>()?;
        let span = dispatch.current_span();
        Some(fields.0(dispatch, span.id()?))
    })
    .unwrap_or_default()
}
