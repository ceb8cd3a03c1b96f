//! Both stores hold the same after the same operations.

use super::sample::{DAY, agent, batch, claim, forced, received_at};
use crate::harness::eventually;
use crate::harness::postgres::Database;
use logcenter_core::repair::Stage;
use logcenter_core::{Level, Source, Status, Timestamp};
use logcenter_server::domain::query::{Comparison, Is, Test};
use logcenter_server::domain::repair::{AttemptUpdate, Cost, LeaseProof};
use logcenter_server::domain::text::{Environment, Hint, Version};
use logcenter_server::domain::{
    Actor, Change, Deployment, DeploymentFilter, IssueFilter, IssueId, PageRequest, RetentionStep, Scope,
    Sort,
};
use logcenter_server::store::transfer::{Location, copy};
use logcenter_server::store::{BatchId, Store, Upkeep};
use logcenter_server::{Postgres, Retention, SecretHash, Sqlite};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::fmt::Write;

/// What is done to a store; numbers stand for lines, issues, and so on.
#[derive(Debug, Clone)]
enum Operation {
    Record { line: u64, times: u64, field: u8 },
    Change { issue: i64, status: usize, is_forced: bool },
    Deploy { environment: bool },
    Delete { issue: i64 },
    Claim,
    Attempt { issue: i64, last_claim: bool },
    Heartbeat { issue: i64 },
    Release { issue: i64 },
    Request { issue: i64 },
    Expire,
    Retain { issues: bool },
    Purge,
    DeleteProject,
}

fn operation() -> impl Strategy<Value = Operation> {
    let issue = 1..7_i64;
    prop_oneof![
        8 => (0..6_u64, 1..70_u64, any::<u8>()).prop_map(|(line, times, field)| Operation::Record { line, times, field }),
        4 => (issue.clone(), 0..Status::ALL.len(), any::<bool>())
            .prop_map(|(issue, status, is_forced)| Operation::Change { issue, status, is_forced }),
        1 => any::<bool>().prop_map(|environment| Operation::Deploy { environment }),
        1 => issue.clone().prop_map(|issue| Operation::Delete { issue }),
        3 => Just(Operation::Claim),
        2 => (issue.clone(), any::<bool>()).prop_map(|(issue, last_claim)| Operation::Attempt { issue, last_claim }),
        1 => issue.clone().prop_map(|issue| Operation::Heartbeat { issue }),
        1 => issue.clone().prop_map(|issue| Operation::Release { issue }),
        1 => issue.prop_map(|issue| Operation::Request { issue }),
        1 => Just(Operation::Expire),
        2 => any::<bool>().prop_map(|issues| Operation::Retain { issues }),
        1 => Just(Operation::Purge),
        1 => Just(Operation::DeleteProject),
    ]
}

/// Does the `at`th operation; returns what was answered.
async fn apply<S: Store>(store: &S, at: usize, operation: &Operation) -> String {
    // Two operations are five hours and a bit apart.
    let millis = i64::try_from(at).unwrap() * 18_000_123 + 1000;
    let now = Timestamp::from_millis(millis);
    let proof = |at: usize| LeaseProof(SecretHash::of(&format!("{at}")));
    match operation.clone() {
        Operation::Record { line, times, field } => {
            let fields = |n: u64| match (field, n % 5) {
                (0..60, 0) => json!({"event_id": format!("event {line} {n}"), "version": format!("1.{n}")}),
                (60..100, 1) => json!({"environment": format!("staging {}", n % 3), "level": "WARNING"}),
                (100..140, 2) => {
                    json!({"timestamp": Timestamp::from_millis(millis - 40 * DAY * i64::from(field % 3)).to_string()})
                }
                (140..180, 3) => {
                    json!({"commit_hash": "abc", "repo_url": "https://example.com/x", "count": 3})
                }
                (180..200, 4) => json!({"project_id": "other", "context": {"n": n}}),
                _ => json!({}),
            };
            let reports = batch((0..times).map(|n| received_at(line, millis, fields(n))).collect());
            format!("{:?}", store.record(BatchId(u128::from(at as u64)), reports.only()).await)
        }
        Operation::Change { issue, status, is_forced } => {
            let to = Status::ALL[status];
            let change = if is_forced { forced(to) } else { Change::to(to, Actor::person(None)) };
            format!("{:?}", store.change_status(IssueId(issue), change, None, now).await)
        }
        Operation::Deploy { environment } => {
            let environment = if environment { "production" } else { "staging 1" };
            let deployment = Deployment {
                project_id: "rtc_backend".parse().unwrap(),
                environment: Environment::cut(environment),
                commits: Vec::new(),
                version: Some(Version::cut("1.5")),
                actor: Actor::person(None),
            };
            format!("{:?}", store.deploy(deployment, now).await)
        }
        Operation::Delete { issue } => format!("{:?}", store.delete_issue(IssueId(issue), now).await),
        Operation::Claim => format!("{:?}", store.claim(claim(&format!("{at}")), now).await),
        Operation::Attempt { issue, last_claim } => {
            let update = AttemptUpdate {
                stage: Stage::Verify,
                verdict: None,
                reason: None,
                base_commit: None,
                base_branch: None,
                commit_hash: None,
                branch: None,
                pull_request_url: None,
                cost: Cost { usd: Some(0.5), tokens: Some(7), seconds: None },
                artifacts: Vec::new(),
            };
            let claimed = if last_claim { at.saturating_sub(1) } else { 3 };
            format!("{:?}", store.update_attempt(IssueId(issue), proof(claimed), update, now).await)
        }
        Operation::Heartbeat { issue } => {
            format!("{:?}", store.heartbeat(IssueId(issue), proof(at.saturating_sub(1)), now).await)
        }
        Operation::Release { issue } => {
            let proof = proof(at.saturating_sub(1));
            format!("{:?}", store.release(IssueId(issue), proof, agent(), None, now).await)
        }
        Operation::Request { issue } => {
            format!("{:?}", store.request_repair(IssueId(issue), Some(Hint::cut("look there")), now).await)
        }
        Operation::Expire => format!("{:?}", store.expire_leases(now).await),
        Operation::Retain { issues } => {
            let issues_millis = issues.then_some(DAY);
            let retention = Retention { hours_millis: 7 * DAY, issues_millis };
            let later = Timestamp::from_millis(millis + 3 * DAY);
            let mut step = Some(RetentionStep::FIRST);
            while let Some(next) = step {
                step = store.retain(retention, next, later).await.unwrap();
            }
            String::new()
        }
        Operation::Purge => {
            while store.purge_expired(now).await.unwrap() {}
            String::new()
        }
        Operation::DeleteProject => {
            format!("{:?}", store.delete_project("other".parse().unwrap(), now).await)
        }
    }
}

/// Everything that can be read of a store.
pub(super) async fn read_models<S: Store>(store: &S, now: Timestamp) -> String {
    let mut text = String::new();
    let all = PageRequest { sort: Sort::LastSeen, limit: 200, after: None };
    for sort in Sort::ALL {
        for filter in [
            IssueFilter::default(),
            IssueFilter::of([Test::Environment(vec!["staging 1".into()])]),
            IssueFilter::of([Test::Text("WRONG".into()), Test::Text("at 3".into())]),
            IssueFilter::of([Test::Level(vec![Level::Error]), Test::Source(vec![Source::Runtime])]),
            IssueFilter::of([Test::Status(vec![Status::New]), Test::Project(vec!["other".parse().unwrap()])]),
            IssueFilter::of([
                Test::Is(vec![Is::Regressed, Is::WaitingForDeploy]),
                Test::Version(vec!["2".into()]),
            ]),
            IssueFilter::of([Test::Count(Comparison::Above, 1), Test::File(vec!["CART".into()])]),
        ] {
            let _ = writeln!(
                text,
                "{:?}",
                store.issues(filter, PageRequest { sort, limit: 3, after: None }).await
            );
        }
    }
    let epoch = Timestamp::from_millis(0);
    for id in store.issues(IssueFilter::default(), all).await.unwrap().items.into_iter().map(|issue| issue.id)
    {
        let _ = writeln!(text, "{:?}", store.issue(id).await);
        let _ = writeln!(text, "{:?}", store.events(id, None, 60).await);
        let _ = writeln!(text, "{:?}", store.history(id, None, 100).await);
        let _ = writeln!(text, "{:?}", store.issue_stats(id, epoch).await);
        let _ = writeln!(text, "{:?}", store.issue_hours(vec![id], epoch).await);
        let _ = writeln!(text, "{:?}", store.repair(id).await);
        let _ = writeln!(text, "{:?}", store.attempts(id, None, 100).await);
    }
    let _ = writeln!(text, "{:?}", store.projects().await);
    let _ = writeln!(text, "{:?}", store.deployments(DeploymentFilter::default(), None, 200).await);
    let _ = writeln!(text, "{:?}", store.stats(Scope::All, now).await);
    let _ = writeln!(text, "{:?}", store.overview(now, epoch).await);
    text
}

#[test]
fn the_same_operations_lead_to_the_same() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let operations = prop::collection::vec(operation(), 1..40);
    let tested = runner.run(&operations, |operations| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let sqlite = Sqlite::open(folder.path().join("same.db")).unwrap();
            let database = Database::create().await;
            let postgres = Postgres::connect(&database.address()).await.unwrap();
            the_same_happens(&sqlite, &postgres, 0, &operations).await
        })
    });
    tested.unwrap();
}

/// Does operations on both, with the same answers, and compares what can be read of them.
async fn the_same_happens<S: Store, T: Store>(
    one: &S,
    other: &T,
    begin: usize,
    operations: &[Operation],
) -> Result<(), TestCaseError> {
    for (at, operation) in (begin..).zip(operations) {
        let (one, other) = (apply(one, at, operation).await, apply(other, at, operation).await);
        prop_assert_eq!(one, other, "{:?}", operation);
    }
    let now = Timestamp::from_millis(i64::try_from(begin + operations.len()).unwrap() * 18_000_123);
    let (one, other) = (read_models(one, now).await, read_models(other, now).await);
    for (one, other) in one.lines().zip(other.lines()) {
        prop_assert_eq!(one, other);
    }
    Ok(())
}

/// Opens a file that was closed. A process that another test starts at that moment holds the lock until it runs its program.
async fn once_free<T, E: std::fmt::Display>(open: impl AsyncFn() -> Result<T, E>) -> T {
    eventually("the file is free", || async { open().await.map_err(|error| eprintln!("{error}")).ok() }).await
}

#[test]
fn a_copy_is_the_same_and_goes_on_alike() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let record = |times, field| Operation::Record { line: 5, times, field };
    let emptied = [
        [record(42, 68), Operation::Claim, Operation::Claim],
        [
            Operation::Change { issue: 1, status: 7, is_forced: true },
            Operation::Retain { issues: true },
            record(17, 54),
        ],
        [record(29, 201), record(14, 157), Operation::Purge],
    ];
    runtime.block_on(copied_there_and_back(&emptied.concat())).unwrap();
    // Reports that are counted and not written yet belong to an issue that is emptied.
    let record = |line, times, field| Operation::Record { line, times, field };
    let change = |issue, status| Operation::Change { issue, status, is_forced: true };
    let counted = vec![
        record(0, 5, 111),
        record(3, 9, 159),
        change(5, 4),
        Operation::Release { issue: 3 },
        Operation::Request { issue: 6 },
        change(2, 5),
        record(2, 20, 63),
        change(2, 2),
        record(3, 17, 248),
        record(3, 47, 29),
        Operation::Retain { issues: true },
        Operation::Attempt { issue: 6, last_claim: false },
        Operation::Claim,
        Operation::Claim,
        record(1, 54, 233),
        Operation::Deploy { environment: false },
        record(1, 16, 94),
        Operation::Heartbeat { issue: 6 },
    ];
    runtime.block_on(copied_there_and_back(&counted)).unwrap();
    let mut runner = TestRunner::new(Config { cases: 15, failure_persistence: None, ..Config::default() });
    let operations = prop::collection::vec(operation(), 1..60);
    let tested = runner.run(&operations, |operations| runtime.block_on(copied_there_and_back(&operations)));
    tested.unwrap();
}

/// Copies a file into a database after a third of the operations, and back into another file after two thirds.
async fn copied_there_and_back(operations: &[Operation]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let [path, back] = ["from.db", "back.db"].map(|name| folder.path().join(name));
    let sqlite = Sqlite::open(&path).unwrap();
    let third = operations.len() / 3;
    for (at, operation) in operations[..third].iter().enumerate() {
        apply(&sqlite, at, operation).await;
    }
    Upkeep::close(&sqlite).await.unwrap();
    drop(sqlite);
    let database = Database::create().await;
    let [from, to, and_back] =
        [Location::File(path.clone()), Location::Postgres(database.address()), Location::File(back.clone())];
    once_free(async || copy(&from, &to, &mut |_| ()).await).await;
    let sqlite = once_free(async || Sqlite::open(&path)).await;
    let postgres = Postgres::connect(&database.address()).await.unwrap();
    the_same_happens(&sqlite, &postgres, third, &operations[third..2 * third]).await?;
    once_free(async || copy(&to, &and_back, &mut |_| ()).await).await;
    let again = once_free(async || Sqlite::open(&back)).await;
    the_same_happens(&again, &postgres, 2 * third, &operations[2 * third..]).await
}
