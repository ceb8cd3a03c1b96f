//! The store on one SQLite file: its promises, and what can only be seen in the file itself.

mod conformance;
mod durability;
mod migrations;
mod opening;
mod retention;
mod rows;
mod search;

use crate::harness::Center;

/// A connection of the test's own to the file.
fn database(center: &Center) -> rusqlite::Connection {
    rusqlite::Connection::open(center.file()).unwrap()
}
