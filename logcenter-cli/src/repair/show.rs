//! What an agent shows: to people a line per step, to machines a line of JSON per attempt.

use super::args::Output;
use crate::output::{printable, say, show_line};
use logcenter_repair::{Check, News, Outcome};
use std::io::Write;

pub(super) fn news(output: Output, news: &News<'_>) {
    match (output, news) {
        (_, News::Trouble(why)) => say(why),
        (Output::Json, News::Ended(ended)) => show_line(ended),
        (Output::Json, News::Claimed(..) | News::Did(..)) => {}
        (Output::Text, News::Claimed(issue, title)) => print(&format!("issue {issue}  {title}")),
        (Output::Text, News::Did(issue, step)) => {
            print(&format!("issue {issue}  {:<9}  {:>7.1} s  {}", step.name, step.seconds, step.text));
        }
        (Output::Text, News::Ended(ended)) => {
            let status = ended.status.map_or("status unknown", |status| status.as_str());
            let reason = ended.reason.lines().collect::<Vec<_>>().join("\n  ");
            print(&format!("issue {}  {status}, {}: {reason}", ended.issue, ended.verdict));
            ended.tail.lines().for_each(|line| print(&format!("  | {line}")));
        }
    }
}

pub(super) fn checks(output: Output, checks: &[Check]) {
    for check in checks {
        if output == Output::Json {
            show_line(check);
            continue;
        }
        let outcome = match check.outcome {
            Outcome::Ok => "ok",
            Outcome::Warn => "warn",
            Outcome::Fail => "FAIL",
        };
        print(&format!("{outcome:<4}  {}: {}", check.subject, check.text.replace('\n', "\n      ")));
    }
}

fn print(line: &str) {
    // A reader that is gone (`| head`) is not a failure.
    let _ = writeln!(std::io::stdout(), "{}", printable(line));
}
