//! Errors shown as pages.

use crate::dashboard::ui::page_context::Ui;
use crate::store::StoreError;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a page cannot be shown. The key names the text that says what to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// There is no such thing.
    NotFound,
    /// The request is invalid.
    Invalid(&'static str),
    /// Without a token, only this machine is served.
    NotLocal,
    /// The request was made by a page of another site.
    CrossSite,
    /// Too many wrong tokens.
    TooMany,
    /// The store failed.
    Unavailable,
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    ui: &'a Ui,
    status: StatusCode,
    text: &'static str,
}

impl Fault {
    const fn about(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "fault.not_found"),
            Self::Invalid(key) => (StatusCode::UNPROCESSABLE_ENTITY, key),
            Self::NotLocal => (StatusCode::FORBIDDEN, "fault.not_local"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "fault.cross_site"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "fault.too_many"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "fault.unavailable"),
        }
    }

    /// The page.
    pub(crate) fn page(self, ui: &Ui) -> Response {
        let (status, key) = self.about();
        (status, html(&FaultPage { ui, status, text: ui.t(key) })).into_response()
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::Unavailable
    }
}

impl IntoResponse for Fault {
    /// An empty response; the dashboard's middleware turns it into a page in the reader's language.
    fn into_response(self) -> Response {
        let mut response = self.about().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Makes the browser load the same page again.
#[derive(Template)]
#[template(path = "reload.html")]
struct Reload<'a> {
    ui: &'a Ui,
    address: String,
}

/// A page that requests `path` again, from our own origin.
pub(crate) fn reload_same_origin(ui: &Ui, path: &str) -> Response {
    html(&Reload { address: ui.link(path), ui })
}

/// Renders a template as a response.
pub(crate) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => axum::response::Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
