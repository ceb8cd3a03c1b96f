//! What the agent tells of its work.

use logcenter_core::Status;
use logcenter_core::repair::{Stage, Verdict};
use serde::Serialize;
use std::fmt;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ended {
    /// The issue.
    pub issue: i64,
    /// The attempt's id on the server.
    pub attempt: Option<i64>,
    /// How far it came.
    pub stage: Stage,
    /// What it came to.
    pub verdict: Verdict,
    /// The issue's status afterwards; `None` if it is not known.
    pub status: Option<Status>,
    /// The commit of the fix.
    pub commit: Option<String>,
    /// The branch of the fix.
    pub branch: Option<String>,
    /// The pull request of the fix.
    pub pull_request_url: Option<String>,
    /// The time that it took.
    pub seconds: f64,
    /// Why, for people.
    #[serde(skip)]
    pub reason: String,
    /// The end of what the last command printed, if the attempt failed. Whatever a terminal would obey was taken out.
    #[serde(skip)]
    pub tail: String,
    /// The time that each step took, in order.
    #[serde(skip)]
    pub steps: Vec<Step>,
}

/// A step of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What was done.
    pub name: StepName,
    /// The time that it took, in seconds.
    pub seconds: f64,
    /// The part of it that the fixer, the tests and the reproduction took.
    pub seconds_of_commands: f64,
    /// What came of it, for people. Whatever a terminal would obey was taken out.
    pub text: String,
}

/// What is done in an attempt, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepName {
    /// The repository is fetched, and the base checked out.
    Fetch,
    /// The tests run on the base, twice.
    Baseline,
    /// The error is reproduced.
    Reproduce,
    /// The fixer works.
    Fix,
    /// The change is compared with what it may touch.
    Guard,
    /// The tests run with the change.
    Judge,
    /// The fix is pushed, and a pull request opened.
    Publish,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fetch => "fetch",
            Self::Baseline => "baseline",
            Self::Reproduce => "reproduce",
            Self::Fix => "fix",
            Self::Guard => "guard",
            Self::Judge => "judge",
            Self::Publish => "publish",
        })
    }
}

/// What happens while the agent works.
#[derive(Debug, Clone)]
pub enum News<'a> {
    /// It has claimed an issue: its number, and its title.
    Claimed(i64, &'a str),
    /// A step is done.
    Did(i64, &'a Step),
    /// An attempt has ended.
    Ended(&'a Ended),
    /// Something that the operator should know.
    Trouble(&'a str),
}

/// Why the agent cannot work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The server does not allow it.
    NotAllowed(String),
    /// The server cannot be reached.
    Unreachable(String),
    /// This machine cannot: no sandbox, no git, an unusable configuration.
    Machine(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed(why) | Self::Unreachable(why) | Self::Machine(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}

impl From<logcenter_client::api::Error> for Failure {
    fn from(error: logcenter_client::api::Error) -> Self {
        use logcenter_client::api::Error;
        let text = error.to_string();
        match error {
            Error::Refused(problem) if matches!(problem.status, 401 | 403) => Self::NotAllowed(text),
            Error::Unusable(_) => Self::Machine(text),
            _ => Self::Unreachable(text),
        }
    }
}
