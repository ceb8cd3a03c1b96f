//! [`Issues`](crate::store::Issues).

use super::sample::{HOUR, at, change, force, ids, issue, list, received, record, shop};
use crate::domain::query::{Condition, Test, parse};
use crate::domain::text::{CommitHash, Note};
use crate::domain::{
    Actor, Change, Cursor, EventNumber, Issue, IssueFilter, IssueId, Override, PageRequest, Revision, Scope,
    Sort,
};
use crate::store::{ChangeOutcome, Store};
use logcenter_core::{Level, Status};
use serde_json::{Value, json};

/// Each filter restricts the list to exactly the issues that match it.
pub async fn a_page_is_filtered<S: Store>(store: &S) {
    let cicd = json!({"source": "cicd", "level": "CRITICAL", "environment": "main", "project_id": "other",
        "error": {"type": "TestFailure", "message": "100% of Ünits_fail\\ed", "file_path": null}});
    issue(store, 1, HOUR).await;
    record(
        store,
        vec![received(2, 2 * HOUR, cicd), received(3, 3 * HOUR, json!({"environment": "staging"}))],
    )
    .await;
    record(store, vec![received(3, 4 * HOUR, Value::Null)]).await;
    force(store, IssueId(1), Status::Fixed, 5 * HOUR).await;
    force(store, IssueId(3), Status::Fixed, 5 * HOUR).await;
    record(store, vec![received(3, 6 * HOUR, json!({"version": "2.0"}))]).await;
    let shows = |line: &str| IssueFilter {
        conditions: parse(line, at(7 * HOUR)).conditions().collect(),
        ..IssueFilter::default()
    };
    let scoped = |project: &str| IssueFilter {
        scope: Scope::Projects([project.parse().expect("a project")].into()),
        ..IssueFilter::default()
    };
    let rows: Vec<(IssueFilter, &[&str])> = vec![
        (IssueFilter::default(), &["ValueError 1", "ValueError 3", "TestFailure"]),
        (scoped(shop().as_str()), &["ValueError 1", "ValueError 3"]),
        (scoped("none"), &[]),
    ];
    let lines: Vec<(&str, &[&str])> = vec![
        ("project:shop", &["ValueError 1", "ValueError 3"]),
        ("project:other,none", &["TestFailure"]),
        ("project:none", &[]),
        ("-project:other", &["ValueError 1", "ValueError 3"]),
        ("status:FIXED", &["ValueError 1"]),
        ("status:FIXED,NEW", &["ValueError 1", "ValueError 3", "TestFailure"]),
        ("-status:NEW", &["ValueError 1"]),
        ("is:open", &["ValueError 3", "TestFailure"]),
        ("is:closed", &["ValueError 1"]),
        ("is:new", &["TestFailure"]),
        ("is:regressed", &["ValueError 3"]),
        ("is:waiting-for-deploy,new", &["ValueError 1", "TestFailure"]),
        ("is:in-repair", &[]),
        ("-is:regressed", &["ValueError 1", "TestFailure"]),
        ("source:cicd", &["TestFailure"]),
        ("source:cicd,runtime -level:CRITICAL", &["ValueError 1", "ValueError 3"]),
        ("level:CRITICAL", &["TestFailure"]),
        ("env:staging", &["ValueError 3"]),
        ("env:staging,main", &["ValueError 3", "TestFailure"]),
        ("-env:staging", &["ValueError 1", "TestFailure"]),
        ("env:production", &["ValueError 1", "ValueError 3"]),
        ("env:Production", &[]),
        ("env:\"a\u{0}b\"", &[]),
        ("version:2.0,9", &["ValueError 3"]),
        ("-version:2.0", &["ValueError 1", "TestFailure"]),
        ("version:2", &[]),
        ("since:5h", &["ValueError 3", "TestFailure"]),
        ("until:5h", &["ValueError 1"]),
        ("-until:5h", &["ValueError 3", "TestFailure"]),
        ("first:4h", &["ValueError 3"]),
        ("count:2", &[]),
        ("count:>=3", &["ValueError 3"]),
        ("-count:>1", &["ValueError 1", "TestFailure"]),
        ("type:value file:CART", &["ValueError 1", "ValueError 3"]),
        ("type:test,none", &["TestFailure"]),
        ("-file:cart.py", &["TestFailure"]),
        ("valueerror", &["ValueError 1", "ValueError 3"]),
        ("\"WRONG AT 3\"", &["ValueError 3"]),
        ("3 valueerror \"wrong at\"", &["ValueError 3"]),
        ("wrong valueerror absent", &[]),
        ("cart.py", &["ValueError 1", "ValueError 3"]),
        ("100%", &["TestFailure"]),
        ("s_fail\\ed", &["TestFailure"]),
        ("Ünits", &["TestFailure"]),
        ("ünits", &[]),
        ("nits%fail", &[]),
        ("nitsXfail", &[]),
        ("is:open env:production since:5h wrong -file:views", &["ValueError 3"]),
    ];
    let without = Condition { excluded: true, test: Test::Text("Wrong".into()) };
    let without = IssueFilter { conditions: vec![without], ..IssueFilter::default() };
    let lines = lines.into_iter().map(|(line, expected)| (shows(line), expected));
    for (filter, expected) in rows.into_iter().chain(lines).chain([(without, &["TestFailure"][..])]) {
        let found = list(store, filter.clone(), Sort::FirstSeen).await;
        let mut names: Vec<String> = found
            .iter()
            .map(|issue| match issue.error.line_number {
                Some(line) => format!("{} {line}", issue.error.error_type),
                None => issue.error.error_type.clone(),
            })
            .collect();
        names.sort_unstable();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected, "{filter:?}");
        let fits = |issue: &Issue| filter.conditions.iter().all(|one| one.holds(issue) != Some(false));
        assert!(found.iter().all(fits), "{filter:?}");
    }
    let all = list(store, IssueFilter::default(), Sort::LastSeen).await;
    let among = Some(vec![all[0].id, IssueId(99)]);
    let these = list(store, IssueFilter { among, ..IssueFilter::default() }, Sort::LastSeen).await;
    assert_eq!(ids(&these), [all[0].id.0]);
}

/// The project of an issue, if there is such an issue.
pub async fn an_issue_has_a_project<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    assert_eq!(store.project_of(id).await.expect("read"), Some(shop()));
    assert_eq!(store.project_of(IssueId(77)).await.expect("read"), None);
}

/// Each order is newest or largest first, ties are broken by id, and pages join without gaps or repeats.
pub async fn a_page_has_an_order<S: Store>(store: &S) {
    for line in 1..=9 {
        issue(store, line, 100).await;
    }
    record(store, vec![received(3, 300, Value::Null), received(7, 200, json!({"count": 5}))]).await;
    let orders = [
        (Sort::LastSeen, [3, 7, 9, 8, 6, 5, 4, 2, 1]),
        (Sort::FirstSeen, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        (Sort::Count, [7, 3, 9, 8, 6, 5, 4, 2, 1]),
    ];
    for (sort, expected) in orders {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = PageRequest { sort, limit: 4, after };
            let page = store.issues(IssueFilter::default(), page).await.expect("a page");
            read.extend(page.items.iter().map(|issue| issue.error.line_number.unwrap_or_default()));
            let Some(last) = page.items.last().filter(|_| page.more) else { break };
            after = Some(Cursor { sort, key: sort.key(last), id: last.id });
        }
        assert_eq!(read, expected, "{sort:?}");
    }
}

/// The fields that describe an issue are those of the event received last, whenever it happened.
pub async fn an_issue_shows_its_latest_event<S: Store>(store: &S) {
    /// 2020-01-01: times before 2000 are not believed.
    const DAY: i64 = 1_577_836_800_000;
    let id = issue(store, 1, DAY + 10 * HOUR).await;
    let late = json!({"environment": "staging", "level": "WARNING", "version": "2", "commit_hash": "abc",
        "timestamp": "2020-01-01T05:00:00Z", "context": {"a": [1, null]},
        "error": {"type": "ValueError", "message": "other", "file_path": "shop/cart.py", "line_number": 1,
                  "stack_trace": ["a", "b"]}});
    record(store, vec![received(1, DAY + 20 * HOUR, late)]).await;
    let detail = store.issue(id).await.expect("read").expect("an issue");
    let issue = &detail.issue;
    assert_eq!((issue.environment.as_str(), issue.level), ("staging", Level::Warning));
    assert_eq!((issue.version.as_deref(), issue.commit_hash.as_deref()), (Some("2"), Some("abc")));
    assert_eq!((issue.error.message.as_str(), detail.stack_trace.as_deref()), ("other", Some("a\nb")));
    assert_eq!(detail.context.as_deref(), Some(r#"{"a":[1,null]}"#));
    assert_eq!((issue.first_seen, issue.last_seen), (at(DAY + 5 * HOUR), at(DAY + 10 * HOUR)));
}

/// The first and the newest events of an issue are kept, newest first, each with its own data.
pub async fn events_are_kept_bounded<S: Store>(store: &S) {
    let mut id = IssueId(0);
    for n in 1..=130 {
        let fields = json!({"context": {"n": n}, "event_id": format!("e{n}")});
        id = record(store, vec![received(1, n, fields)]).await[0].id();
    }
    let (mut numbers, mut before) = (Vec::new(), None);
    loop {
        let page = store.events(id, before, 20).await.expect("read").expect("events");
        for event in &page.items {
            let n = event.id.0;
            assert_eq!(event.context.as_deref(), Some(format!("{{\"n\":{n}}}").as_str()));
            assert_eq!((event.event_id.as_deref(), event.at), (Some(format!("e{n}").as_str()), at(n)));
            assert_eq!(event.stack_trace.as_deref(), Some("Traceback\nline 1"));
            numbers.push(n);
        }
        before = page.items.last().filter(|_| page.more).map(|event| event.id);
        if before.is_none() {
            break;
        }
    }
    let expected: Vec<i64> = (81..=130).rev().chain([1]).collect();
    assert_eq!(numbers, expected);
    let first = store.events(id, Some(EventNumber(2)), 10).await.expect("read").expect("events");
    assert_eq!(first.items.len(), 1);
}

/// A status change is made, stale, refused or not found, as the rules say; only one that is made leaves a trace.
pub async fn changes_are_decided_by_the_rules<S: Store>(store: &S) {
    let id = issue(store, 1, 10).await;
    let table = |to| Change { overriding: Override::No, ..change(to) };
    let refused = store.change_status(id, table(Status::Fixed), None, at(20)).await.expect("answered");
    let ChangeOutcome::Refused { issue, allowed } = refused else { panic!("{refused:?}") };
    assert_eq!((issue.issue.status, allowed), (Status::New, vec![Status::Verifying]));
    let stale = Change { expected_revision: Some(Revision(9)), ..table(Status::Verifying) };
    let stale = store.change_status(id, stale, None, at(20)).await.expect("answered");
    assert!(
        matches!(&stale, ChangeOutcome::Stale(issue) if issue.issue.revision == Revision(1)),
        "{stale:?}"
    );
    assert!(store.history(id, None, 10).await.expect("read").expect("a history").items.is_empty());

    let made = Change { expected_revision: Some(Revision(1)), ..table(Status::Verifying) };
    let made = store.change_status(id, made, None, at(30)).await.expect("answered");
    let ChangeOutcome::Changed(detail) = made else { panic!("{made:?}") };
    assert_eq!((detail.issue.status, detail.issue.revision), (Status::Verifying, Revision(2)));
    assert_eq!(detail.stack_trace.as_deref(), Some("Traceback\nline 1"));
    // Counting continues from the new status.
    let counted = record(store, vec![received(1, 40, Value::Null)]).await;
    assert!(matches!(counted[..], [crate::domain::Outcome::Deduplicated { status: Status::Verifying, .. }]));
    let marked = Change { overriding: Override::MarkFixed, ..change(Status::Fixed) };
    let first = store.change_status(id, marked.clone(), None, at(50)).await.expect("answered");
    assert!(matches!(first, ChangeOutcome::Changed(_)), "{first:?}");
    let second = store.change_status(id, marked, None, at(60)).await.expect("answered");
    assert!(matches!(second, ChangeOutcome::Refused { .. }), "{second:?}");
}

/// Every change is kept with all of its fields, newest first, page by page.
pub async fn histories_are_kept<S: Store>(store: &S) {
    let id = issue(store, 1, 10).await;
    let full = Change {
        actor: Actor::person(crate::domain::text::ActorName::read("Ada").expect("short")),
        note: Note::read("by hand").expect("short"),
        commit_hash: CommitHash::read("abc").expect("short"),
        pull_request_url: crate::domain::text::Url::read("https://forge/1").expect("short"),
        ..change(Status::Fixed)
    };
    store.change_status(id, full.clone(), None, at(20)).await.expect("changed");
    force(store, id, Status::Verified, 30).await;
    force(store, id, Status::New, 40).await;
    let first = store.history(id, None, 2).await.expect("read").expect("a history");
    assert!(first.more);
    let statuses: Vec<Status> = first.items.iter().map(|(_, entry)| entry.to).collect();
    assert_eq!(statuses, [Status::New, Status::Verified]);
    let before = first.items.last().map(|(id, _)| *id);
    let rest = store.history(id, before, 2).await.expect("read").expect("a history");
    let [(_, entry)] = &rest.items[..] else { panic!("{rest:?}") };
    assert!(!rest.more);
    assert_eq!((&entry.actor, &entry.note), (&full.actor, &full.note));
    assert_eq!((&entry.commit_hash, &entry.pull_request_url), (&full.commit_hash, &full.pull_request_url));
    assert_eq!((entry.from, entry.at, entry.forced), (Status::New, at(20), true));
}

/// Deleting an issue deletes its events, hours, history and event ids; its fingerprint starts a new issue.
pub async fn what_belongs_to_an_issue_goes_with_it<S: Store>(store: &S) {
    let named = || received(1, HOUR, json!({"event_id": "e"}));
    let id = record(store, vec![named()]).await[0].id();
    let other = issue(store, 2, HOUR).await;
    force(store, id, Status::Fixed, HOUR).await;
    assert!(store.delete_issue(id, at(2 * HOUR)).await.expect("removed"));
    assert!(!store.delete_issue(id, at(2 * HOUR)).await.expect("answered"));
    assert!(store.issue(id).await.expect("read").is_none());
    assert!(store.events(id, None, 1).await.expect("read").is_none());
    assert_eq!(store.stats(Scope::All, at(2 * HOUR)).await.expect("read").hours[0].count, 1);
    let text = IssueFilter::of([Test::Text("wrong at 1".into())]);
    assert!(list(store, text, Sort::LastSeen).await.is_empty());
    let again = record(store, vec![named()]).await;
    assert!(matches!(again[..], [crate::domain::Outcome::Created { .. }]), "{again:?}");
    assert!(store.history(again[0].id(), None, 1).await.expect("read").expect("a history").items.is_empty());
    assert_eq!(store.issue(other).await.expect("read").expect("an issue").issue.count, 1);
}

/// Reading an unknown issue is not an error.
pub async fn unknown_issues_are_none<S: Store>(store: &S) {
    let id = IssueId(404);
    assert!(store.issue(id).await.expect("read").is_none());
    assert!(store.events(id, None, 1).await.expect("read").is_none());
    assert!(store.history(id, None, 1).await.expect("read").is_none());
    assert!(store.issue_stats(id, at(0)).await.expect("read").is_none());
    assert!(store.issue_hours(vec![id], at(0)).await.expect("read").is_empty());
    let outcome = store.change_status(id, change(Status::Fixed), None, at(1)).await.expect("answered");
    assert!(matches!(outcome, ChangeOutcome::NotFound), "{outcome:?}");
}
