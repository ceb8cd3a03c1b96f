//! The SQLite store: its guarantees, and what can only be seen in the file itself.

mod conformance;
mod durability;
mod full_disk;
mod migrations;
mod opening;
mod overload;
mod retention;
mod rows;
mod search;

use crate::harness::Center;

/// The test's own connection to the file.
fn database(center: &Center) -> rusqlite::Connection {
    rusqlite::Connection::open(center.file()).unwrap()
}
