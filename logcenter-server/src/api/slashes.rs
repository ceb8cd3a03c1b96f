//! Slashes too many in a path: `LOG_CENTER_URL` with a slash at its end is the commonest slip in a client's settings, and
//! costs every report of its service.

use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};

/// The same request with the path that was meant, if it is one that clients post to.
///
/// # Errors
/// The request as it was.
pub(super) fn without_extra_slashes(mut request: Request) -> Result<Request, Request> {
    match meant(request.method(), request.uri()) {
        Some(uri) => {
            *request.uri_mut() = uri;
            Ok(request)
        }
        None => Err(request),
    }
}

fn meant(method: &Method, uri: &Uri) -> Option<Uri> {
    let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let usual = match segments.as_slice() {
        ["api", "v1", "logs", "report" | "batch"] => Method::POST,
        ["api", "v1", "projects", _] => Method::PUT,
        _ => return None,
    };
    if method != usual && method != Method::OPTIONS {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(format!("/{}{query}", segments.join("/"))).ok();
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slashes_are_forgiven() {
        let meant = |method, uri: &str| {
            meant(&method, &uri.parse().unwrap()).map_or("none".to_owned(), |uri| uri.to_string())
        };
        assert_eq!(meant(Method::POST, "//api/v1/logs/report/?key=a//b"), "/api/v1/logs/report?key=a//b");
        assert_eq!(meant(Method::OPTIONS, "/api//v1/logs/batch"), "/api/v1/logs/batch");
        assert_eq!(meant(Method::PUT, "/api/v1/projects/shop/"), "/api/v1/projects/shop");
        for (method, uri) in [
            (Method::GET, "/api/v1/projects/shop/"),
            (Method::PUT, "/api/v1/projects/"),
            (Method::POST, "/v1/logs/report/"),
            (Method::POST, "/api/v1/logs/report/x"),
        ] {
            assert_eq!(meant(method, uri), "none", "{uri}");
        }
    }
}
