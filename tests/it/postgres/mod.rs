//! The PostgreSQL store.

mod conformance;
