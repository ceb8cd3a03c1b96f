//! What an issue is called: the root cause first, then what the program was doing.

use crate::incident::Cause;
use crate::type_name::UNKNOWN;
use std::fmt::Write;

/// The type and the message to report for a chain of errors, from the one that was seen to its root cause.
///
/// The type is that of the innermost error whose full name is known: what a `Debug` output suggests is not told apart from
/// a variant's name. The message is the root's; those of the outer errors follow in parentheses, unless they repeat it.
pub(super) fn title(chain: &[Cause]) -> (String, String) {
    let known = |cause: &&Cause| cause.error_type != UNKNOWN;
    let innermost = chain.iter().rev();
    let named = innermost.clone().find(|cause| cause.error_type.contains("::"));
    let named = named.or_else(|| innermost.clone().find(known));
    let error_type = named.map_or(UNKNOWN, |cause| &cause.error_type);
    let root = innermost.clone().map(|cause| &*cause.message).find(|text| !text.is_empty()).unwrap_or("");
    let mut doing: Vec<&str> = Vec::new();
    for text in chain.iter().map(|cause| &*cause.message) {
        let repeats =
            text.is_empty() || text.contains(root) || doing.iter().any(|known| known.contains(text));
        if !repeats {
            doing.push(text);
        }
    }
    let mut message = root.to_owned();
    if !doing.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(message, " ({})", doing.join(": "));
    }
    (error_type.to_owned(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_cause_comes_first() {
        for (chain, expected) in [
            (vec![("std::io::Error", "no such file")], ("std::io::Error", "no such file")),
            (
                vec![
                    ("shop::Error::Sqlx", "the database failed"),
                    ("sqlx::Error", "error returned from database: relation \"x\" does not exist"),
                    ("PgDatabaseError", "relation \"x\" does not exist"),
                ],
                ("sqlx::Error", "relation \"x\" does not exist (the database failed)"),
            ),
            (
                vec![("Error", "loading order 1"), ("std::num::ParseIntError", "invalid digit")],
                ("std::num::ParseIntError", "invalid digit (loading order 1)"),
            ),
            (
                vec![("shop::orders", "charge failed"), ("Error", "connection refused")],
                ("shop::orders", "connection refused (charge failed)"),
            ),
            (vec![("Error", "only text")], ("Error", "only text")),
            (vec![("Refused", "closed")], ("Refused", "closed")),
            (vec![("Error", "doing"), ("Error", "")], ("Error", "doing")),
        ] {
            let chain: Vec<_> = chain
                .into_iter()
                .map(|(error_type, message)| Cause { error_type: error_type.into(), message: message.into() })
                .collect();
            let (error_type, message) = title(&chain);
            assert_eq!((&*error_type, &*message), expected);
        }
    }
}
