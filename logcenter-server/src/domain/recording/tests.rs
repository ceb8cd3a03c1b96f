use super::*;
use crate::domain::fix;
use crate::domain::ids::{EventNumber, IssueId, Revision};
use crate::domain::issue_event::IssueEventKind;
use crate::domain::received::{Outcome, ReceivedReport};
use crate::domain::text::Url;
use logcenter_core::status::Role;
use logcenter_core::{ProjectId, RegressionRule, Status, Timestamp};
use std::collections::HashMap;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_577_836_800_000 + millis)
}

/// A report received at second 100; `fields` are additional members of its JSON.
fn received(line: u32, fields: &str) -> ReceivedReport {
    let json = format!(
        r#"{{"project_id": "shop", "environment": "production", "level": "ERROR",
            "error": {{"type": "E", "message": "m", "file_path": "a.rs", "line_number": {line}}} {fields}}}"#
    );
    let report = logcenter_core::Report::from_json(json.as_bytes()).unwrap();
    ReceivedReport { report, received_at: at(100_000), trusted: false }
}

const KNOWN_PROJECT: ProjectState = ProjectState { rule: RegressionRule::Any, has_repo_url: true };

fn known(state: IssueState, project: Option<ProjectState>) -> KnownIssue {
    KnownIssue { state, releases: Vec::new(), project }
}

fn fresh(id: i64, batch: &[ReceivedReport]) -> IssueState {
    IssueState::new(IssueId(id), batch[0].at())
}

/// An issue that was fixed at second 50 after one report.
fn fixed(status: Status) -> IssueState {
    let fix = fix::after_move(None, Status::New, status, None, None, at(50_000));
    let state = IssueState::new(IssueId(7), at(10_000));
    IssueState { status, revision: Revision(3), count: 1, events: EventNumber(1), fix, ..state }
}

fn plan_one(batch: &[ReceivedReport], known: KnownIssue) -> (Vec<Outcome>, IssueState) {
    let sorted = sort(batch, &HashMap::new());
    let mut plan = plan(&sorted, vec![known], 50);
    (plan.outcomes, plan.issues.remove(0).state)
}

#[test]
fn the_first_report_creates_and_the_others_are_counted() {
    let batch = [received(1, ""), received(1, r#", "count": 4"#)];
    let (outcomes, state) = plan_one(&batch, known(fresh(7, &batch), Some(KNOWN_PROJECT)));
    let id = IssueId(7);
    assert_eq!(outcomes, [Outcome::Created { id }, Outcome::Deduplicated { id, status: Status::New }]);
    assert_eq!((state.count, state.events), (5, EventNumber(2)));
}

#[test]
fn outcomes_are_in_the_order_of_the_batch_whatever_the_fingerprints() {
    let batch: Vec<_> = [3, 1, 2, 1].map(|line| received(line, "")).into();
    let sorted = sort(&batch, &HashMap::new());
    let known: Vec<_> = sorted
        .groups
        .iter()
        .map(|group| {
            let line = group.first().report.line_number.unwrap();
            known(IssueState::new(IssueId(line as i64), at(0)), Some(KNOWN_PROJECT))
        })
        .collect();
    let ids: Vec<i64> = plan(&sorted, known, 50).outcomes.iter().map(|outcome| outcome.id().0).collect();
    assert_eq!(ids, [3, 1, 2, 1]);
    assert_eq!(sorted.groups.len(), 3);
}

#[test]
fn an_issue_is_seen_from_the_earliest_to_the_latest_event_but_never_in_the_future() {
    let batch = [
        received(1, r#", "timestamp": "2020-01-01T00:00:20Z""#),
        received(1, r#", "timestamp": "2020-01-01T00:00:05Z""#),
        received(1, r#", "timestamp": "2030-01-01T00:00:00Z""#),
    ];
    let sorted = sort(&batch, &HashMap::new());
    let plan = plan(&sorted, vec![known(fresh(7, &batch), Some(KNOWN_PROJECT))], 50);
    let state = &plan.issues[0].state;
    assert_eq!((state.first_seen, state.last_seen), (at(5_000), at(100_000)));
    assert!(plan.issues[0].begins_earlier);
}

#[test]
fn a_report_of_a_fixed_issue_reopens_it_and_the_history_says_so() {
    for status in [Status::Fixed, Status::Verified, Status::Deployed] {
        let batch = [received(1, r#", "commit_hash": "abc""#), received(1, "")];
        let sorted = sort(&batch, &HashMap::new());
        let plan = plan(&sorted, vec![known(fixed(status), Some(KNOWN_PROJECT))], 50);
        let id = IssueId(7);
        assert_eq!(
            plan.outcomes,
            [Outcome::Regressed { id }, Outcome::Deduplicated { id, status: Status::New }]
        );
        let issue = &plan.issues[0];
        assert_eq!((issue.state.status, issue.state.regressions), (Status::New, 1));
        assert_eq!((issue.state.revision, &issue.state.fix), (Revision(4), &None));
        assert_eq!(issue.announcement, IssueEventKind::Regressed);
        let [entry] = &issue.history[..] else { panic!("{:?}", issue.history) };
        assert!(entry.is_regression());
        assert_eq!((entry.from, entry.to, entry.at), (status, Status::New, at(100_000)));
        assert_eq!((&*entry.actor.name, entry.actor.role), ("server", Role::Server));
        assert_eq!(entry.note.as_deref(), Some("Regression detected"));
        assert_eq!(entry.commit_hash.as_deref(), Some("abc"));
    }
}

#[test]
fn a_report_of_an_issue_without_a_fix_only_counts() {
    for &status in Status::ALL.iter().filter(|status| !status.has_fix()) {
        let (outcomes, state) = plan_one(&[received(1, "")], known(fixed(status), Some(KNOWN_PROJECT)));
        assert_eq!(outcomes, [Outcome::Deduplicated { id: IssueId(7), status }]);
        assert_eq!((state.revision, state.regressions, state.count), (Revision(3), 0, 2));
    }
}

#[test]
fn a_replayed_report_from_before_the_fix_only_counts() {
    let replayed = r#", "event_id": "e", "timestamp": "2020-01-01T00:00:40Z""#;
    let unnamed = r#", "timestamp": "2020-01-01T00:00:40Z""#;
    for (fields, reopens) in [(replayed, false), (unnamed, true)] {
        let (_, state) = plan_one(&[received(1, fields)], known(fixed(Status::Fixed), Some(KNOWN_PROJECT)));
        assert_eq!(state.status == Status::New, reopens, "{fields}");
    }
}

#[test]
fn a_pull_request_on_its_way_holds_the_fix() {
    let mut state = fixed(Status::Verified);
    state.fix.as_mut().unwrap().pull_request_url = Some(Url::cut("https://forge/1"));
    let (outcomes, _) = plan_one(&[received(1, "")], known(state, Some(KNOWN_PROJECT)));
    assert_eq!(outcomes, [Outcome::Deduplicated { id: IssueId(7), status: Status::Verified }]);
}

#[test]
fn under_new_release_a_release_that_showed_the_error_before_the_fix_only_counts() {
    let project = ProjectState { rule: RegressionRule::NewRelease, ..KNOWN_PROJECT };
    let seen = |first_seen| vec![SeenRelease { release: "1.0".into(), first_seen: at(first_seen) }];
    for (releases, reopens) in [(seen(49_999), false), (seen(50_000), true), (Vec::new(), true)] {
        let known = KnownIssue { state: fixed(Status::Fixed), releases, project: Some(project) };
        let (_, state) = plan_one(&[received(1, r#", "version": "1.0""#)], known);
        assert_eq!(state.status == Status::New, reopens);
    }
    assert!(fixed(Status::Fixed).depends_on_releases(RegressionRule::NewRelease));
    assert!(!fixed(Status::Fixed).depends_on_releases(RegressionRule::Any));
    assert!(!fixed(Status::New).depends_on_releases(RegressionRule::NewRelease));
}

#[test]
fn a_repeat_is_answered_with_its_issue_and_counts_nothing() {
    let batch = [
        received(1, r#", "event_id": "a""#),
        received(1, r#", "event_id": "a""#),
        received(2, r#", "event_id": "b""#),
        received(1, r#", "event_id": "c""#),
    ];
    let project: ProjectId = "shop".parse().unwrap();
    let before = Recorded { id: IssueId(9), status: Status::Verifying };
    let recorded = HashMap::from([((&project, "b"), before)]);
    let sorted = sort(&batch, &recorded);
    assert_eq!(event_keys(&batch).map(|(_, id)| id).collect::<Vec<_>>(), ["a", "a", "b", "c"]);
    let plan = plan(&sorted, vec![known(fixed(Status::Fixed), Some(KNOWN_PROJECT))], 50);
    let id = IssueId(7);
    let counted = Outcome::Deduplicated { id, status: Status::New };
    let repeated = Outcome::Deduplicated { id: IssueId(9), status: Status::Verifying };
    assert_eq!(plan.outcomes, [Outcome::Regressed { id }, counted, repeated, counted]);
    assert_eq!((plan.issues.len(), plan.issues[0].state.count), (1, 3));
}

#[test]
fn a_repeat_is_answered_with_the_status_after_the_batch() {
    let batch = [received(1, ""), received(1, r#", "event_id": "a""#), received(1, r#", "event_id": "a""#)];
    for status in [Status::Verifying, Status::CannotReproduce] {
        let (outcomes, _) = plan_one(&batch, known(fixed(status), Some(KNOWN_PROJECT)));
        assert_eq!(outcomes[2], Outcome::Deduplicated { id: IssueId(7), status });
    }
    let project: ProjectId = "shop".parse().unwrap();
    let before = Recorded { id: IssueId(7), status: Status::Fixed };
    let recorded = HashMap::from([((&project, "a"), before)]);
    let sorted = sort(&batch, &recorded);
    let plan = plan(&sorted, vec![known(fixed(Status::Fixed), Some(KNOWN_PROJECT))], 50);
    assert_eq!(plan.outcomes[1], Outcome::Deduplicated { id: IssueId(7), status: Status::New });
}

#[test]
fn the_same_event_id_in_two_projects_is_two_events() {
    let mut other = received(1, r#", "event_id": "a""#);
    let json = r#"{"project_id": "other", "environment": "p", "level": "ERROR", "event_id": "a",
                   "error": {"type": "E", "message": "m"}}"#;
    other.report = logcenter_core::Report::from_json(json.as_bytes()).unwrap();
    let batch = [received(1, r#", "event_id": "a""#), other];
    assert_eq!(sort(&batch, &HashMap::new()).groups.len(), 2);
}

#[test]
fn the_first_event_and_the_newest_are_kept() {
    let batch: Vec<_> = (0..5).map(|_| received(1, "")).collect();
    let sorted = sort(&batch, &HashMap::new());
    let kept = |state: IssueState, kept_events| {
        let plan = plan(&sorted, vec![known(state, Some(KNOWN_PROJECT))], kept_events);
        let numbers = plan.issues[0].kept(&sorted.groups[0]).map(|(number, _)| number.0);
        (numbers.collect::<Vec<_>>(), plan.issues[0].keeps_all())
    };
    assert_eq!(kept(fresh(7, &batch), 2), (vec![1, 4, 5], false));
    assert_eq!(kept(fresh(7, &batch), 5), (vec![1, 2, 3, 4, 5], true));
    assert_eq!(kept(IssueState { events: EventNumber(10), ..fresh(7, &batch) }, 2), (vec![14, 15], false));
    let shown = sorted.groups[0].latest();
    assert!(std::ptr::eq(shown, &batch[4]));
}

#[test]
fn an_unknown_project_is_created_and_an_empty_repository_filled() {
    let url = r#", "repo_url": "https://git/shop""#;
    let batch = [received(1, ""), received(2, url), received(2, r#", "repo_url": "https://git/late""#)];
    let plan_with = |project: Option<ProjectState>| {
        let sorted = sort(&batch, &HashMap::new());
        let known = (1..=2).map(|id| known(fresh(id, &batch), project)).collect();
        let plan = plan(&sorted, known, 50);
        plan.projects.into_iter().map(|one| (one.creates, one.repo_url)).collect::<Vec<_>>()
    };
    let filled = Some(Url::cut("https://git/shop"));
    assert_eq!(plan_with(None), [(true, filled.clone())]);
    assert_eq!(plan_with(Some(ProjectState { has_repo_url: false, ..KNOWN_PROJECT })), [(false, filled)]);
    assert_eq!(plan_with(Some(KNOWN_PROJECT)), []);
}

#[test]
fn releases_are_remembered_when_they_change() {
    let batch = [
        received(1, r#", "version": "1", "commit_hash": "a""#),
        received(1, r#", "version": "1", "commit_hash": "a""#),
        received(1, r#", "version": "2", "commit_hash": "a""#),
    ];
    let sorted = sort(&batch, &HashMap::new());
    let plan = plan(&sorted, vec![known(fresh(7, &batch), Some(KNOWN_PROJECT))], 50);
    let releases: Vec<&str> = plan.issues[0].releases.iter().map(|(release, _)| *release).collect();
    assert_eq!(releases, ["1", "a", "2", "a"]);
    assert_eq!(plan.issues[0].state.version.as_deref(), Some("2"));
}

#[test]
fn what_is_announced_is_what_matters_most() {
    let announced = |state| {
        let batch = [received(1, ""), received(1, "")];
        let sorted = sort(&batch, &HashMap::new());
        plan(&sorted, vec![known(state, Some(KNOWN_PROJECT))], 50).issues[0].announcement
    };
    assert_eq!(announced(IssueState::new(IssueId(7), at(0))), IssueEventKind::Created);
    assert_eq!(announced(fixed(Status::Deployed)), IssueEventKind::Regressed);
    assert_eq!(announced(fixed(Status::PendingFix)), IssueEventKind::Counted);
}
