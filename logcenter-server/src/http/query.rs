//! Path and query parameters, for both the API and the pages.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

/// A path parameter, undecoded. A host's own prefix may have parameters too; ours is the last of its name.
pub(crate) async fn path_parameter(
    parts: &mut Parts,
    state: &(impl Send + Sync),
    name: &str,
) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, state).await.ok()?;
    params.iter().filter(|(key, _)| *key == name).last().map(|(_, value)| value.to_owned())
}

/// The query's pairs: `application/x-www-form-urlencoded`, where invalid escapes are left as they are.
pub(crate) fn query(parts: &Parts) -> Vec<(String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), value.replace('\0', "\u{FFFD}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::query;
    use axum::http::Request;

    #[test]
    fn escapes_are_decoded_and_the_rest_stands_for_itself() {
        let rows = [
            ("a+b%20c", "a b c"),
            ("%E6%9C%80", "最"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%E6%9C%80%", "最%"),
            ("a%00b", "a\u{FFFD}b"),
            ("%FF", "\u{FFFD}"),
        ];
        for (text, decoded) in rows {
            let (parts, ()) = Request::get(format!("/?q={text}&&flag")).body(()).unwrap().into_parts();
            assert_eq!(query(&parts), [("q".into(), decoded.to_owned()), ("flag".into(), String::new())]);
        }
    }
}
