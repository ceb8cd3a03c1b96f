//! Failing pods, found by the real binary, against an API server that enforces the Role that we ship.

mod manifests;
mod simulation;

use crate::harness::cluster::Cluster;
use crate::harness::{Center, binary};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

/// The time `seconds` ago, in RFC 3339.
fn ago(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    logcenter_core::Timestamp::from_millis(now - seconds * 1000).to_string()
}

fn terminated(reason: &str, code: i64) -> Value {
    json!({"terminated": {"reason": reason, "exitCode": code, "finishedAt": ago(5), "containerID": "containerd://a"}})
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({"waiting": {"reason": reason, "message": message}})
}

/// A pod of a deployment, with one container.
fn pod(app: &str, uid: &str, hash: &str, state: &Value, last: &Value, restarts: i64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("{app}-{hash}-{uid}"), "namespace": "default", "uid": uid, "creationTimestamp": ago(600),
            "labels": {"app": app, "pod-template-hash": hash},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{app}-{hash}"), "uid": "rs", "controller": true}]},
        "spec": {"nodeName": "node-1", "containers": [{"name": "api", "image": "shop:1"}]},
        "status": {"phase": "Running", "containerStatuses": [
            {"name": "api", "image": "shop:1", "imageID": "", "ready": false, "restartCount": restarts, "state": state, "lastState": last}]},
    })
}

async fn register(center: &Center, project_id: &str) {
    center
        .with_json("PUT", &format!("/api/v1/projects/{project_id}"), &json!({"name": project_id}))
        .await
        .ok();
}

async fn scan(cluster: &Cluster, url: &str, args: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command
        .args(["k8s", "scan"])
        .args(args)
        .env("KUBECONFIG", cluster.kubeconfig())
        .env("LOG_CENTER_URL", url);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn scan_well(cluster: &Cluster, center: &Center) -> String {
    let output = scan(cluster, &center.base, &[]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
async fn from_the_crash_to_the_dashboard() {
    let (center, cluster) = (Center::start().await, Cluster::start().await);
    register(&center, "rtc_backend").await;
    let (crash, died) = (waiting("CrashLoopBackOff", "back-off 5m0s restarting"), terminated("Error", 1));
    cluster.add(pod("rtc-backend", "a1", "5d8f", &crash, &died, 7));
    cluster.add(pod("unknown-app", "b1", "77aa", &crash, &died, 7));
    let before =
        b"starting\n\x1b[31mpanic\x1b[0m: no \xff configuration\0 token=ghp_0123456789abcdefghij01\n";
    cluster.log("rtc-backend-5d8f-a1", "api", b"the new life\n", before);

    let said = scan_well(&cluster, &center).await;
    assert!(said.contains("apps of no project, left out: unknown-app"), "{said}");
    let issues = center.issues("").await;
    assert_eq!(issues.len(), 1, "{issues:?}");
    let issue = center.issue(1).await;
    assert_eq!(issue["project_id"], "rtc_backend");
    assert_eq!(
        (&issue["source"], &issue["level"], &issue["environment"]),
        (&json!("deployment"), &json!("CRITICAL"), &json!("production"))
    );
    assert_eq!(issue["error"]["type"], "CrashLoopBackOff");
    assert_eq!(
        issue["error"]["message"],
        "CrashLoopBackOff: back-off 5m0s restarting (Error, exit code 1) (pod: rtc-backend-5d8f-a1, container: api)"
    );
    assert_eq!(
        issue["error"]["stack_trace"],
        json!(["starting", "panic: no \u{fffd} configuration\u{fffd} token=***"])
    );
    let context = json!({"namespace": "default", "pod_name": "rtc-backend-5d8f-a1", "container_name": "api", "deployment_name": "rtc-backend",
        "restart_count": 7, "node_name": "node-1"});
    assert_eq!(issue["context"], context);
    let page = center.get("/issues/1").await.text;
    for part in ["CrashLoopBackOff", "rtc-backend-5d8f-a1", "panic: no", "restart_count"] {
        assert!(page.contains(part), "{part}");
    }

    // A hundred scans of the same crash count once; the next crash counts again.
    for _ in 0..99 {
        scan_well(&cluster, &center).await;
    }
    assert_eq!(center.issue(1).await["count"], 1);
    cluster.inside().pods[0]["status"]["containerStatuses"][0]["restartCount"] = json!(8);
    scan_well(&cluster, &center).await;
    assert_eq!(center.issue(1).await["count"], 2);

    // Once its project is registered, it is reported.
    register(&center, "unknown_app").await;
    let said = scan_well(&cluster, &center).await;
    assert!(!said.contains("left out"), "{said}");
    assert_eq!(center.issues("project_id=unknown_app").await.len(), 1);

    // The requests are exactly those that the Role names.
    let asked: BTreeSet<(String, String)> = cluster.inside().asked.iter().cloned().collect();
    let named: BTreeSet<(String, String)> = cluster
        .inside()
        .rules
        .iter()
        .flat_map(|rule| {
            let texts = |field: &str| {
                rule[field]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one.as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            };
            let verbs = texts("verbs");
            texts("resources")
                .into_iter()
                .flat_map(move |resource| verbs.clone().into_iter().map(move |verb| (verb, resource.clone())))
        })
        .collect();
    assert_eq!(asked, named);
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told() {
    let (center, cluster) = (Center::start().await, Cluster::start().await);
    register(&center, "shop").await;
    let (crash, died) = (waiting("CrashLoopBackOff", ""), terminated("Error", 1));

    // Several pages, and a list that expires between them.
    for number in 0..600 {
        cluster.add(pod("shop", &format!("p{number}"), "h", &json!({"running": {}}), &json!({}), 0));
    }
    cluster.add(pod("shop", "last", "h", &crash, &died, 1));
    cluster.inside().expires = 1;
    let said = scan_well(&cluster, &center).await;
    assert!(said.contains("601 pods of namespace default: 1 failures"), "{said}");
    cluster.inside().expires = 2;
    let output = scan(&cluster, &center.base, &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");

    // No log: an excuse instead of one, one that may not be read, and a pod without its previous instance.
    cluster.inside().pods.truncate(0);
    cluster.add(pod("shop", "excuse", "h", &crash, &died, 1));
    cluster.inside().excuse = true;
    scan_well(&cluster, &center).await;
    cluster.inside().excuse = false;
    let lonely = json!({"terminated": {"reason": "Error", "exitCode": 3, "message": "last words"}});
    cluster.inside().pods[0] = pod("shop", "lonely", "h", &crash, &lonely, 1);
    scan_well(&cluster, &center).await;
    let events = center.get("/api/v1/issues/1/events").await.ok();
    assert_eq!(events["events"][0]["error"]["stack_trace"], json!(["last words"]));
    assert_eq!(events["events"][1]["error"]["stack_trace"], Value::Null);
    let rules = std::mem::take(&mut cluster.inside().rules);
    cluster.inside().rules = vec![rules[0].clone()];
    cluster.inside().pods[0] = pod("shop", "silent", "h", &crash, &died, 1);
    let said = scan_well(&cluster, &center).await;
    assert_eq!(said.matches("logs may not be read").count(), 1, "{said}");
    assert_eq!(center.issue(1).await["count"], 4);

    // Not allowed, no server, no list of projects: each has its exit code, and never says "0 failures".
    cluster.inside().rules.clear();
    let output = scan(&cluster, &center.base, &[]).await;
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("The role needs `list` on pods"));
    cluster.inside().rules = rules;
    for url in [crate::harness::double::closed_port(), crate::harness::double::always(500).await.0] {
        let output = scan(&cluster, &url, &[]).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(5), "{said}");
        assert!(!said.contains("failures"), "{said}");
    }

    // A dry run prints what it would send.
    let output = scan(&cluster, &center.base, &["--dry-run"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["error"]["type"], "CrashLoopBackOff");
    assert_eq!(center.issue(1).await["count"], 4);
}

#[tokio::test]
async fn the_log_is_that_of_the_instance_that_died() {
    let (center, cluster) = (Center::start().await, Cluster::start().await);
    register(&center, "shop").await;
    let running = json!({"running": {"startedAt": ago(3)}});
    let oom = terminated("OOMKilled", 137);
    cluster.add(pod("shop", "again", "h", &running, &oom, 1));
    cluster.log("shop-h-again", "api", b"the new life\n", b"the old life\n");
    let stack = async |id: i64| center.issue(id).await["error"]["stack_trace"].clone();
    scan_well(&cluster, &center).await;
    assert_eq!(stack(1).await, json!(["the old life"]));

    // Nothing is left of the previous instance: the log is that of the new one.
    let mut gone = oom.clone();
    gone["terminated"].as_object_mut().unwrap().remove("containerID");
    register(&center, "web").await;
    cluster.inside().pods[0] = pod("web", "gone", "h", &running, &gone, 1);
    cluster.log("web-h-gone", "api", b"the new life\n", b"");
    scan_well(&cluster, &center).await;
    assert_eq!(stack(2).await, Value::Null);

    // A container that ended for good has its own log.
    register(&center, "job").await;
    cluster.inside().pods[0] = pod("job", "done", "h", &terminated("OOMKilled", 137), &json!({}), 0);
    let long = (0..200).map(|line| format!("line {line}\n")).collect::<String>();
    cluster.log("job-h-done", "api", format!("{long}{}\nthe end\n", "x".repeat(300_000)).as_bytes(), b"");
    scan_well(&cluster, &center).await;
    let lines = stack(3).await;
    let lines = lines.as_array().unwrap();
    assert_eq!(lines.last().unwrap(), "the end");
    assert!(lines.len() <= 50 && lines.iter().all(|line| line.as_str().unwrap().chars().count() < 2000));
}

#[tokio::test]
async fn a_node_that_does_not_answer_keeps_nothing_back() {
    let (center, cluster) = (Center::start().await, Cluster::start().await);
    register(&center, "shop").await;
    for number in 0..6 {
        let (crash, died) = (waiting("CrashLoopBackOff", ""), terminated("Error", 1));
        cluster.add(pod("shop", &format!("p{number}"), "h", &crash, &died, 1));
        cluster.log(&format!("shop-h-p{number}"), "api", b"", b"before\n");
    }
    cluster.inside().silent = Some("shop-h-p0".into());
    let said = scan_well(&cluster, &center).await;
    assert!(said.contains("6 pods of namespace default: 6 failures"), "{said}");
    assert_eq!(said.matches("logs take too long").count(), 1, "{said}");
    let events = center.get("/api/v1/issues/1/events").await.ok();
    let stacks: Vec<&Value> =
        events["events"].as_array().unwrap().iter().map(|event| &event["error"]["stack_trace"]).collect();
    assert_eq!(stacks.len(), 6);
    assert_eq!(stacks.iter().filter(|stack| ***stack == json!(["before"])).count(), 5, "{stacks:?}");
}

#[tokio::test]
async fn kubectl_reads_the_same_cluster() {
    let cluster = Cluster::start().await;
    cluster.inside().anonymous = true;
    cluster.inside().rules.push(json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}));
    cluster.add(pod("shop", "a1", "h", &waiting("CrashLoopBackOff", "back-off"), &terminated("Error", 1), 3));
    cluster.log("shop-h-a1", "api", b"now\n", b"before\n");
    let kubectl = async |args: &[&str]| {
        let mut command = Command::new("kubectl");
        command
            .args(args)
            .env("KUBECONFIG", cluster.kubeconfig())
            .env("HOME", cluster.kubeconfig().parent().unwrap());
        let output = tokio::task::spawn_blocking(move || {
            command.output().expect("no kubectl: run scripts/test, which installs it")
        });
        let output = output.await.unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (_, list) = kubectl(&["get", "pods", "-o", "json"]).await;
    let list: Value = serde_json::from_str(&list).unwrap_or_else(|error| panic!("{error}: {list}"));
    assert_eq!(list["items"][0]["status"]["containerStatuses"][0]["restartCount"], 3);
    assert_eq!(kubectl(&["logs", "shop-h-a1", "--previous"]).await, (true, "before\n".into()));
    // For a waiting container, the kubelet returns the log of the one that died.
    assert_eq!(kubectl(&["logs", "shop-h-a1"]).await, (true, "before\n".into()));
    let (found, said) = kubectl(&["logs", "gone"]).await;
    assert!(!found && said.contains("not found"), "{said}");
}

#[tokio::test]
async fn watching_is_scanning_again_and_again() {
    let (center, cluster) = (Center::start().await, Cluster::start().await);
    register(&center, "shop").await;
    let mut command = Command::new(binary());
    command
        .args(["k8s", "watch", "--every", "1"])
        .env("KUBECONFIG", cluster.kubeconfig())
        .env("LOG_CENTER_URL", &center.base);
    cluster.add(pod("unknown", "b1", "h", &waiting("CrashLoopBackOff", ""), &terminated("Error", 1), 1));
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    crate::harness::eventually("a first scan", || async {
        (!cluster.inside().asked.is_empty()).then_some(())
    })
    .await;
    cluster.add(pod("shop", "a1", "h", &waiting("CrashLoopBackOff", ""), &terminated("Error", 1), 1));
    crate::harness::eventually("the crash", || async { center.issues("").await.into_iter().next() }).await;
    // It stops when told to, even while waiting for a log; skipped pods are mentioned only once.
    cluster.inside().silent = Some("shop-h-a2".into());
    cluster.add(pod("shop", "a2", "h", &waiting("CrashLoopBackOff", ""), &terminated("Error", 1), 1));
    crate::harness::eventually("the silent log", || async { cluster.inside().waited.then_some(()) }).await;
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("left out: unknown").count(), 1, "{said}");
    assert!(!said.contains("logs take too long"), "{said}");
}
