//! Programs of other people, with and without the Rust clients (tests/hosts, which is a workspace of its own).

mod actix;
mod axum;
mod failures;
mod features;
mod https;
mod off;
mod tls;
mod tonic;
mod worker;
