//! What clients, agents and people do meanwhile, and what they were told.

use super::PATIENCE;
use crate::harness::{Answer, Http, eventually_within, report, with};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Issues that most reports belong to.
const LINES: u64 = 40;

/// The line of the issue that comes back again and again.
pub(super) const RETURNING: u64 = 9000;

/// After how long a client, an agent or a person tries again.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What was acknowledged.
#[derive(Default)]
pub(super) struct Told {
    /// Events, by their numbers.
    pub(super) events: BTreeSet<u64>,
    /// How often an issue was said to be new, by its line.
    pub(super) created: BTreeMap<u64, u64>,
    /// How often the one issue was seen to come back.
    pub(super) returned: u64,
    /// Issues that an agent has done with.
    pub(super) completed: BTreeSet<i64>,
    /// When an event was acknowledged last, and the longest time between two.
    last: Option<Instant>,
    longest: Duration,
}

pub(super) struct Load {
    pub(super) told: Arc<Mutex<Told>>,
    next: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

/// Whoever speaks to the service.
#[derive(Clone)]
struct Caller {
    http: Http,
    told: Arc<Mutex<Told>>,
    is_over: Arc<AtomicBool>,
}

impl Load {
    pub(super) fn start(http: &Http, agent: &Http) -> Self {
        let (told, next, is_over) =
            (Arc::default(), Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let caller = |http: &Http| Caller {
            // With connections of its own.
            http: http.clone(),
            told: Arc::clone(&told),
            is_over: Arc::clone(&is_over),
        };
        let mut tasks: Vec<_> =
            (0..8).map(|_| tokio::spawn(caller(http).report_on(Arc::clone(&next)))).collect();
        tasks.extend((0..2).map(|number| tokio::spawn(caller(agent).repair(number))));
        tasks.push(tokio::spawn(caller(http).reopen(Arc::clone(&next))));
        Self { told, next, is_over, tasks }
    }

    /// How many events were begun to be sent.
    pub(super) fn sent(&self) -> u64 {
        self.next.load(Ordering::SeqCst)
    }

    /// The longest time between two acknowledgements since this was asked before.
    pub(super) fn longest_stall(&self) -> Duration {
        std::mem::take(&mut self.told.lock().unwrap().longest)
    }

    /// Lets everybody finish what they have begun.
    pub(super) async fn end(self) -> Told {
        self.is_over.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

impl Caller {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::SeqCst)
    }

    /// Sends a request until it is answered with something that `accept` takes. Whoever sent one before may not know whether
    /// it did something.
    async fn until<T>(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        accept: impl Fn(&Answer) -> Option<T>,
    ) -> T {
        eventually_within(PATIENCE, &format!("{method} {path} {body} is answered"), || async {
            let request = self.http.request(method, path).header("content-type", "application/json");
            let answer = self.http.try_send(request.body(body.to_string()).timeout(TIMEOUT)).await;
            answer.ok().and_then(|answer| accept(&answer))
        })
        .await
    }

    /// Sends an event until it is acknowledged; returns what was answered.
    async fn acknowledged(&self, number: u64, line: u64, project: &str) -> Value {
        let event = with(report(line), json!({"event_id": format!("event {number}"), "project_id": project}));
        let answer = self
            .until("POST", "/api/v1/logs/report", &event, |answer| {
                assert!(matches!(answer.status, 200 | 429 | 500..), "{answer:?}");
                (answer.status == 200).then(|| answer.json())
            })
            .await;
        let mut told = self.told.lock().unwrap();
        told.events.insert(number);
        if answer["message"] == "Log reported" {
            *told.created.entry(line).or_default() += 1;
        }
        let now = Instant::now();
        told.longest = told.last.map_or(Duration::ZERO, |last| now - last).max(told.longest);
        told.last = Some(now);
        answer
    }

    /// A service with errors: most of them known ones, some new.
    async fn report_on(self, next: Arc<AtomicU64>) {
        while self.goes_on() {
            let number = next.fetch_add(1, Ordering::SeqCst);
            match number % 40 {
                0 => self.acknowledged(number, 10_000 + number, "claimed").await,
                _ => self.acknowledged(number, number % LINES, "rtc_backend").await,
            };
        }
    }

    /// An agent that finds nothing wrong.
    async fn repair(self, number: u64) {
        let claim = json!({"worker": format!("repair-{number}"), "statuses": ["NEW"], "lease_seconds": 60});
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        while self.goes_on() {
            ticks.tick().await;
            let claimed = self
                .until("POST", "/api/v1/issues/claim", &claim, |answer| match answer.status {
                    200 => Some(Some(answer.json())),
                    204 => Some(None),
                    _ => None,
                })
                .await;
            let Some(claimed) = claimed else { continue };
            let id = claimed["issue"]["id"].as_i64().unwrap();
            let done = json!({"status": "CANNOT_REPRODUCE", "lease_token": claimed["lease"]["token"]});
            let path = format!("/api/v1/issues/{id}");
            // Whose answer was lost is told that its lease is over.
            let is_done = self
                .until("PATCH", &path, &done, |answer| match answer.status {
                    200 => Some(true),
                    409 => Some(false),
                    _ => None,
                })
                .await;
            let is_done = is_done
                || self
                    .until("GET", &path, &Value::Null, |answer| {
                        (answer.status == 200).then(|| answer.json()["status"] == "CANNOT_REPRODUCE")
                    })
                    .await;
            if is_done {
                self.told.lock().unwrap().completed.insert(id);
            }
        }
    }

    /// A person who says that an issue is fixed, over and over, and it comes back.
    async fn reopen(self, next: Arc<AtomicU64>) {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let id = self.acknowledged(number, RETURNING, "rtc_backend").await["id"].as_i64().unwrap();
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        while self.goes_on() {
            ticks.tick().await;
            let path = format!("/api/v1/issues/{id}");
            let fixed = json!({"status": "DEPLOYED", "force": true, "note": "it should be gone"});
            self.until("PATCH", &path, &fixed, |answer| {
                // The second time, it is already.
                matches!(answer.status, 200 | 409 | 422).then_some(())
            })
            .await;
            let number = next.fetch_add(1, Ordering::SeqCst);
            self.acknowledged(number, RETURNING, "rtc_backend").await;
            let is_back = |answer: &Answer| (answer.status == 200).then(|| answer.json()["status"] == "NEW");
            assert!(self.until("GET", &path, &Value::Null, is_back).await, "the issue did not come back");
            self.told.lock().unwrap().returned += 1;
        }
    }
}
