//! Programs of other people, with and without the Rust clients (tests/hosts, which is a workspace of its own).

mod actix;
mod axum;
mod axum_07;
mod beside;
mod failures;
mod features;
mod https;
mod off;
mod release;
mod tls;
mod tonic;
mod worker;
