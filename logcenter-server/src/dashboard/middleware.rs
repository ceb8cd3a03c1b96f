//! Access to the pages, and the headers that all of them share.

use crate::access::{Administrator, Denied, Permission};
use crate::dashboard::ui::fault::Fault;
use crate::dashboard::ui::fault::reload_same_origin;
use crate::dashboard::ui::form::is_own_path;
use crate::dashboard::ui::page_context::Ui;
use crate::state::{SharedState, State as Shared};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

/// Only our own files; nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// Renders faults as pages, and adds the headers that every page has.
pub(crate) async fn page(ui: Ui, request: Request, next: Next) -> Response {
    let is_script = request.headers().contains_key("hx-request");
    let mut response = next.run(request).await;
    if let Some(&fault) = response.extensions().get::<Fault>() {
        response = fault.page(&ui);
    }
    // For the page's script this is a page to show; with an error status the browser would log it as an error of ours.
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

/// The page for an unknown path, if a browser is visiting it.
pub(crate) fn unknown_page(state: &Shared, parts: &Parts) -> Option<Response> {
    let accepts = parts.headers.get(ACCEPT)?.to_str().ok()?;
    let is_visit = parts.method == Method::GET && accepts.contains("text/html");
    let is_page = is_visit && !parts.uri.path().starts_with("/api/");
    is_page.then(|| guarded(Fault::NotFound.page(&Ui::of(state, parts))))
}

/// Rejects unsafe requests made by pages of another origin.
pub(crate) async fn same_origin(State(state): State<SharedState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !parts.method.is_safe() && state.access.is_cross_origin(&parts) {
        return Fault::CrossSite.into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Lets administrators through; sends everyone else to the login.
pub(crate) async fn administrator(
    State(state): State<SharedState>,
    ui: Ui,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let caller = state.access.visitor(&parts, ui.now);
    let Err(denied) = state.access.may(&caller, Permission::Administer) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let reads = parts.method == Method::GET;
    let says = |name: &str, value: &str| parts.headers.get(name).is_some_and(|found| found == value);
    match denied {
        Denied::NotLocal => return Fault::NotLocal.into_response(),
        Denied::TooManyGuesses => return Fault::TooMany.into_response(),
        Denied::KeyNeeded
        | Denied::OtherProject
        | Denied::TokenNeeded
        | Denied::NotAdministrator
        | Denied::RoleLacks => {}
    }
    // On a link from another site the browser withholds the session cookie, as it should. It sends it when this page
    // reloads itself.
    if reads
        && says("sec-fetch-mode", "navigate")
        && !says("sec-fetch-site", "same-origin")
        && !says("sec-fetch-site", "none")
    {
        return reload_same_origin(&ui, &ui.here);
    }
    if !matches!(state.access.administrator, Administrator::Token(_)) {
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
