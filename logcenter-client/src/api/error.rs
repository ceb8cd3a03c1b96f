//! Why an API call failed.

use crate::http_client::{Failure, Response, ServerUrl};
use http::header::LOCATION;
use serde::Deserialize;
use std::error::Error as StdError;
use std::fmt;

/// An API call failed.
///
/// ```
/// # async fn ask(api: logcenter_client::api::Api) {
/// use logcenter_client::api::Error;
///
/// match api.issue(7).await {
///     Ok(issue) => println!("{}", issue.error.message),
///     Err(Error::Refused(problem)) if problem.status == 404 => println!("there is no issue 7"),
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The input is invalid; nothing was sent.
    Unusable(String),
    /// The server does not respond.
    Unreachable(String),
    /// The server refused the request and said why.
    Refused(Problem),
    /// Something other than a Log Center responded.
    Unexpected(String),
}

/// Why a server refused a request (RFC 9457).
///
/// ```
/// # fn say(problem: &logcenter_client::api::Problem) {
/// println!("{} {}: {}", problem.status, problem.title, problem.detail);
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem.
    pub title: String,
    /// What is wrong, and what to do.
    pub detail: String,
    /// The invalid fields.
    pub errors: Vec<FieldProblem>,
}

/// An invalid field or query parameter.
///
/// ```
/// # fn say(problem: &logcenter_client::api::Problem) {
/// for field in &problem.errors {
///     println!("{}: {}", field.pointer.as_deref().unwrap_or("the query"), field.detail);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FieldProblem {
    /// JSON pointer to the field, such as `/error/type`.
    pub pointer: Option<String>,
    /// Name of the query parameter.
    pub parameter: Option<String>,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    pub(super) fn read(response: &Response) -> Self {
        let mut problem: Self = serde_json::from_slice(&response.body).unwrap_or_default();
        problem.status = response.status.as_u16();
        if problem.detail.is_empty() {
            problem.detail = format!("the server answered {}", response.status);
            if let Some(elsewhere) = response.headers.get(LOCATION) {
                problem.detail += &format!(" and refers to {elsewhere:?}; use that server's URL instead");
            }
        }
        problem
    }
}

impl Error {
    pub(super) fn unreachable(url: &ServerUrl, failure: &Failure) -> Self {
        Self::Unreachable(format!("{url} does not answer ({failure})"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(why) | Self::Unreachable(why) => f.write_str(why),
            Self::Unexpected(why) => write!(f, "what answered is no Log Center: {why}"),
            Self::Refused(problem) => {
                f.write_str(&problem.detail)?;
                problem.errors.iter().try_for_each(|error| {
                    let at = error.pointer.as_ref().or(error.parameter.as_ref());
                    write!(f, "\n  {}: {}", at.map_or("", String::as_str), error.detail)
                })
            }
        }
    }
}

impl StdError for Error {}
