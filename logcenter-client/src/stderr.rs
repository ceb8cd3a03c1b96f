//! The last resort for errors of the client itself.

/// Says on stderr why nothing, or not everything, is reported; there is no better place to report that.
pub(crate) fn warn_on_stderr(why: &str) {
    use std::io::Write;
    // A closed stderr must not cause a panic.
    let _ = writeln!(std::io::stderr(), "logcenter: errors are not reported: {why}");
}
