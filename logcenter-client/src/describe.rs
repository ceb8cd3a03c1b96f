//! Creates incidents where something goes wrong, with the current request.

use crate::clock;
use crate::incident::{Incident, IncidentData};
use crate::request::snapshot;
use crate::text::{self, MESSAGE};
use crate::type_name;
use logcenter_core::Level;
use serde_json::Map;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;

impl Incident {
    /// Creates an incident with this type and message, at the current time and in the current
    /// [`Request`](crate::Request).
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: &dyn Display) -> Self {
        Self(Box::new(IncidentData {
            error_type: error_type.into(),
            message: text::bounded(message, MESSAGE),
            causes: Vec::new(),
            level: Level::Error,
            place: None,
            around: None,
            stack: None,
            request: snapshot(),
            answer: None,
            context: Map::new(),
            is_panic: false,
            at: clock::timestamp(),
        }))
    }

    /// Creates an incident from an error and its sources. `E` is the error's type, if the caller knows it.
    pub fn of_error<E: ?Sized>(error: &(dyn Error + 'static)) -> Self {
        let error_type = type_name::of::<E>().unwrap_or_else(|| type_name::of_dyn(error));
        let mut incident = Self::new(error_type, error).sources(error);
        let IncidentData { error_type, causes, .. } = &mut *incident.0;
        if *error_type == type_name::UNKNOWN
            && let Some(root) = causes.iter().rev().find(|cause| cause.error_type != type_name::UNKNOWN)
        {
            // A mere wrapper is named after the error inside.
            error_type.clone_from(&root.error_type);
        }
        incident
    }
}
