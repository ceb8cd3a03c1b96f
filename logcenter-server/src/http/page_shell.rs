//! Pages from text: no scripts, no third-party requests, and all text escaped that is not ours.

use crate::http::escape::HtmlEscaper;
use askama::filters::Escaper;
use axum::http::header::{CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::response::{Html, IntoResponse, Response};

/// A page without scripts.
pub(crate) fn page(title: &str, body: &str) -> Response {
    let headers = [
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let style = include_str!("page_shell.css");
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{style}</style></head><body><main>{body}</main></body></html>"
    );
    (headers, Html(html)).into_response()
}

/// Text escaped for HTML, including attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing into a String does not fail.
    let _ = HtmlEscaper.write_escaped_str(&mut escaped, text);
    escaped
}
