//! Whether two incidents are the same failure, seen in two places, and what both say together.

use crate::incident::{Cause, Incident, IncidentData};
use serde_json::{Map, Value};

/// The shortest text that tells a failure as a part of another text.
const TELLING: usize = 7;

/// How many errors of a joined chain are kept at its beginning and at its end.
const ENDS: usize = 8;

impl Incident {
    /// Whether an earlier incident is the same failure, seen further inside: its text is part of this one's, or the other
    /// way round.
    #[must_use]
    pub fn is_same_failure(&self, earlier: &Self) -> bool {
        let contains = |texts: &[Cause], text: &str| {
            let is_it = |said: &str| said == text || text.len() >= TELLING && said.contains(text);
            !text.is_empty() && texts.iter().any(|cause| is_it(&cause.message))
        };
        let (own, inner) = (&self.0.chain, &earlier.0.chain);
        inner.iter().any(|cause| contains(own, &cause.message))
            || own.iter().any(|cause| contains(inner, &cause.message))
    }

    /// For a panic: takes the request that failed because of it.
    pub(crate) fn joined_by(mut self, incident: Self) -> Self {
        let outer = *incident.0;
        let own = &mut *self.0;
        own.may_be_joined = outer.may_be_joined;
        own.around = own.around.take().or(outer.place).or(outer.around);
        if outer.request.is_some() {
            (own.request, own.breadcrumbs) = (outer.request, outer.breadcrumbs);
        }
        own.answer = outer.answer;
        if let Some(said) = outer.chain.first().filter(|_| !outer.is_unwinding) {
            own.context.insert("joined".into(), said.message.clone().into());
        }
        let context = std::mem::replace(&mut own.context, outer.context);
        merge_context(own, context);
        self
    }

    /// Adds what an earlier incident of the same failure knows: where it arose, and its real type.
    pub fn absorb(mut self, earlier: Self) -> Self {
        let inner = *earlier.0;
        let own = &mut *self.0;
        own.chain = joined(std::mem::take(&mut own.chain), inner.chain);
        own.around = inner.around.or(own.around.take());
        if inner.place.as_ref().is_some_and(crate::Place::is_likely_in_app) || own.place.is_none() {
            own.around = own.around.take().or(own.place.take());
            own.place = inner.place;
        }
        own.stack = inner.stack.or(own.stack.take());
        own.level = own.level.max(inner.level);
        own.is_panic |= inner.is_panic;
        own.at = own.at.min(inner.at);
        merge_context(own, inner.context);
        self
    }
}

impl Incident {
    /// Adds the context of what was logged in the same request.
    pub fn with_context_of(mut self, logged: Self) -> Self {
        let own = std::mem::replace(&mut self.0.context, logged.0.context);
        merge_context(&mut self.0, own);
        self
    }
}

/// Joins a chain with one that was seen further inside.
fn joined(outer: Vec<Cause>, inner: Vec<Cause>) -> Vec<Cause> {
    let mut chain = outer;
    let Some(first) = inner.first() else { return chain };
    // An error that repeats its source's text is another one all the same.
    let is_first = |(at, cause): (usize, &Cause)| {
        let is_vague = !cause.error_type.contains("::");
        cause.message == first.message && (at > 0 || is_vague || cause.error_type == first.error_type)
    };
    let same = chain.iter().enumerate().position(is_first);
    match same {
        // Both have the same errors from here on. Who saw an error as a value knows its type.
        Some(at) => {
            let mut rest = chain.split_off(at).into_iter();
            chain.extend(inner.into_iter().map(|cause| match rest.next() {
                Some(known) if !cause.error_type.contains("::") => {
                    Cause { error_type: known.error_type, ..cause }
                }
                _ => cause,
            }));
            chain.extend(rest);
        }
        None => {
            // The outer error's text repeats what the inner ones say in full.
            let root = inner.last().map_or("", |root| &*root.message);
            let repeated = chain.iter().skip(1).position(|cause| root.contains(&*cause.message));
            chain.truncate(repeated.map_or(chain.len(), |at| at + 1));
            chain.extend(inner);
        }
    }
    if chain.len() > 2 * ENDS {
        chain.drain(ENDS..chain.len() - ENDS);
    }
    chain
}

/// Adds the context of an earlier incident, which knows more where both say something.
fn merge_context(own: &mut IncidentData, inner: Map<String, Value>) {
    for (key, value) in inner {
        match (own.context.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
            (_, value) => drop(own.context.insert(key, value)),
        }
    }
}
