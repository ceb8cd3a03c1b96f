//! A simulated live cluster: the counts match what happened in it.

use super::{ago, pod, register, scan_well, terminated, waiting};
use crate::harness::Center;
use crate::harness::cluster::Cluster;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Pseudorandom numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A pod of the simulation.
#[derive(Clone)]
struct Life {
    app: &'static str,
    uid: String,
    hash: String,
    /// Number of previous instances.
    restarts: i64,
    now: Now,
    last: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Now {
    Runs,
    Died(&'static str),
    BacksOff,
    NoImage(&'static str),
}

impl Life {
    fn born(app: &'static str, hash: &str, number: &mut u64) -> Self {
        *number += 1;
        Self { app, uid: format!("u{number}"), hash: hash.into(), restarts: 0, now: Now::Runs, last: None }
    }

    fn json(&self) -> Value {
        let code = |reason: &str| if reason == "OOMKilled" { 137 } else { 1 };
        let last = self.last.map_or(json!({}), |reason| terminated(reason, code(reason)));
        let state = match self.now {
            Now::Runs => json!({"running": {"startedAt": ago(1)}}),
            Now::Died(reason) => terminated(reason, code(reason)),
            Now::BacksOff => waiting("CrashLoopBackOff", "back-off"),
            Now::NoImage(reason) => waiting(reason, "no such image"),
        };
        pod(self.app, &self.uid, &self.hash, &state, &last, self.restarts)
    }

    /// What a scan can see now: the kind of failure, and which instance of which pod it is.
    fn seen(&self) -> Option<(&'static str, String)> {
        let of = |kind, instance: i64| Some((kind, format!("{} {kind} {instance}", self.uid)));
        match (self.now, self.last) {
            (Now::Died("OOMKilled"), _) => of("OOMKilled", self.restarts),
            (Now::BacksOff, Some("OOMKilled")) => of("OOMKilled", self.restarts),
            (Now::BacksOff, _) => of("CrashLoopBackOff", self.restarts),
            (Now::Runs, Some("OOMKilled")) => of("OOMKilled", self.restarts - 1),
            (Now::NoImage(reason), _) => of(reason, 0),
            (Now::Runs | Now::Died(_), _) => None,
        }
    }

    /// Advances the simulation by one step.
    fn step(&mut self, dice: &mut Dice) {
        let roll = dice.below(10);
        self.now = match self.now {
            Now::Runs if roll == 0 => Now::Died("OOMKilled"),
            Now::Runs if roll < 3 => Now::Died("Error"),
            Now::Died(reason) => {
                self.last = Some(reason);
                Now::BacksOff
            }
            Now::BacksOff if roll < 5 => {
                self.restarts += 1;
                Now::Runs
            }
            Now::NoImage(_) if roll < 4 => {
                Now::NoImage(if roll < 2 { "ErrImagePull" } else { "ImagePullBackOff" })
            }
            Now::NoImage(_) if roll == 9 => Now::Runs,
            same => same,
        };
    }
}

#[tokio::test]
async fn two_hundred_scans_of_a_cluster_that_lives() {
    let (center, cluster) = (Center::start().await, Cluster::start().await);
    for project in ["shop_api", "shop_web", "jobs"] {
        register(&center, project).await;
    }
    let (mut dice, mut number) = (Dice(11), 0);
    let apps = ["shop-api", "shop-web", "shop-web-dev", "jobs", "stranger"];
    let mut lives: Vec<Life> =
        apps.iter().flat_map(|&app| [app, app]).map(|app| Life::born(app, "h0", &mut number)).collect();
    let mut expected: BTreeMap<(String, &'static str), BTreeSet<String>> = BTreeMap::new();
    for round in 1..=200 {
        for life in &mut lives {
            life.step(&mut dice);
        }
        match dice.below(12) {
            // A rollout: all pods of a deployment are replaced, and sometimes the image does not exist.
            0 => {
                let app = apps[dice.below(5) as usize];
                let hash = format!("h{round}");
                let broken = dice.below(3) == 0;
                for life in lives.iter_mut().filter(|life| life.app == app) {
                    *life = Life::born(app, &hash, &mut number);
                    life.now = if broken { Now::NoImage("ErrImagePull") } else { Now::Runs };
                }
            }
            // A node is lost: its pods are recreated elsewhere.
            1 => {
                let at = dice.below(lives.len() as u64) as usize;
                let (app, hash) = (lives[at].app, lives[at].hash.clone());
                lives[at] = Life::born(app, &hash, &mut number);
            }
            _ => {}
        }
        cluster.inside().pods = lives.iter().map(Life::json).collect();
        scan_well(&cluster, &center).await;
        for life in lives.iter().filter(|life| life.app != "stranger") {
            if let Some((kind, crash)) = life.seen() {
                expected.entry((life.app.into(), kind)).or_default().insert(crash);
            }
        }
    }
    let mut counted: BTreeMap<(String, String), i64> = BTreeMap::new();
    for issue in center.issues("limit=200").await {
        let issue = center.issue(issue["id"].as_i64().unwrap()).await;
        let deployment = issue["context"]["deployment_name"].as_str().unwrap().to_owned();
        counted.insert(
            (deployment, issue["error"]["type"].as_str().unwrap().into()),
            issue["count"].as_i64().unwrap(),
        );
    }
    let expected: BTreeMap<(String, String), i64> = expected
        .into_iter()
        .map(|((app, kind), crashes)| ((app, kind.into()), crashes.len() as i64))
        .collect();
    assert!(
        expected.len() > 8 && expected.values().sum::<i64>() > 100,
        "the simulation is too quiet: {expected:?}"
    );
    assert_eq!(counted, expected);
}
