//! Connects to a server.

use crate::args::Server;
use crate::exit::Failure;
use logcenter_client::api::{Api, Error};

/// The API of the server that the arguments name. `secret` is used instead of the administrator's token, if given.
pub(crate) fn api(server: &Server, secret: Option<String>) -> Result<Api, Failure> {
    let secret = secret.or_else(|| server.admin_token.clone());
    Api::new(&server.url, secret.as_deref())
        .map_err(|error| Failure::usage(format!("--url {:?} cannot be used: {error}", server.url)))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Unreachable(_) => Self::unreachable(format!(
                "{text}. Is the server running there? Start it with `logcenter`, or give --url."
            )),
            Error::Refused(problem) if matches!(problem.status, 401 | 403) => Self::not_allowed(text),
            _ => Self::failed(text),
        }
    }
}
