//! Whole-product tests. `scripts/test` installs what they need.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that cannot go on ends, reads its own environment, and says what it left out"
)]

mod harness;

mod access;
mod agent;
mod bad_input;
mod browser;
mod builds;
mod ci;
mod circles;
mod cli;
mod clients;
mod concurrency;
mod dashboard;
mod events;
mod examples;
mod failover;
mod fingerprints;
mod hosts;
mod images;
mod issues;
mod k8s;
mod lenient;
mod mounting;
mod openapi;
mod pictures;
mod postgres;
mod projects;
mod readme;
mod repair;
mod reports;
mod spool;
mod sqlite;
mod status;
mod stream;
mod tidy;
mod tokens;
mod traps;
mod year;
