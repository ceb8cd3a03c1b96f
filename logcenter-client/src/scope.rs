//! What a program tells of its current request, and what it must not.

use crate::global;
use crate::request::Request;
use crate::scrub;
use std::fmt::Display;

/// Sets who made the current request, to be reported with whatever goes wrong in it. Give an ID, not a name or an
/// address: it is stored with the error. Outside a request it does nothing.
///
/// ```
/// logcenter_client::set_user(42);
/// ```
pub fn set_user(id: impl Display) {
    let id = crate::bounded(&id, TEXT);
    Request::current(|request| request.set_user(&id));
}

/// Sets a value to be reported with whatever goes wrong in the current request. Outside a request it does nothing.
///
/// ```
/// logcenter_client::set_tag("tenant", "acme");
/// ```
pub fn set_tag(key: &str, value: impl Display) {
    let value = crate::bounded(&value, TEXT);
    Request::current(|request| request.set_tag(key, &value));
}

/// Whether a key names a secret: a built-in word, or one of [`Config::scrub`](crate::Config::scrub). For integrations.
///
/// ```
/// assert!(logcenter_client::is_secret("db_password"));
/// assert!(!logcenter_client::is_secret("order"));
/// ```
#[must_use]
pub fn is_secret(key: &str) -> bool {
    let by_words = |words: &[String]| scrub::is_secret(key, words);
    global::with_client(|client| by_words(&client.config().scrub)).unwrap_or_else(|| by_words(&[]))
}

/// Longest user and tag, in bytes.
const TEXT: usize = 256;
