//! The Rust blocks of `docs/clients.md`, compiled verbatim.
#![doc = include_str!("../../docs/clients.md")]
