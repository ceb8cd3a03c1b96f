//! Typed calls of the HTTP API.
