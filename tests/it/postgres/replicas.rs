//! Several replicas on one database, whose connections break: all is counted, and nothing twice.

use super::sample::{DAY, batch, claim, deployed, received};
use crate::harness::eventually;
use crate::harness::postgres::{Database, psql, psql_in};
use logcenter_core::Timestamp;
use logcenter_server::domain::{IssueEventKind, IssueFilter, IssueId, Outcome, PageRequest, Scope, Sort};
use logcenter_server::store::{Batch, BatchId, Issues, Outbox, Repairs, Reports, Statistics, Upkeep};
use logcenter_server::{Postgres, StoreError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const REPLICAS: u64 = 4;
const LINES: u64 = 30;

async fn replicas(database: &Database) -> Vec<Arc<Postgres>> {
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(Arc::new(Postgres::connect(&database.address()).await.unwrap()));
    }
    replicas
}

/// Records a batch as the queue does: again, under the same id, until it is known what became of it.
async fn record(store: &Postgres, id: u128, batch: &Batch) -> Vec<Outcome> {
    eventually("a batch is recorded", || async {
        match store.record(BatchId(id), batch.clone().only()).await {
            Ok(outcomes) => Some(outcomes),
            Err(StoreError::Unavailable(_) | StoreError::UnknownOutcome(_)) => None,
            Err(error) => panic!("{error}"),
        }
    })
    .await
}

async fn issues(store: &Postgres) -> Vec<logcenter_server::domain::Issue> {
    let page = PageRequest { sort: Sort::LastSeen, limit: 200, after: None };
    store.issues(IssueFilter::default(), page).await.unwrap().items
}

/// A batch does not wait for an issue that another replica records: it lets go, and takes what has arrived until its turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_grows_while_it_waits_for_its_turn() {
    let database = Database::create().await;
    let store = Postgres::connect(&database.address()).await.unwrap();
    for line in [1, 2] {
        record(&store, line.into(), &batch(vec![received(line, json!({}))])).await;
    }
    let name = database.name.clone();
    let held = std::thread::spawn(move || {
        psql_in(&name, "BEGIN; SELECT FROM issues WHERE id = 2 FOR UPDATE; SELECT pg_sleep(2); COMMIT")
    });
    let holding =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'";
    eventually("the issue is held", || async {
        (psql_in(&database.name, holding).trim() == "1").then_some(())
    })
    .await;
    let mut arrived = Vec::new();
    let next = move || {
        arrived.push(received(1, json!({})));
        batch([&arrived[..], &[received(2, json!({}))]].concat())
    };
    let outcomes = store.record(BatchId(3), Box::new(next)).await.unwrap();
    held.join().unwrap();
    assert_eq!(outcomes.iter().map(|outcome| outcome.id().0).collect::<Vec<_>>(), [1, 1, 2]);
    let counts: BTreeMap<i64, i64> =
        issues(&store).await.into_iter().map(|issue| (issue.id.0, issue.count)).collect();
    assert_eq!(counts, BTreeMap::from([(1, 3), (2, 2)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_they_acknowledge_is_counted_once_however_often_connections_break() {
    let database = Database::create().await;
    let replicas = replicas(&database).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let saboteur = std::thread::spawn({
        let (is_over, name) = (Arc::clone(&is_over), database.name.clone());
        move || {
            let mut broken = 0;
            while !is_over.load(Ordering::Relaxed) {
                let ended = psql(&format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND random() < 0.2"
                ));
                broken += ended.lines().count();
            }
            broken
        }
    });
    let mut recorders = Vec::new();
    for (at, store) in (0..REPLICAS).zip(&replicas) {
        let store = Arc::clone(store);
        recorders.push(tokio::spawn(async move {
            let mut created = Vec::new();
            for round in 0..25 {
                let report = |n: u64| {
                    let line = (n * 7 + round + at) % LINES;
                    // Every event is sent to two replicas.
                    let event = format!("{} {round} {n}", at / 2);
                    let environment = if n.is_multiple_of(3) { "staging" } else { "production" };
                    received(
                        (n * 7 + round) % LINES,
                        json!({"event_id": event, "environment": environment, "count": 1 + line % 2}),
                    )
                };
                let batch = batch((0..20).map(report).collect());
                for outcome in record(&store, u128::from(at * 1000 + round), &batch).await {
                    if let Outcome::Created { id } = outcome {
                        created.push(id);
                    }
                }
            }
            created
        }));
    }
    let mut created = Vec::new();
    for recorder in recorders {
        created.extend(recorder.await.unwrap());
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(saboteur.join().unwrap() > 0, "no connection was broken");

    let store = &replicas[0];
    let all = eventually("the database answers", || async {
        let page = PageRequest { sort: Sort::Count, limit: 200, after: None };
        store.issues(IssueFilter::default(), page).await.ok()
    })
    .await
    .items;
    let ids: BTreeSet<IssueId> = all.iter().map(|issue| issue.id).collect();
    assert_eq!(ids, (1..=30).map(IssueId).collect(), "ids are small and none is used up by a duplicate");
    created.sort_unstable();
    assert_eq!(created, ids.into_iter().collect::<Vec<_>>(), "each issue is created once");
    // Of two replicas that are sent the same event, either may be first: it has the one's count or the other's.
    let events: i64 = 25 * 20 * 2;
    let count: i64 = all.iter().map(|issue| issue.count).sum();
    assert!((events..=2 * events).contains(&count), "{count}");
    let mut kept = 0;
    for issue in &all {
        let stats = store.issue_stats(issue.id, Timestamp::from_millis(0)).await.unwrap().unwrap();
        assert_eq!(stats.days.iter().map(|day| day.count).sum::<i64>(), issue.count);
        assert_eq!(stats.environments.iter().map(|one| one.count).sum::<i64>(), issue.count);
        let shown = store.events(issue.id, None, 200).await.unwrap().unwrap().items;
        assert_eq!(shown.iter().map(|event| event.count).sum::<i64>(), issue.count, "fewer than are kept");
        kept += i64::try_from(shown.len()).unwrap();
    }
    assert_eq!(kept, events);
    let stats = store.stats(Scope::All, Timestamp::from_millis(DAY)).await.unwrap();
    assert_eq!((stats.count, stats.days.iter().map(|day| day.count).sum::<i64>()), (count, count));
}

/// As after an unknown outcome, while the first try is still being committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_recorded_by_several_at_once_is_counted_once() {
    let database = Database::create().await;
    let replicas = replicas(&database).await;
    for round in 0..20 {
        let one = batch((0..LINES).map(|line| received(line, json!({}))).collect());
        let tried = replicas.iter().map(|store| {
            let (store, one) = (Arc::clone(store), one.clone());
            tokio::spawn(async move { record(&store, round, &one).await })
        });
        let mut answers = Vec::new();
        for tried in tried.collect::<Vec<_>>() {
            answers.push(tried.await.unwrap());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    assert!(issues(&replicas[0]).await.iter().all(|issue| issue.count == 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_comes_back_once_and_each_claim_is_one_agent_s() {
    let database = Database::create().await;
    let replicas = replicas(&database).await;
    record(&replicas[0], 1, &batch((0..LINES).map(|line| received(line, json!({}))).collect())).await;
    for issue in issues(&replicas[0]).await {
        deployed(&*replicas[0], issue.id).await;
    }
    let mut recorders = Vec::new();
    for (at, store) in (0..REPLICAS).zip(&replicas) {
        let store = Arc::clone(store);
        recorders.push(tokio::spawn(async move {
            let mut outcomes = Vec::new();
            for line in 0..LINES {
                let one = batch(vec![received(line, json!({"context": {"at": at}}))]);
                outcomes.extend(record(&store, u128::from(100 + at * LINES + line), &one).await);
            }
            outcomes
        }));
    }
    let mut regressed = BTreeMap::new();
    for recorder in recorders {
        for outcome in recorder.await.unwrap() {
            if let Outcome::Regressed { id } = outcome {
                *regressed.entry(id).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(regressed, (1..=30).map(|id| (IssueId(id), 1)).collect());

    let mut agents = Vec::new();
    for (at, store) in (0..2 * REPLICAS).zip(replicas.iter().cycle()) {
        let store = Arc::clone(store);
        agents.push(tokio::spawn(async move {
            let mut claimed = Vec::new();
            while let Some(claim) =
                store.claim(claim(&format!("{at}")), Timestamp::from_millis(DAY)).await.unwrap()
            {
                assert_eq!(claim.epoch.0, 1);
                claimed.push(claim.issue.issue.id);
            }
            claimed
        }));
    }
    let mut claimed = Vec::new();
    for agent in agents {
        claimed.extend(agent.await.unwrap());
    }
    claimed.sort_unstable();
    assert_eq!(claimed, (1..=30).map(IssueId).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_hear_every_fact_in_one_order() {
    let database = Database::create().await;
    let replicas = replicas(&database).await;
    let (now, until) = (Timestamp::from_millis(0), Timestamp::from_millis(2 * DAY));
    replicas[0].keep_issue_events(until, now).await.unwrap();
    let begin = replicas[0].issue_events(None, 0).await.unwrap().next;
    let listen = |store: Arc<Postgres>| {
        tokio::spawn(async move {
            let (mut after, mut heard) = (begin, Vec::new());
            while heard.len() < 200 {
                let more = store.issue_events(Some(after), 7).await.unwrap();
                assert!(!more.missed);
                after = more.next;
                let facts = more.events.into_iter().filter(|event| event.kind != IssueEventKind::Counted);
                heard.extend(facts.map(|event| (event.position, event.issue_id)));
            }
            heard
        })
    };
    let listeners = [listen(Arc::clone(&replicas[1])), listen(Arc::clone(&replicas[2]))];
    let mut recorders = Vec::new();
    for (at, store) in (0..REPLICAS).zip(&replicas) {
        let store = Arc::clone(store);
        recorders.push(tokio::spawn(async move {
            for line in 0..50 {
                let one = batch(vec![received(at * 50 + line, json!({}))]);
                record(&store, u128::from(at * 50 + line), &one).await;
            }
        }));
    }
    for recorder in recorders {
        recorder.await.unwrap();
    }
    let [one, other] = listeners;
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    assert_eq!(one, other);
    assert!(one.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!(one.iter().map(|(_, id)| id.0).collect::<BTreeSet<_>>(), (1..=200).collect());
}

#[tokio::test]
async fn a_job_is_done_by_one_of_them_until_its_time_is_over() {
    let database = Database::create().await;
    let replicas = replicas(&database).await;
    let at = Timestamp::from_millis;
    assert!(replicas[0].take_job("purge", at(100), at(0)).await.unwrap());
    assert!(!replicas[1].take_job("purge", at(199), at(99)).await.unwrap());
    assert!(replicas[1].take_job("retention", at(100), at(0)).await.unwrap());
    assert!(replicas[0].take_job("purge", at(200), at(100)).await.unwrap(), "it goes on");
    assert!(replicas[1].take_job("purge", at(300), at(200)).await.unwrap(), "the other one is gone");
    assert!(!replicas[0].take_job("purge", at(300), at(201)).await.unwrap());
}
