//! Who sees pages, and what holds for all of them.

use super::fault::Fault;
use super::form::is_own_path;
use super::ui::Ui;
use crate::access::{Administrator, Denied};
use crate::center::{Center, Inner};
use crate::site::Site;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tower_http::csrf::{CsrfLayer, ProtectionError};

/// Nothing but our own files; nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// Makes pages of faults, and adds the headers that every page has.
pub(super) async fn page(ui: Ui, request: Request, next: Next) -> Response {
    let is_script = request.headers().contains_key("hx-request");
    let mut response = next.run(request).await;
    if let Some(&fault) = response.extensions().get::<Fault>() {
        response = fault.page(&ui);
    }
    // To the page's script it is one more page to show: the browser would log anything else as an error of ours.
    if is_script && matches!(response.status(), StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY) {
        *response.status_mut() = StatusCode::OK;
    }
    guarded(response)
}

fn guarded(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The page about a path that there is not, if somebody wants to see a page there.
pub(crate) fn unknown_page(center: &Inner, parts: &Parts) -> Option<Response> {
    let accepts = parts.headers.get(ACCEPT)?.to_str().ok()?;
    let is_visit = parts.method == Method::GET && accepts.contains("text/html");
    let is_page = is_visit && !parts.uri.path().starts_with("/api/");
    is_page.then(|| guarded(Fault::NotFound.page(&Ui::of(center, parts))))
}

/// Refuses what a page of another origin posts.
pub(super) fn same_origin(
    site: &Site,
) -> CsrfLayer<impl Fn(ProtectionError) -> Response + Clone + Send + Sync + 'static> {
    let layer = CsrfLayer::new();
    let public = site.public_url.as_ref();
    let trusting = public.and_then(|url| layer.clone().add_trusted_origin(url.origin()).ok());
    trusting.unwrap_or(layer).with_rejection_response(|_| Fault::CrossSite.into_response())
}

/// Sends the browser to the same page once more.
#[derive(Template)]
#[template(path = "again.html")]
struct Again<'a> {
    ui: &'a Ui,
    address: String,
}

/// The page that asks for `path` once more, from our own origin.
pub(super) fn again(ui: &Ui, path: &str) -> Response {
    super::fault::html(&Again { address: ui.link(path), ui })
}

/// Lets an administrator through; asks others to log in.
pub(super) async fn administrator(
    State(center): State<Center>,
    ui: Ui,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let caller = center.access.visitor(&parts, ui.now);
    let Err(denied) = center.access.administer(&caller) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let reads = parts.method == Method::GET;
    let says = |name: &str, value: &str| parts.headers.get(name).is_some_and(|said| said == value);
    if denied == Denied::NotLocal {
        return Fault::NotLocal.into_response();
    }
    // Somebody followed a link from elsewhere: then the browser keeps the session's cookie back, as it must. It gives it
    // when this page asks for itself.
    if reads
        && says("sec-fetch-mode", "navigate")
        && !says("sec-fetch-site", "same-origin")
        && !says("sec-fetch-site", "none")
    {
        return again(&ui, &ui.here);
    }
    if !matches!(center.access.administrator, Administrator::Token(_)) {
        return Fault::CrossSite.into_response();
    }
    let back = if reads && is_own_path(&ui.here) { ui.here.as_str() } else { "/" };
    let back = form_urlencoded::byte_serialize(back.as_bytes()).collect::<String>();
    let login = ui.link(&format!("/login?to={back}"));
    if says("hx-request", "true") {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", login)]).into_response();
    }
    Redirect::to(&login).into_response()
}
