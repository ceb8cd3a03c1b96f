//! The Rust blocks of `docs/clients.md`, compiled as they stand.
#![doc = include_str!("../../docs/clients.md")]
