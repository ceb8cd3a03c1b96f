//! Creates incidents where something goes wrong, with the current request.

use crate::clock;
use crate::incident::{Cause, Incident, IncidentData};
use crate::place::Place;
use crate::report_text::{self, ReportText};
use crate::request::{self, Request};
use crate::text::{self, MESSAGE};
use crate::type_name;
use logcenter_core::Level;
use serde_json::Map;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display};

impl Incident {
    /// Creates an incident with this type and message, at the current time and in the current
    /// [`Request`](crate::Request).
    pub fn new(error_type: impl Into<Cow<'static, str>>, message: &dyn Display) -> Self {
        Self::bare(error_type.into(), message).in_current_request()
    }

    /// Creates an incident without its request, which is added at the end of the request if that fails.
    fn bare(error_type: Cow<'static, str>, message: &dyn Display) -> Self {
        Self(Box::new(IncidentData {
            chain: vec![Cause { error_type, message: text::bounded(message, MESSAGE) }],
            level: Level::Error,
            place: None,
            around: None,
            stack: None,
            request: None,
            answer: None,
            context: Map::new(),
            breadcrumbs: Vec::new(),
            is_panic: false,
            is_unwinding: false,
            may_be_joined: false,
            count: 1,
            at: clock::timestamp(),
        }))
    }

    /// Creates an incident from an error and its sources. `E` is the error's type, if the caller knows it.
    pub fn of_error<E: ?Sized>(error: &(dyn Error + 'static)) -> Self {
        Self::noted::<E>(error).in_current_request()
    }

    /// Creates an incident from what is shown of an error whose type is unknown: the type is what `Debug` begins with, if
    /// that is a name, or else `otherwise`.
    pub fn of_shown(otherwise: String, error: &dyn Display, debug: &dyn Debug) -> Self {
        Self::new(type_name::of_debug(debug).unwrap_or(otherwise), error)
    }

    /// Like [`of_error`](Self::of_error), for an error that is not reported unless its request fails.
    pub fn noted<E: ?Sized>(error: &(dyn Error + 'static)) -> Self {
        let incident = Self::bare(type_name::of_error::<E>(error), error).sources(error);
        if type_name::is_telling_report::<E>() { incident.of_report(&error) } else { incident }
    }

    /// Adds what a report says of itself.
    pub(crate) fn of_report(mut self, report: &dyn Debug) -> Self {
        let ReportText { chain, place, attachments } = report_text::read(report);
        let known = self.0.chain.len();
        let unknown = |message| Cause { error_type: Cow::Borrowed(type_name::UNKNOWN), message };
        self.0.chain.extend(chain.into_iter().skip(known).map(unknown));
        self.0.place = place.filter(Place::is_likely_in_app);
        if !attachments.is_empty() {
            self.0.context.insert("attachments".into(), attachments.into());
        }
        self
    }

    /// Takes the request that the thread is working on, if it has none yet.
    pub fn in_current_request(mut self) -> Self {
        if self.0.request.is_none() {
            self.0.request = request::snapshot();
            self.0.breadcrumbs = request::breadcrumbs();
        }
        self
    }

    /// Marks it as a panic: its stack trace is captured unless stack traces are off.
    #[inline]
    pub fn panic(mut self) -> Self {
        self.0.is_panic = true;
        self.0.may_be_joined = Request::current(|request| request.is_background()).unwrap_or(true);
        self
    }
}
