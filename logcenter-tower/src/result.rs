//! Results of handlers.

use crate::Error;
use http::StatusCode;

/// The result of a handler.
///
/// ```
/// async fn number() -> logcenter_tower::Result<String> {
///     let text = std::fs::read_to_string("number.txt")?;
///     Ok(text.trim().parse::<i64>()?.to_string())
/// }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Extension methods for results with any error.
///
/// ```
/// use http::StatusCode;
/// use logcenter_tower::{Result, ResultExt};
///
/// fn rate(answer: &str) -> Result<f64> {
///     Ok(answer.parse::<f64>().or_status(StatusCode::BAD_GATEWAY)?)
/// }
/// assert_eq!(rate("<html>").unwrap_err().status(), StatusCode::BAD_GATEWAY);
/// ```
pub trait ResultExt<T> {
    /// Converts the error like `?`, and sets the status that the client gets. The line is that of this call.
    ///
    /// # Errors
    /// The error, if there is one.
    fn or_status(self, status: StatusCode) -> Result<T>;
}

impl<T, E: Into<Error>> ResultExt<T> for std::result::Result<T, E> {
    #[track_caller]
    fn or_status(self, status: StatusCode) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(error.into().with_status(status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_the_call_and_stays_the_first() {
        fn inner() -> Result<u8> {
            "x".parse::<u8>().or_status(StatusCode::BAD_GATEWAY)
        }
        let line = line!() - 2;
        let outer = || inner().or_status(StatusCode::SERVICE_UNAVAILABLE);
        let error = outer().unwrap_err();
        assert_eq!((error.location().file(), error.location().line()), (file!(), line));
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
