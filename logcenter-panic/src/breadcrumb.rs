//! Log lines of a request, remembered in case it fails.

use crate::fields::PERSONAL;
use logcenter_client::Request;
use std::cell::Cell;
use std::fmt::{self, Debug, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing_core::field::Visit;
use tracing_core::{Event, Field, Level};

/// Longest breadcrumb, in bytes.
const TEXT: usize = 256;

thread_local! {
    /// Reused by each line, so that none is allocated.
    static TEXT_BUFFER: Cell<String> = const { Cell::new(String::new()) };
}

/// Leaves an event in the current request.
pub(crate) fn leave(event: &Event<'_>) {
    // Taken out while fields are formatted, since a formatter may log.
    let Ok(mut text) = TEXT_BUFFER.try_with(Cell::take) else { return };
    text.clear();
    // A formatter may panic; that it is called at all must not break anything.
    let write = AssertUnwindSafe(|| {
        let mut line = Line { text: &mut text, fields: false };
        event.record(&mut line);
        line.fields = true;
        event.record(&mut line);
    });
    let _ = catch_unwind(write);
    let level = match *event.metadata().level() {
        Level::ERROR => "ERROR",
        Level::WARN => "WARN",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    };
    Request::current(|request| request.add_breadcrumb(level, &text));
    let _ = TEXT_BUFFER.try_with(|buffer| buffer.set(text));
}

/// Writes first the message, then the other fields.
struct Line<'a> {
    text: &'a mut String,
    fields: bool,
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let name = field.name();
        let is_message = name == "message";
        let is_withheld =
            name.starts_with("log.") || PERSONAL.contains(&name) || logcenter_client::is_secret(name);
        if is_message == self.fields || self.text.len() >= TEXT || is_withheld {
            return;
        }
        let separator = if self.text.is_empty() { "" } else { " " };
        // Ends where there is no room left.
        let _ = match is_message {
            true => write!(Room(self.text), "{value:?}"),
            false => write!(Room(self.text), "{separator}{name}={value:?}"),
        };
    }
}

/// Writes up to the length of a breadcrumb.
struct Room<'a>(&'a mut String);

impl Write for Room<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let fitting = &part[..part.floor_char_boundary(TEXT.saturating_sub(self.0.len()))];
        self.0.push_str(fitting);
        if fitting.len() == part.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
