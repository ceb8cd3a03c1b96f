//! [`Statistics`](crate::store::Statistics).

use super::sample::{HOUR, at, change, force, issue, received, record};
use crate::domain::query::{Is, Test};
use crate::domain::text::ActorName;
use crate::domain::{Actor, Change, IssueFilter, IssueId, PageRequest, PeriodCount, Scope, Sort};
use crate::store::Store;
use logcenter_core::{ProjectId, Source, Status};
use serde_json::{Value, json};

const DAY: i64 = 24 * HOUR;

fn counts(periods: &[PeriodCount]) -> Vec<(i64, i64)> {
    periods.iter().map(|period| (period.at.millis() / HOUR, period.count)).collect()
}

/// Event counts of an issue by hour, day and environment, exact and in the documented order.
pub async fn an_issue_s_errors_by_time_and_environment<S: Store>(store: &S) {
    let id = issue(store, 1, 30 * HOUR).await;
    let staging = |count| json!({"environment": "staging", "count": count});
    record(store, vec![received(1, 30 * HOUR + 1, staging(4)), received(1, 51 * HOUR, Value::Null)]).await;
    let other = issue(store, 2, 51 * HOUR).await;
    let stats = store.issue_stats(id, at(30 * HOUR)).await.expect("read").expect("an issue");
    assert_eq!(counts(&stats.hours), [(30, 5), (51, 1)]);
    assert_eq!(counts(&stats.days), [(24, 5), (48, 1)]);
    let environments: Vec<_> =
        stats.environments.iter().map(|one| (one.environment.as_str(), one.count, one.last_seen)).collect();
    assert_eq!(environments, [("staging", 4, at(30 * HOUR + 1)), ("production", 2, at(51 * HOUR))]);
    let late = store.issue_stats(id, at(50 * HOUR)).await.expect("read").expect("an issue");
    assert_eq!(counts(&late.hours), [(51, 1)]);
    let hours = store.issue_hours(vec![other, id], at(50 * HOUR)).await.expect("read");
    let hours: Vec<(IssueId, i64)> = hours.iter().map(|(id, hour)| (*id, hour.count)).collect();
    assert_eq!(hours, [(id, 1), (other, 1)]);
}

/// Reports that each name another environment or time add only so many counts, and lose no error.
pub async fn a_client_cannot_add_counts_without_end<S: Store>(store: &S) {
    let now = 10_000 * DAY;
    let named = |number: i64| {
        let timestamp = at(now - number * 40 * HOUR).to_string();
        received(1, now, json!({"environment": format!("branch-{number}"), "timestamp": timestamp}))
    };
    for first in [0, 300] {
        record(store, (first..first + 300).map(named).collect()).await;
    }
    record(store, vec![received(1, now, json!({"environment": "branch-7"}))]).await;
    let stats = store.issue_stats(IssueId(1), at(0)).await.expect("read").expect("an issue");
    let named =
        |name: &str| stats.environments.iter().find(|one| one.environment == name).map(|one| one.count);
    assert_eq!((named("branch-7"), named("branch-599"), named("(other)")), (Some(2), None, Some(344)));
    assert_eq!(stats.hours.iter().map(|hour| hour.count).sum::<i64>(), 601);
    assert!(stats.hours.len() < 100, "{}", stats.hours.len());
}

/// Totals by project, status and source, with events by hour over the last 7 days and by day over the last 90.
pub async fn totals<S: Store>(store: &S) {
    let now = at(100 * DAY);
    issue(store, 1, now.millis() - 95 * DAY).await;
    issue(store, 2, now.millis() - 60 * DAY).await;
    issue(store, 2, now.millis() - HOUR).await;
    record(store, vec![received(3, now.millis(), json!({"project_id": "other", "source": "cicd"}))]).await;
    force(store, IssueId(1), Status::Fixed, now.millis()).await;
    let stats = store.stats(Scope::All, now).await.expect("read");
    assert_eq!((stats.issues, stats.count), (3, 4));
    let projects: Vec<_> =
        stats.projects.iter().map(|one| (one.project_id.as_str(), one.issues, one.count)).collect();
    assert_eq!(projects, [("other", 1, 1), ("shop", 2, 3)]);
    let statuses: Vec<_> = stats.statuses.iter().map(|one| (one.status, one.issues, one.count)).collect();
    assert_eq!(statuses, [(Status::Fixed, 1, 1), (Status::New, 2, 3)]);
    let sources: Vec<_> = stats.sources.iter().map(|one| (one.source, one.issues, one.count)).collect();
    assert_eq!(sources, [(Source::Cicd, 1, 1), (Source::Runtime, 2, 3)]);
    assert_eq!(counts(&stats.hours), [(100 * 24 - 1, 1), (100 * 24, 1)]);
    assert_eq!(counts(&stats.days), [(40 * 24, 1), (99 * 24, 1), (100 * 24, 1)]);

    let other = Scope::Projects(["other".parse().expect("a project")].into());
    let stats = store.stats(other, now).await.expect("read");
    assert_eq!((stats.issues, stats.count, stats.projects.len(), stats.sources.len()), (1, 1, 1, 1));
    assert_eq!(counts(&stats.hours), [(100 * 24, 1)]);
    assert_eq!(counts(&stats.days), [(100 * 24, 1)]);
}

/// How many issues are in each state, of all projects and of one: as many as the list of that state has.
pub async fn issues_by_state<S: Store>(store: &S) {
    for line in 1..=4 {
        issue(store, line, HOUR).await;
    }
    record(store, vec![received(5, HOUR, json!({"project_id": "other"}))]).await;
    force(store, IssueId(1), Status::Fixed, HOUR).await;
    for id in [2, 3] {
        force(store, IssueId(id), Status::Fixed, HOUR).await;
        issue(store, id.cast_unsigned(), 2 * HOUR).await;
    }
    force(store, IssueId(3), Status::Deployed, 3 * HOUR).await;
    let page = PageRequest { sort: Sort::LastSeen, limit: 100, after: None };
    for (project, all) in [(None, 5), (Some("shop"), 4), (Some("nobody"), 0)] {
        let project: Option<ProjectId> = project.map(|id| id.parse().expect("a project"));
        let counts = store.state_counts(project.clone()).await.expect("read").expect("a few");
        assert_eq!(counts.iter().map(|count| count.issues).sum::<i64>(), all);
        for is in Is::ALL {
            let mut tests = vec![Test::Is(vec![is])];
            tests.extend(project.clone().map(|id| Test::Project(vec![id])));
            let filter = IssueFilter {
                conditions: tests.into_iter().map(Test::wanted).collect(),
                ..IssueFilter::default()
            };
            let listed = store.issues(filter, page).await.expect("listed").items.len();
            assert_eq!(
                is.count(&counts),
                i64::try_from(listed).expect("a few"),
                "{is:?} of {project:?}: {counts:?}"
            );
        }
    }
}

/// The counts of the overview: issues by project, status and source, the day's events, new issues and regressions.
pub async fn the_overview<S: Store>(store: &S) {
    let now = 10 * DAY;
    issue(store, 1, now - 3 * DAY).await;
    for line in [2, 3] {
        issue(store, line, now - 2 * DAY).await;
        force(store, IssueId(line.cast_signed()), Status::Fixed, now - DAY - 1).await;
        issue(store, line, now - HOUR).await;
    }
    issue(store, 4, now - HOUR).await;
    let overview = store.overview(at(now), at(now - 2 * DAY)).await.expect("read");
    assert_eq!((overview.new, overview.regressed), (1, vec![IssueId(3), IssueId(2)]));
    force(store, IssueId(1), Status::Deployed, now).await;
    force(store, IssueId(4), Status::Deployed, now).await;
    assert!(store.delete_issue(IssueId(4), at(now)).await.expect("deleted"));
    for _ in 0..2 {
        let counts = store.overview(at(now), at(now)).await.expect("read").counts;
        let counted: Vec<_> = counts.iter().map(|one| (one.status, one.source, one.issues)).collect();
        assert_eq!(counted, [(Status::Deployed, Source::Runtime, 1), (Status::New, Source::Runtime, 2)]);
        store.purge_expired(at(now)).await.expect("purged");
    }
    let hours: Vec<_> = overview.hours.iter().map(|hour| (hour.at.millis() / HOUR, hour.count)).collect();
    assert_eq!(hours, [(8 * 24, 2), (10 * 24 - 1, 3)]);
    let projects: Vec<_> = overview.projects.iter().map(|(id, count)| (id.as_str(), *count)).collect();
    assert_eq!(projects, [("shop", 3)]);
}

/// A person who calls themselves `server` does not cause a regression in the overview.
pub async fn names_do_not_make_a_regression<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    force(store, id, Status::Fixed, HOUR).await;
    let named = Actor::person(Some(ActorName::cut("server")));
    let reopened = Change { actor: named, ..change(Status::New) };
    store.change_status(id, reopened, None, at(HOUR)).await.expect("changed");
    assert_eq!(store.overview(at(2 * HOUR), at(0)).await.expect("read").regressed, []);
}
