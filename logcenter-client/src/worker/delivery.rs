//! Sends a batch, and interprets the response.

use crate::http_client::{self, address};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Url};
use serde::Deserialize;
use std::time::Duration;

/// Maximum number of reports and bytes in a batch.
pub(super) const BATCH: usize = 200;
pub(super) const BATCH_BYTES: usize = 1024 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(3);

/// The first and the longest pause before a batch is retried.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Longest pause that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The result of sending a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The server responded with an answer for each report: accepted, refused, or try again.
    ResponseStatus(Vec<Answer>),
    /// All reports were refused, and would be refused again.
    Refused,
    /// Retry, after this pause if the server named one.
    Retry(Option<Duration>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Refused,
    Retry,
}

/// An HTTP client for the server.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    client: Client,
    address: String,
    key: Option<String>,
}

impl Transport {
    pub(super) fn open(base: &Url, key: Option<String>) -> Result<Self, String> {
        let client = http_client::build(base, |builder| {
            // A redirect would turn the request into a GET. A proxy from the environment is the user's choice.
            builder
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
        })?;
        Ok(Self { client, address: address(base, "/api/v1/logs/batch"), key })
    }

    /// Sends a batch of `number` reports.
    pub(super) async fn send(self, body: String, number: usize) -> Sent {
        let mut request = self.client.post(&self.address).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let Ok(response) = request.send().await else { return Sent::Retry(None) };
        let status = response.status();
        if status.is_success() {
            return match response.bytes().await {
                Ok(body) => answers(&body, number),
                Err(_) => Sent::Retry(None),
            };
        }
        if !is_retryable(status.as_u16()) {
            return Sent::Refused;
        }
        let pause =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Sent::Retry(pause.map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER)))
    }
}

/// The body of a batch.
pub(super) fn body(reports: &[String]) -> String {
    format!("{{\"reports\":[{}]}}", reports.join(","))
}

/// Whether to retry. A key that is being rotated (401, 403) or a proxy without its server (404) is temporary, too:
/// reports kept through an outage must not be dropped because of it.
fn is_retryable(status: u16) -> bool {
    matches!(status, 401 | 403 | 404) || is_overload(status)
}

/// Whether the status means that the server cannot accept it now.
fn is_overload(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..)
}

#[derive(Deserialize)]
struct Results {
    results: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    status: u16,
}

fn answers(body: &[u8], number: usize) -> Sent {
    let answer = |result: &One| match &result.problem {
        None => Answer::Accepted,
        // An invalid key or an unavailable server would refuse the whole request, not a single report.
        Some(problem) if is_overload(problem.status) => Answer::Retry,
        Some(_) => Answer::Refused,
    };
    match serde_json::from_slice::<Results>(body) {
        Ok(Results { results }) if results.len() == number => {
            Sent::ResponseStatus(results.iter().map(answer).collect())
        }
        // Something else responded, such as a proxy with an error page.
        _ => Sent::Retry(None),
    }
}

/// How long to wait before the next attempt: anything up to twice the previous limit (full jitter, see Marc Brooker,
/// "Exponential Backoff And Jitter"), so that many programs do not retry at once.
pub(super) fn pause(failures: u32, random: u64) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
    longest.mul_f64(random as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        let body = br#"{"results":[{"message":"Log reported","id":1},{"problem":{"status":422,"title":"x"}},{"problem":{"status":503}}]}"#;
        assert_eq!(
            answers(body, 3),
            Sent::ResponseStatus(vec![Answer::Accepted, Answer::Refused, Answer::Retry])
        );
        assert_eq!(answers(body, 2), Sent::Retry(None));
        assert_eq!(answers(b"<html>", 1), Sent::Retry(None));
    }

    #[test]
    fn a_rotated_key_costs_no_report() {
        for status in [401, 403, 404, 408, 429, 500, 503] {
            assert!(is_retryable(status), "{status}");
        }
        for status in [400, 409, 413, 415, 422] {
            assert!(!is_retryable(status), "{status}");
        }
        // A report for a project other than the key's will never be accepted.
        let foreign = br#"{"results":[{"problem":{"status":403}}]}"#;
        assert_eq!(answers(foreign, 1), Sent::ResponseStatus(vec![Answer::Refused]));
    }

    #[test]
    fn pauses_grow_and_are_bounded() {
        assert_eq!(pause(1, 0), Duration::ZERO);
        assert_eq!(pause(1, u64::MAX), FIRST_PAUSE);
        assert_eq!(pause(3, u64::MAX), FIRST_PAUSE * 4);
        assert_eq!(pause(99, u64::MAX), LONGEST_PAUSE);
    }
}
