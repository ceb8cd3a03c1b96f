//! Login with the administrator's token, and logout.

use crate::access::Administrator;
use crate::access::login_limit::GuessScope;
use crate::access::session;
use crate::dashboard::ui::fault::{Fault, html, reload_same_origin};
use crate::dashboard::ui::form::{Form, QueryForm};
use crate::dashboard::ui::page_context::Ui;
use crate::service;
use crate::state::SharedState;
use askama::Template;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    ui: Ui,
    to: String,
    wrong: bool,
}

/// `GET /login`. Over plain HTTP browsers do not say where a request comes from, and a link from an email arrives
/// without the session cookie. So the page first reloads itself, and the browser sends the cookie.
pub(crate) async fn page(
    State(state): State<SharedState>,
    ui: Ui,
    parts: Parts,
    QueryForm(mut query): QueryForm,
) -> Response {
    let to = query.own_path("to").unwrap_or_else(|| "/".into());
    if state.access.visitor(&parts, ui.now).is_administrator() {
        return Redirect::to(&ui.link(&to)).into_response();
    }
    match state.access.administrator {
        Administrator::Token(_)
            if parts.headers.contains_key("sec-fetch-site") || query.take("again").is_some() =>
        {
            html(&Login { to, wrong: false, ui })
        }
        Administrator::Token(_) => {
            let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
            reload_same_origin(&ui, &format!("/login?to={to}&again=1"))
        }
        Administrator::Host | Administrator::Loopback => Redirect::to(&ui.link(&to)).into_response(),
    }
}

/// `POST /login`
pub(crate) async fn login(
    State(state): State<SharedState>,
    ui: Ui,
    parts: Parts,
    mut form: Form,
) -> Response {
    let to = form.own_path("to").unwrap_or_else(|| "/".into());
    let Administrator::Token(token) = &state.access.administrator else {
        return Redirect::to(&ui.link(&to)).into_response();
    };
    let client = state.access.address.client(&parts);
    if !state.access.limiter.may_try(GuessScope::Login, client, ui.now) {
        return Fault::TooMany.into_response();
    }
    if !form.take("token").is_some_and(|given| token.is(&given)) {
        state.access.limiter.failed(GuessScope::Login, client, ui.now);
        tracing::warn!(client = client.map(tracing::field::display), "a login with a wrong token");
        return html(&Login { ui, to, wrong: true });
    }
    let cookie = session::begin(token, ui.now, &ui.base, ui.secure);
    ([(SET_COOKIE, cookie)], Redirect::to(&ui.link(&to))).into_response()
}

/// `POST /logout`
pub(crate) async fn logout(
    State(state): State<SharedState>,
    ui: Ui,
    parts: Parts,
) -> Result<Response, Fault> {
    if let Administrator::Token(token) = &state.access.administrator {
        service::access::sign_out(&state, session::carried(token, &parts.headers)).await?;
    }
    let answer =
        ([(SET_COOKIE, session::forget(&ui.base, ui.secure))], Redirect::to(&ui.link("/login?again=1")));
    Ok(answer.into_response())
}
