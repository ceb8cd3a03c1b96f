//! Log lines that carry an error, and what a report says beside it.

use axum::http::StatusCode;
use logcenter_tower::{set_tag, set_user};

#[derive(Debug)]
struct Declined {
    #[expect(dead_code, reason = "shown by Debug")]
    code: u32,
}

pub async fn debug_field() -> StatusCode {
    let err = Declined { code: 7 };
    tracing::error!(?err); // reported: debug_field
    StatusCode::INTERNAL_SERVER_ERROR
}

pub async fn display_field() -> StatusCode {
    let err = "card declined";
    tracing::error!(%err, "charge failed"); // reported: display_field
    StatusCode::INTERNAL_SERVER_ERROR
}

/// Its formatter panics, as one does that locks a poisoned mutex.
struct Broken;

impl std::fmt::Debug for Broken {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::panic::resume_unwind(Box::new("poisoned"))
    }
}

#[tracing::instrument]
async fn charge(order: u32) -> logcenter_tower::Result<String> {
    tracing::warn!(attempt = 2, "charging again");
    Ok(std::fs::read_to_string("/nowhere")?) // reported: scoped
}

pub async fn scoped() -> logcenter_tower::Result<String> {
    set_user(42);
    set_tag("tenant", "acme");
    tracing::info!(password = "correct horse battery", http.client_ip = "10.0.0.7", "signed in");
    tracing::info!(broken = ?Broken, "order received");
    charge(7).await
}
