//! A library beside the workspace that uses it: its lines are the program's own, too.

/// Panics.
pub fn fails() {
    panic!("the library is lost"); // reported: outside
}
