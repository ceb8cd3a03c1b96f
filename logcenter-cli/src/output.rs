//! Terminal output. Anything in a report may be an attack on a terminal, so control characters are not passed on.

use crate::args::Output;
use anstyle::{AnsiColor, Style};
use logcenter_secrets::USER;
use regex::Regex;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

/// Makes visible what a terminal would act on: control characters, and marks that change the writing direction.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if !matches!(character, '\n' | '\t') && obeyed(character) {
            printable.extend(character.escape_unicode());
        } else {
            printable.push(character);
        }
    }
    printable
}

/// Whether a terminal would act on it: a control, direction-changing or invisible character.
fn obeyed(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Prints on standard error what was done, or why not. If it cannot be written (a full disk, a reader that is gone),
/// it is lost: that is not a failure.
pub(crate) fn say(text: &str) {
    let text = without_passwords(text);
    let _ = writeln!(std::io::stderr(), "logcenter: {}", printable(&text));
}

/// A text whose URLs have no `user:password@`: messages include the server's URL, too, and many people read a
/// pipeline's log.
fn without_passwords(text: &str) -> Cow<'_, str> {
    match Regex::new(USER) {
        Ok(user) => user.replace_all(text, "://***@"),
        Err(_) => "a message that cannot be shown".into(),
    }
}

/// Prints what would be sent: one line of JSON on standard output, without anything that a terminal would act on.
pub(crate) fn show_line(document: &impl Serialize) {
    let json = serde_json::to_string(document).unwrap_or_default();
    let mut line = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        if obeyed(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(line, "\\u{unit:04x}");
            }
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    let _ = std::io::stdout().write_all(line.as_bytes());
}

/// One cell of a table: a single line of at most `width` characters.
pub(crate) fn cell(value: &Value, width: usize) -> String {
    let text = match value {
        Value::Null => "-".into(),
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    let text = printable(&text);
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// Whether standard output is a terminal that wants colours (no-color.org).
fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The style of a status.
fn style(status: &str) -> Style {
    let colour = match status {
        "NEW" => AnsiColor::Red,
        "FIXED" | "VERIFIED" | "DEPLOYED" => AnsiColor::Green,
        "CANNOT_REPRODUCE" | "FIX_FAILED" => AnsiColor::Magenta,
        _ => AnsiColor::Yellow,
    };
    colour.on_default()
}

/// Formats rows with a heading in columns. On a terminal, statuses are highlighted.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heading[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let mut text = String::new();
    let mut line = |cells: &[&str], styled: bool| {
        let last = cells.len() - 1;
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let padding = if column == last { 0 } else { width.saturating_sub(cell.chars().count()) + 2 };
            let style = if styled && heading[column] == "STATUS" { style(cell) } else { Style::new() };
            // Writing to a string cannot fail.
            let _ = write!(text, "{style}{cell}{style:#}{:padding$}", "");
        }
        text.push('\n');
    };
    line(heading, false);
    for row in rows {
        line(&row.iter().map(String::as_str).collect::<Vec<_>>(), colours());
    }
    text
}

/// Prints a response: as JSON, or as formatted by `table`.
pub(crate) fn show(output: Output, answer: &impl Serialize, table: impl FnOnce(&Value) -> String) {
    // Only strings, numbers and maps with string keys, so this cannot fail.
    let answer = serde_json::to_value(answer).unwrap_or_default();
    let text = match output {
        Output::Json => format!("{answer:#}\n"),
        Output::Table => table(&answer),
    };
    // A reader that is gone (`| head`) is not a failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        assert_eq!(printable("a\x1b[31mb\u{202E}c\r\u{7}"), "a\\u{1b}[31mb\\u{202e}c\\u{d}\\u{7}");
        assert_eq!(cell(&json!("two\nlines \x1b]0;x"), 40), "two lines \\u{1b}]0;x");
        assert_eq!(cell(&json!("最最最最"), 3), "最最…");
        assert_eq!(without_passwords("http://me:p@w@host/x is gone"), "http://***@host/x is gone");
    }

    #[test]
    fn columns_line_up_and_pipes_get_no_colours() {
        let rows = [vec!["1".into(), "NEW".into()], vec!["22".into(), "FIXED".into()]];
        assert_eq!(table(&["ID", "STATUS"], &rows), "ID  STATUS\n1   NEW\n22  FIXED\n");
    }
}
