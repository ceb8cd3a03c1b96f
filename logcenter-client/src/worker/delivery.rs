//! Sends a batch, and interprets the response.

use crate::clock;
use crate::http_client::{Failure, HttpClient, Response, ServerUrl};
use http::Method;
use http::header::{LOCATION, RETRY_AFTER};
use serde::Deserialize;
use std::time::Duration;

/// Maximum number of reports and bytes in a batch. Proxies often allow a body of 1 MB.
pub(super) const BATCH: usize = 200;
pub(super) const BATCH_BYTES: usize = 512 * 1024;

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
    Answered(Vec<Answer>),
    /// All reports were refused, and would be refused again.
    Refused,
    /// Retry, after this pause if the server named one.
    Retry(Option<Duration>),
    /// Whoever is there takes no reports from this program until somebody changes something.
    Turned(Away),
}

/// Why nobody takes the reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Away {
    /// Nobody listens at the server's address.
    Nobody,
    /// The response, in words: a key that is being rotated, a proxy without its server, a redirect.
    Answer(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    Refused,
    Retry,
}

/// An HTTP client for the server.
#[derive(Debug, Clone)]
pub(super) struct Transport(HttpClient);

impl Transport {
    pub(super) fn open(url: ServerUrl, key: Option<&str>) -> Result<Self, String> {
        HttpClient::new(url, key, CONNECT_TIMEOUT, TIMEOUT).map(Self)
    }

    /// Sends a batch of `number` reports.
    pub(super) async fn send(self, body: String, number: usize) -> Sent {
        match self.0.send(Method::POST, "/api/v1/logs/batch", Some(body)).await {
            Ok(response) => interpret(&response, number),
            Err(Failure::Refused(_)) => Sent::Turned(Away::Nobody),
            Err(Failure::Failed(_)) => Sent::Retry(None),
        }
    }
}

fn interpret(response: &Response, number: usize) -> Sent {
    let status = response.status.as_u16();
    match status {
        200..=299 => answers(&response.body, number),
        // Reports kept through an outage must not be dropped because of one of these.
        300..=399 | 401 | 403 | 404 | 405 => Sent::Turned(Away::Answer(turned(response))),
        _ if is_overload(status) => {
            let seconds =
                response.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
            Sent::Retry(seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER)))
        }
        _ => Sent::Refused,
    }
}

/// What to tell the operator about a response.
fn turned(response: &Response) -> String {
    let status = response.status;
    match status.as_u16() {
        401 | 403 => format!("the server answered {status}: check LOG_CENTER_KEY"),
        300..=399 => {
            let location = response.headers.get(LOCATION).map_or("elsewhere".into(), |to| format!("{to:?}"));
            format!(
                "the server answered {status} and refers to {location}: set LOG_CENTER_URL to where it is"
            )
        }
        _ => format!("what answered {status} is no Log Center: check LOG_CENTER_URL"),
    }
}

/// The body of a batch. Each report says what this clock shows now, so that the server can correct its time.
pub(super) fn body(reports: &[String]) -> String {
    let sent_at = format!("{{\"sent_at\":\"{}\",", clock::timestamp());
    let reports = reports.iter().map(|report| report.replacen('{', &sent_at, 1));
    format!("{{\"reports\":[{}]}}", reports.collect::<Vec<_>>().join(","))
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
            Sent::Answered(results.iter().map(answer).collect())
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
        assert_eq!(answers(body, 3), Sent::Answered(vec![Answer::Accepted, Answer::Refused, Answer::Retry]));
        assert_eq!(answers(body, 2), Sent::Retry(None));
        assert_eq!(answers(b"<html>", 1), Sent::Retry(None));
    }

    fn response(status: u16) -> Sent {
        let status = http::StatusCode::from_u16(status).unwrap();
        interpret(&Response { status, headers: http::HeaderMap::new(), body: "<html>".into() }, 1)
    }

    #[test]
    fn a_rotated_key_and_a_proxy_without_its_server_cost_no_report() {
        for status in [301, 308, 401, 403, 404, 405] {
            assert!(matches!(response(status), Sent::Turned(Away::Answer(_))), "{status}");
        }
        for status in [200, 408, 429, 500, 503] {
            assert_eq!(response(status), Sent::Retry(None), "{status}");
        }
        for status in [400, 409, 413, 415, 422] {
            assert_eq!(response(status), Sent::Refused, "{status}");
        }
        // A report for a project other than the key's will never be accepted.
        let foreign = br#"{"results":[{"problem":{"status":403}}]}"#;
        assert_eq!(answers(foreign, 1), Sent::Answered(vec![Answer::Refused]));
    }

    #[test]
    fn each_report_says_when_it_is_sent() {
        let body: serde_json::Value =
            serde_json::from_str(&body(&[r#"{"a":{"b":1}}"#.into(), r#"{"c":2}"#.into()])).unwrap();
        let reports = body["reports"].as_array().unwrap();
        assert_eq!((&reports[0]["a"]["b"], &reports[1]["c"]), (&1.into(), &2.into()));
        assert!(
            reports.iter().all(|report| report["sent_at"].as_str().unwrap().ends_with('Z')),
            "{reports:?}"
        );
    }

    #[test]
    fn pauses_grow_and_are_bounded() {
        assert_eq!(pause(1, 0), Duration::ZERO);
        assert_eq!(pause(1, u64::MAX), FIRST_PAUSE);
        assert_eq!(pause(3, u64::MAX), FIRST_PAUSE * 4);
        assert_eq!(pause(99, u64::MAX), LONGEST_PAUSE);
    }
}
