//! A session begins with the administrator's token.

use super::fault::{Fault, html};
use super::form::{Asked, Form};
use super::gate::again;
use super::ui::Ui;
use crate::access::Administrator;
use crate::center::Center;
use crate::session;
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

/// `GET /login`. Over plain HTTP browsers do not say from where somebody comes. Who follows a link from a mail comes without the
/// session's cookie, and gives it when this page asks for itself.
pub(super) async fn page(
    State(center): State<Center>,
    ui: Ui,
    parts: Parts,
    Asked(mut asked): Asked,
) -> Response {
    let to = asked.own_path("to").unwrap_or_else(|| "/".into());
    if center.access.visitor(&parts, ui.now).administrator {
        return Redirect::to(&ui.link(&to)).into_response();
    }
    match center.access.administrator {
        Administrator::Token(_)
            if parts.headers.contains_key("sec-fetch-site") || asked.take("again").is_some() =>
        {
            html(&Login { to, wrong: false, ui })
        }
        Administrator::Token(_) => {
            let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
            again(&ui, &format!("/login?to={to}&again=1"))
        }
        Administrator::Host | Administrator::Loopback => Redirect::to(&ui.link(&to)).into_response(),
    }
}

/// `POST /login`
pub(super) async fn login(State(center): State<Center>, ui: Ui, parts: Parts, mut form: Form) -> Response {
    let to = form.own_path("to").unwrap_or_else(|| "/".into());
    let Administrator::Token(token) = &center.access.administrator else {
        return Redirect::to(&ui.link(&to)).into_response();
    };
    let client = center.access.site.client(&parts);
    if !center.attempts.may_try(client, ui.now) {
        return Fault::TooMany.into_response();
    }
    if !form.take("token").is_some_and(|given| token.is(&given)) {
        center.attempts.failed(client, ui.now);
        tracing::warn!(client = client.map(tracing::field::display), "a login with a wrong token");
        return html(&Login { ui, to, wrong: true });
    }
    let cookie = session::begin(token, ui.now, &ui.base, ui.secure);
    ([(SET_COOKIE, cookie)], Redirect::to(&ui.link(&to))).into_response()
}

/// `POST /logout`
pub(super) async fn logout(State(center): State<Center>, ui: Ui, parts: Parts) -> Response {
    if let Administrator::Token(token) = &center.access.administrator {
        center.access.sessions.end(token, &parts.headers, ui.now);
    }
    ([(SET_COOKIE, session::forget(&ui.base, ui.secure))], Redirect::to(&ui.link("/login?again=1")))
        .into_response()
}
