//! Results of handlers.

use crate::Error;
use http::StatusCode;

/// What a handler gives.
///
/// ```
/// async fn number() -> logcenter_tower::Result<String> {
///     let text = std::fs::read_to_string("number.txt")?;
///     Ok(text.trim().parse::<i64>()?.to_string())
/// }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// More for results of any error.
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
    /// As `?`, and the client is answered with this status. The line is that of this call.
    ///
    /// # Errors
    /// The error, if it is one.
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
