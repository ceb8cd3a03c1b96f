//! A realistic week: the issues of `week.json`, spread over the last seven days.

use super::agent::{self, Attempt};
use crate::exit::Failure;
use logcenter_client::api::{Api, Deployment, NewReport, NewReportError, ProjectEdit, StatusChange};
use logcenter_core::{Level, ProjectId, Source, Status, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Deserialize)]
struct Week {
    projects: Vec<Project>,
    issues: Vec<Issue>,
}

#[derive(Deserialize)]
struct Project {
    project_id: ProjectId,
    #[serde(flatten)]
    texts: Map<String, Value>,
}

#[derive(Deserialize, Clone)]
struct Issue {
    project_id: ProjectId,
    source: Source,
    level: Level,
    environment: String,
    version: Option<String>,
    #[serde(default)]
    commit_hash: Option<String>,
    error: NewReportError,
    context: Map<String, Value>,
    /// For how many hours it has been happening.
    since: u32,
    /// How many times an hour it happens, in the middle of the day.
    rate: f64,
    /// The statuses that people changed it to.
    statuses: Vec<Status>,
    /// What an agent left behind when it tried to repair it.
    #[serde(default)]
    attempt: Option<Attempt>,
    /// Whether it regressed after its fix.
    #[serde(default)]
    regress: bool,
    /// Whether a deployment included its fix.
    #[serde(default)]
    deploy: bool,
}

const HOUR_MILLIS: i64 = 60 * 60 * 1000;

/// Pseudo-random numbers that are the same at every start (Knuth, The Art of Computer Programming 2, 3.3.4).
struct Dice(u64);

impl Dice {
    /// A number from 0 to 1.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }
}

fn week() -> Result<Week, Failure> {
    serde_json::from_str(include_str!("week.json"))
        .map_err(|error| Failure::failed(format!("the demo's week cannot be read: {error}")))
}

#[expect(clippy::disallowed_methods, reason = "a demo happens now")]
fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

impl Issue {
    /// A report of one occurrence.
    fn report(&self, at: i64, dice: &mut Dice) -> NewReport {
        let mut context = self.context.clone();
        if self.source == Source::Runtime {
            context.insert("user".into(), format!("u_{}", 10_000 + (dice.roll() * 900.0) as u32).into());
        }
        NewReport {
            project_id: self.project_id.clone(),
            environment: self.environment.clone(),
            level: self.level,
            source: self.source,
            version: self.version.clone(),
            commit_hash: self.commit_hash.clone(),
            repo_url: None,
            timestamp: Some(Timestamp::from_millis(at).to_string()),
            event_id: None,
            error: self.error.clone(),
            context,
        }
    }

    /// How many times it happens in this hour: nights are quieter, and now and then something breaks.
    fn times(&self, hour: i64, dice: &mut Dice) -> u32 {
        let of_day = (hour % 24) as f64 / 24.0;
        let busy = 1.0 - 0.7 * (of_day * std::f64::consts::TAU).cos();
        let burst = if dice.roll() > 0.97 { 6.0 } else { 1.0 };
        (self.rate * busy * burst * 2.0 * dice.roll() + dice.roll() * 0.6) as u32
    }
}

/// Sends the whole week.
pub(super) async fn send(api: &Api) -> Result<(), Failure> {
    let (week, mut dice, now) = (week()?, Dice(7), now());
    for project in &week.projects {
        api.edit_project(&project.project_id, &edit(&project.texts)).await?;
    }
    for issue in &week.issues {
        let mut id = None;
        for ago in (0..i64::from(issue.since)).rev() {
            let hour = now / HOUR_MILLIS - ago;
            let times = issue.times(hour, &mut dice).max(u32::from(ago + 1 == i64::from(issue.since)));
            let mut moments: Vec<f64> = (0..times).map(|_| dice.roll()).collect();
            moments.sort_by(f64::total_cmp);
            for moment in moments {
                let at = hour * HOUR_MILLIS + (moment * HOUR_MILLIS as f64) as i64;
                id = Some(api.report(&issue.report(at.min(now - 30_000), &mut dice)).await?.id);
            }
        }
        if let Some(id) = id {
            follow(api, id, issue, &mut dice).await?;
        }
    }
    Ok(())
}

fn edit(texts: &Map<String, Value>) -> ProjectEdit {
    let text = |name: &str| texts.get(name).and_then(Value::as_str).map(|text| Some(text.to_owned()));
    ProjectEdit {
        name: text("name"),
        repo_url: text("repo_url"),
        local_path: text("local_path"),
        description: text("description"),
        regression_rule: None,
    }
}

/// Applies what people and agents did with an issue.
async fn follow(api: &Api, id: i64, issue: &Issue, dice: &mut Dice) -> Result<(), Failure> {
    let by_agent = |status: &&Status| !matches!(status, Status::Verified | Status::Deployed);
    let agents: Vec<Status> = issue.statuses.iter().take_while(by_agent).copied().collect();
    if !agents.is_empty() {
        agent::work(api, id, &agents, issue.attempt.clone().unwrap_or_default()).await?;
    }
    for &status in &issue.statuses[agents.len()..] {
        let (actor, note) = if status == Status::Verified {
            ("maria", "Looked through it, tried it on staging")
        } else {
            ("wei", "Went out with the release")
        };
        let (actor, note) = (Some(actor.into()), Some(note.into()));
        api.change(id, &StatusChange { actor, note, ..StatusChange::to(status) }).await?;
    }
    if issue.deploy {
        let deployment = Deployment {
            project_id: issue.project_id.clone(),
            environment: issue.environment.clone(),
            commit_hash: Some(agent::COMMIT.into()),
            commits: Vec::new(),
            version: Some("5.2.2".into()),
        };
        api.deploy(&deployment).await?;
    }
    if issue.regress {
        api.report(&issue.report(now(), dice)).await?;
    }
    Ok(())
}

/// Sends another error every few seconds, for as long as the demo runs.
#[expect(clippy::disallowed_methods, reason = "a demo goes on in its own time")]
pub(super) async fn go_on(api: &Api) {
    let Ok(week) = week() else { return };
    let open: Vec<Issue> = week.issues.into_iter().filter(|issue| issue.statuses.len() < 3).collect();
    let mut dice = Dice(now().unsigned_abs());
    loop {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let at = (dice.roll() * open.len() as f64) as usize;
        let Some(issue) = open.get(at) else { continue };
        let report = issue.report(now(), &mut dice);
        if let Err(error) = api.report(&report).await {
            tracing::debug!(%error, "the demo's error was not taken");
        }
    }
}
