//! Keeping secrets at home: values whose key says that they are secret, and addresses with a password in them.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// What stands where a secret was.
const SCRUBBED: &str = "[scrubbed]";

/// A key that contains one of these names a secret.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "authorization",
    "cookie",
    "session",
    "credential",
    "private_key",
    "private-key",
    "signature",
    "x-forwarded-for",
    "x-real-ip",
    "access_key",
    "access-key",
    "jwt",
    "csrf",
    "ssn",
];

/// Shorter ones must be the whole key.
const SECRET_WHOLE: &[&str] = &["auth", "key", "pwd", "pass", "pin", "otp", "sig", "sid", "code"];

/// Whether the value under this key is a secret.
pub(crate) fn is_secret(key: &str, more: &[String]) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET.iter().any(|word| key.contains(word))
        || SECRET_WHOLE.contains(&&*key)
        || more.iter().any(|word| key.contains(&**word))
}

/// An address without its user and password, and without the secrets of its query.
pub(crate) fn url(text: &str) -> Cow<'_, str> {
    self::text(text, &[])
}

/// A text without `user:password@` in addresses, without the values of `key=value` where the key says that it is a secret, and
/// without what follows `Bearer` and `Basic`.
pub(crate) fn text<'a>(text: &'a str, more: &[String]) -> Cow<'a, str> {
    let mut scrubbed = Cow::Borrowed(text);
    if text.contains("://") {
        scrubbed = user_info(&scrubbed).into();
    }
    if text.contains('=') {
        scrubbed = assignments(&scrubbed, more).into();
    }
    for scheme in ["Bearer ", "bearer ", "Basic "] {
        if scrubbed.contains(scheme) {
            scrubbed = after(&scrubbed, scheme).into();
        }
    }
    scrubbed
}

/// `://user:password@` → `://[scrubbed]@`
fn user_info(text: &str) -> String {
    let mut parts = text.split("://");
    let mut scrubbed = String::from(parts.next().unwrap_or(""));
    for part in parts {
        scrubbed.push_str("://");
        let authority = &part[..part.find(['/', '?', '#', ' ', '"', '\'', ')', '\n']).unwrap_or(part.len())];
        match authority.rfind('@') {
            Some(at) => {
                scrubbed.push_str(SCRUBBED);
                scrubbed.push_str(&part[at..]);
            }
            None => scrubbed.push_str(part),
        }
    }
    scrubbed
}

/// `token=abc&x=1` → `token=[scrubbed]&x=1`
fn assignments(text: &str, more: &[String]) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let before = &rest[..at];
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let key = &before[before
            .rfind(|c| !word(c))
            .map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8))..];
        scrubbed.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if !key.is_empty() && is_secret(key, more) {
            let quoted = rest.starts_with('"');
            let ends: &[char] =
                if quoted { &['"'] } else { &['&', ' ', ',', ';', '"', '\'', ')', '\n', '}'] };
            let from = usize::from(quoted);
            let end = rest[from..].find(ends).map_or(rest.len(), |end| from + end);
            scrubbed.push_str(&rest[..from]);
            scrubbed.push_str(SCRUBBED);
            rest = &rest[end..];
        }
    }
    scrubbed.push_str(rest);
    scrubbed
}

/// `Bearer abc` → `Bearer [scrubbed]`
fn after(text: &str, scheme: &str) -> String {
    let mut parts = text.split(scheme);
    let mut scrubbed = String::from(parts.next().unwrap_or(""));
    for part in parts {
        let end = part.find([' ', '"', '\'', ',', '\n']).unwrap_or(part.len());
        scrubbed.push_str(scheme);
        scrubbed.push_str(if end > 0 { SCRUBBED } else { "" });
        scrubbed.push_str(&part[end..]);
    }
    scrubbed
}

/// Scrubs a context, deeply.
pub(crate) fn map(context: &mut Map<String, Value>, more: &[String]) {
    for (key, value) in context.iter_mut() {
        if is_secret(key, more) && !value.is_null() && !value.is_boolean() {
            *value = SCRUBBED.into();
        } else {
            self::value(value, more);
        }
    }
}

fn value(value: &mut Value, more: &[String]) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(scrubbed) = self::text(text, more) {
                *text = scrubbed;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| self::value(item, more)),
        Value::Object(object) => map(object, more),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_lose_their_secrets_and_nothing_else() {
        for (before, after) in [
            ("nothing to hide", "nothing to hide"),
            ("postgres://me:pw@db/x failed", "postgres://[scrubbed]@db/x failed"),
            ("http://h/p?q=1 mail me@x.org", "http://h/p?q=1 mail me@x.org"),
            ("GET https://h/p?token=abc&page=2", "GET https://h/p?token=[scrubbed]&page=2"),
            ("a=1, PASSWORD=x y", "a=1, PASSWORD=[scrubbed] y"),
            ("secret=\"a b\" c", "secret=\"[scrubbed]\" c"),
            ("错误 密码key=1 key=2", "错误 密码key=1 key=[scrubbed]"),
            ("Authorization: Bearer abc.def, x", "Authorization: Bearer [scrubbed], x"),
            ("==", "=="),
            ("key=", "key=[scrubbed]"),
        ] {
            assert_eq!(text(before, &[]), after);
        }
        assert_eq!(text("iban=DE1", &["iban".into()]), "iban=[scrubbed]");
    }

    #[test]
    fn contexts_are_scrubbed_deeply() {
        let mut context =
            json!({"user": {"name": "me", "Password": "x", "urls": ["ftp://a:b@c/"]}, "api_key": 7});
        map(context.as_object_mut().unwrap(), &[]);
        let expected = json!({"user": {"name": "me", "Password": "[scrubbed]", "urls": ["ftp://[scrubbed]@c/"]},
            "api_key": "[scrubbed]"});
        assert_eq!(context, expected);
    }
}
