//! `POST /language`

use crate::dashboard::ui::form::Form;
use crate::dashboard::ui::language::{COOKIE_NAME, Language};
use crate::dashboard::ui::page_context::Ui;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};

/// Stores the selected language in a cookie and returns to the page.
pub(crate) async fn choose(ui: Ui, mut form: Form) -> Response {
    let language = form.take("language").and_then(|tag| Language::tagged(&tag)).unwrap_or(ui.language);
    let path = if ui.base.is_empty() { "/" } else { &ui.base };
    let cookie = format!("{COOKIE_NAME}={}; Path={path}; Max-Age=31536000; SameSite=Lax", language.tag());
    let back = form.own_path("to").unwrap_or_else(|| "/".into());
    ([(SET_COOKIE, cookie)], Redirect::to(&ui.link(&back))).into_response()
}
