//! Removes secrets: values whose key names a secret, and passwords in URLs.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// Replaces a secret.
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

/// Shorter words, which must be the whole key.
const SECRET_WHOLE: &[&str] = &["auth", "key", "pwd", "pass", "pin", "otp", "sig", "sid", "code"];

/// Whether the value under this key is a secret.
pub(crate) fn is_secret(key: &str, more: &[String]) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET.iter().any(|word| key.contains(word))
        || SECRET_WHOLE.contains(&&*key)
        || more.iter().any(|word| key.contains(&**word))
}

/// A URL without its user, its password and the secrets in its query.
pub(crate) fn url(text: &str) -> Cow<'_, str> {
    self::text(text, &[])
}

/// A text without `user:password@` in URLs, without the values of `key=value` whose key names a secret, and without
/// what follows `Bearer` and `Basic`.
pub(crate) fn text<'a>(text: &'a str, more: &[String]) -> Cow<'a, str> {
    let mut scrubbed = Cow::Borrowed(text);
    if text.contains("://") {
        scrubbed = user_info(&scrubbed).into();
    }
    for scheme in ["bearer ", "basic "] {
        if scrubbed.to_ascii_lowercase().contains(scheme) {
            scrubbed = after(&scrubbed, scheme).into();
        }
    }
    if text.contains(['=', ':']) {
        scrubbed = assignments(&scrubbed, more).into();
    }
    scrubbed
}

/// `://user:password@` → `://[scrubbed]@`
fn user_info(text: &str) -> String {
    let mut parts = text.split("://");
    let mut scrubbed = String::from(parts.next().unwrap_or(""));
    for part in parts {
        scrubbed.push_str("://");
        let address = &part[..part.find([' ', '"', '\'', ')', '<', '>', '\n']).unwrap_or(part.len())];
        let authority = &address[..address.find(['/', '?', '#']).unwrap_or(address.len())];
        // A password may contain unescaped characters; an `@` in a path has no colon before the first slash.
        let within = if authority.contains(':') { address } else { authority };
        match within.rfind('@').filter(|&at| !within[..at].contains("://")) {
            Some(at) => {
                scrubbed.push_str(SCRUBBED);
                scrubbed.push_str(&part[at..]);
            }
            None => scrubbed.push_str(part),
        }
    }
    scrubbed
}

/// `token=abc&x=1` → `token=[scrubbed]&x=1`, `"password": "abc"` → `"password": "[scrubbed]"`
fn assignments(text: &str, more: &[String]) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, separator) = (&rest[..at], &rest[at..=at]);
        let (head, tail) = rest.split_at(at + 1);
        scrubbed.push_str(head);
        rest = tail;
        if !names_secret(before, separator, more) || tail.starts_with(['=', ':']) {
            continue;
        }
        let value = tail.trim_start_matches(' ');
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
        let from = tail.len() - value.len() + quote.map_or(0, char::len_utf8);
        if tail[from..].starts_with(SCRUBBED) {
            continue;
        }
        let end = match quote {
            Some(quote) => tail[from..].find(quote),
            // A header's value runs to its end.
            None if names_header(before) => tail[from..].find(['"', '\'', '\n']),
            None => tail[from..].find(['&', ' ', ',', ';', '"', '\'', ')', '}', ']', '\n']),
        };
        let end = end.map_or(tail.len(), |end| from + end);
        if end > from {
            scrubbed.push_str(&tail[..from]);
            scrubbed.push_str(SCRUBBED);
            rest = &tail[end..];
        }
    }
    scrubbed.push_str(rest);
    scrubbed
}

fn names_header(before: &str) -> bool {
    let before = before.to_ascii_lowercase();
    before.ends_with("authorization") || before.ends_with("cookie")
}

/// Whether the text before a separator is the key of a secret. A colon is used for much else than values, so short
/// words before one do not count.
fn names_secret(before: &str, separator: &str, more: &[String]) -> bool {
    let before = before.trim_end_matches([' ', '"', '\'']);
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = before.char_indices().rev().take_while(|&(_, c)| is_key(c)).last().map(|(at, _)| at);
    let key = start.map_or("", |start| &before[start..]);
    !key.is_empty()
        && is_secret(key, more)
        && (separator == "=" || !SECRET_WHOLE.contains(&&*key.to_ascii_lowercase()))
}

/// `Bearer abc` → `Bearer [scrubbed]`, in any letter case.
fn after(text: &str, scheme: &str) -> String {
    let mut scrubbed = String::with_capacity(text.len());
    let mut rest = text;
    // Lower-casing ASCII keeps all positions.
    while let Some(at) = rest.to_ascii_lowercase().find(scheme) {
        let (head, tail) = rest.split_at(at + scheme.len());
        scrubbed.push_str(head);
        let value = tail.trim_start_matches(' ');
        let end = value.find([' ', '"', '\'', ',', '\n']).unwrap_or(value.len());
        scrubbed.push_str(if end > 0 { SCRUBBED } else { "" });
        rest = &value[end..];
    }
    scrubbed.push_str(rest);
    scrubbed
}

/// Scrubs a context recursively.
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
            ("Authorization: Bearer abc.def, x", "Authorization: [scrubbed]"),
            ("cookie: a=b; c=d\nx", "cookie: [scrubbed]\nx"),
            ("sent Bearer abc.def, x", "sent Bearer [scrubbed], x"),
            ("==", "=="),
            ("key=", "key="),
            ("password='a b' x", "password='[scrubbed]' x"),
            ("password = \"a b\" x", "password = \"[scrubbed]\" x"),
            ("Config { password: \"x\", port: 7 }", "Config { password: \"[scrubbed]\", port: 7 }"),
            (r#"{"api_key":"x","n":1}"#, r#"{"api_key":"[scrubbed]","n":1}"#),
            ("error code: 404 at std::io::Error", "error code: 404 at std::io::Error"),
            ("BASIC  abc x", "BASIC [scrubbed] x"),
            ("pg://u:p/w#x@host/db", "pg://[scrubbed]@host/db"),
            ("http://host/me@home", "http://host/me@home"),
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
