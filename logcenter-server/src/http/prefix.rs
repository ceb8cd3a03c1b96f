//! Finds the prefix under which a host mounted the router, so that links keep it.

use axum::extract::OriginalUri;
use axum::http::Uri;
use axum::http::request::Parts;

/// The path in front of the router's own: empty, or `/a/b` without a trailing slash.
///
/// axum strips the prefix from the request's URI and keeps the original URI as an extension. Whatever the original has
/// in addition is the prefix, regardless of the route it was mounted under.
pub(crate) fn prefix(parts: &Parts) -> String {
    let original = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    stripped(original, &parts.uri).trim_end_matches('/').into()
}

fn stripped<'a>(original: &'a Uri, inner: &Uri) -> &'a str {
    let original = original.path();
    original.strip_suffix(inner.path()).unwrap_or(original)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn what_the_original_has_more() {
        let rows = [
            ("/docs", "/docs", ""),
            ("/", "/", ""),
            ("/a/b/docs", "/docs", "/a/b"),
            ("/a/b", "/", "/a/b"),
            ("/a/b/", "/", "/a/b"),
            ("/t/acme/c/docs", "/docs", "/t/acme/c"),
        ];
        for (original, inner, expected) in rows {
            let (mut parts, ()) = Request::builder().uri(inner).body(()).unwrap().into_parts();
            parts.extensions.insert(OriginalUri(original.parse().unwrap()));
            assert_eq!(prefix(&parts), expected, "{original}");
        }
    }
}
