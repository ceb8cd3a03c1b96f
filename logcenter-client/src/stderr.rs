//! The last resort.

/// Says on stderr why nothing, or not everything, is reported: there is no better place to report that to.
pub(crate) fn complain(why: &str) {
    use std::io::Write;
    // A closed stderr must not panic.
    let _ = writeln!(std::io::stderr(), "logcenter: errors are not reported: {why}");
}
