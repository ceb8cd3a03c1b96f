//! Collects the fields of events and spans.

use logcenter_client::{Incident, bounded};
use serde_json::{Map, Value};
use std::error::Error;
use std::fmt::Debug;
use tracing_core::Field;
use tracing_core::field::Visit;

/// Longest field value kept, in bytes.
const VALUE: usize = 4 * 1024;

/// Fields in which programs record an error's text.
pub(crate) const ERROR_FIELDS: &[&str] =
    &["error", "err", "e", "cause", "reason", "exception", "exception.message"];

/// Fields of well-known middlewares that tell who a person is.
pub(crate) const PERSONAL: &[&str] =
    &["http.client_ip", "client.address", "net.peer.ip", "network.peer.address", "enduser.id"];

/// Fields by name, with the ones that have a special meaning kept separately.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) message: Option<String>,
    /// The recorded error, as an incident without a place.
    pub(crate) error: Option<Incident>,
    pub(crate) other: Map<String, Value>,
}

impl Fields {
    fn keep(&mut self, field: &Field, value: Value) {
        if PERSONAL.contains(&field.name()) {
            return;
        }
        self.other.insert(field.name().into(), value);
    }

    /// Removes a field, and returns it if it is a string.
    pub(crate) fn take_text(&mut self, name: &str) -> Option<String> {
        match self.other.remove(name)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if self.error.is_none() {
            self.error = Some(Incident::of_error::<dyn Error>(value));
        }
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = bounded(&format_args!("{value:?}"), VALUE);
        if field.name() == "message" {
            self.message = Some(text);
        } else {
            self.keep(field, text.into());
        }
    }
}
