//! A fake API server that answers a monitor's requests as Kubernetes does: paged lists, logs by the kubelet's rules,
//! and only what the Role that we ship allows.

use super::tools;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use tempfile::TempDir;
use tokio::net::TcpListener;

const TOKEN: &str = "of-the-service-account";

/// The contents of the cluster, and its faults.
#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) pods: Vec<Value>,
    /// By pod and container: the log of the current instance and of the previous one.
    pub(crate) logs: HashMap<(String, String), (Vec<u8>, Vec<u8>)>,
    /// How often a continued list is answered as expired.
    pub(crate) expires: usize,
    /// Whether to return an excuse instead of a log, as a runtime does that lost it.
    pub(crate) excuse: bool,
    /// A pod whose log never arrives, and whether somebody is waiting for it.
    pub(crate) silent: Option<String>,
    pub(crate) waited: bool,
    /// The rules of the Role; without any, nothing is allowed.
    pub(crate) rules: Vec<Value>,
    /// Whether a request without a token counts as the service account: kubectl sends none without TLS.
    pub(crate) anonymous: bool,
    /// Every request: verb and resource.
    pub(crate) asked: Vec<(String, String)>,
}

pub(crate) struct Cluster {
    inside: Arc<Mutex<Inside>>,
    folder: TempDir,
}

type Shared = State<Arc<Mutex<Inside>>>;

/// A manifest that we ship, as JSON documents.
pub(crate) fn manifest(file: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("deploy/k8s").join(file);
    let read = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let output = tools::python().args(["-c", read]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let role = manifest("monitor-rbac.yaml").into_iter().find(|one| one["kind"] == "Role").unwrap();
        let rules = role["rules"].as_array().unwrap().clone();
        let inside = Arc::new(Mutex::new(Inside { rules, ..Inside::default() }));
        let app = Router::new()
            .route(
                "/api",
                get(|| async {
                    axum::Json(
                        json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
                    )
                }),
            )
            .route(
                "/apis",
                get(|| async {
                    axum::Json(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": []}))
                }),
            )
            .route("/api/v1", get(resources))
            .route("/api/v1/namespaces/{namespace}/pods", get(list))
            .route("/api/v1/namespaces/{namespace}/pods/{name}", get(one))
            .route("/api/v1/namespaces/{namespace}/pods/{name}/log", get(log))
            .with_state(Arc::clone(&inside));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": url}}],
            "users": [{"name": "pod-monitor", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "pod-monitor", "namespace": "default"}}],
        });
        std::fs::write(folder.path().join("kubeconfig"), config.to_string()).unwrap();
        Self { inside, folder }
    }

    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// Adds a pod.
    pub(crate) fn add(&self, pod: Value) {
        self.inside().pods.push(pod);
    }

    pub(crate) fn log(&self, pod: &str, container: &str, current: &[u8], previous: &[u8]) {
        let logs = (current.to_vec(), previous.to_vec());
        self.inside().logs.insert((pod.into(), container.into()), logs);
    }
}

async fn resources() -> axum::Json<Value> {
    axum::Json(json!({"kind": "APIResourceList", "groupVersion": "v1", "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["get", "list"], "shortNames": ["po"]},
        {"name": "pods/log", "singularName": "", "namespaced": true, "kind": "Pod", "verbs": ["get"]},
    ]}))
}

fn status(code: u16, reason: &str, message: &str) -> Response<Body> {
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code});
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

fn answer(body: &Value) -> Response<Body> {
    Response::builder().header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
}

/// Checks a request against the Role; returns the API server's error response if it is not allowed.
fn may(
    inside: &mut Inside,
    headers: &HeaderMap,
    verb: &str,
    resource: &str,
) -> Result<(), Box<Response<Body>>> {
    inside.asked.push((verb.into(), resource.into()));
    if !inside.anonymous && headers.get(AUTHORIZATION).is_none_or(|token| token != &format!("Bearer {TOKEN}"))
    {
        return Err(Box::new(status(401, "Unauthorized", "Unauthorized")));
    }
    let has = |rule: &Value, field: &str, wanted: &str| {
        rule[field].as_array().unwrap().iter().any(|one| one == wanted)
    };
    if inside.rules.iter().any(|rule| {
        has(rule, "apiGroups", "") && has(rule, "resources", resource) && has(rule, "verbs", verb)
    }) {
        return Ok(());
    }
    let message = format!(
        "{resource} is forbidden: User \"system:serviceaccount:default:pod-monitor\" cannot {verb} resource \"{resource}\" in API group \"\" in the namespace \"default\""
    );
    Err(Box::new(status(403, "Forbidden", &message)))
}

async fn list(
    State(inside): Shared,
    Path(namespace): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response<Body> {
    let mut inside = inside.lock().unwrap();
    if let Err(refused) = may(&mut inside, &headers, "list", "pods") {
        return *refused;
    }
    let from: usize = query.get("continue").map_or(0, |token| token.parse().unwrap());
    if from > 0 && inside.expires > 0 {
        inside.expires -= 1;
        return status(410, "Expired", "The provided continue parameter is too old");
    }
    let limit = query.get("limit").map_or(usize::MAX, |limit| limit.parse().unwrap());
    let pods: Vec<&Value> =
        inside.pods.iter().filter(|pod| pod["metadata"]["namespace"] == namespace.as_str()).collect();
    let page: Vec<&Value> = pods.iter().skip(from).take(limit).copied().collect();
    let next = from + page.len();
    let mut metadata = json!({"resourceVersion": "1"});
    if next < pods.len() {
        metadata["continue"] = next.to_string().into();
        metadata["remainingItemCount"] = (pods.len() - next).into();
    }
    answer(&json!({"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": page}))
}

fn find(inside: &Inside, namespace: &str, name: &str) -> Option<Value> {
    let is = |pod: &&Value| pod["metadata"]["namespace"] == namespace && pod["metadata"]["name"] == name;
    inside.pods.iter().find(is).cloned()
}

async fn one(
    State(inside): Shared,
    Path((namespace, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    let mut inside = inside.lock().unwrap();
    if let Err(refused) = may(&mut inside, &headers, "get", "pods") {
        return *refused;
    }
    match find(&inside, &namespace, &name) {
        Some(pod) => answer(&pod),
        None => status(404, "NotFound", &format!("pods \"{name}\" not found")),
    }
}

/// Decides like the kubelet's `validateContainerLogStatus`.
async fn log(
    State(inside): Shared,
    Path((namespace, name)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response<Body> {
    if inside.lock().unwrap().silent.as_ref() == Some(&name) {
        inside.lock().unwrap().waited = true;
        return std::future::pending().await;
    }
    let mut inside = inside.lock().unwrap();
    if let Err(refused) = may(&mut inside, &headers, "get", "pods/log") {
        return *refused;
    }
    let Some(pod) = find(&inside, &namespace, &name) else {
        return status(404, "NotFound", &format!("pods \"{name}\" not found"));
    };
    let statuses = ["initContainerStatuses", "containerStatuses"]
        .map(|field| pod["status"][field].as_array().cloned().unwrap_or_default());
    let all: Vec<Value> = statuses.into_iter().flatten().collect();
    let wanted = query.get("container").cloned().unwrap_or_else(|| all[0]["name"].as_str().unwrap().into());
    let Some(container) = all.iter().find(|one| one["name"] == wanted.as_str()) else {
        return status(400, "BadRequest", &format!("container {wanted} is not valid for pod {name}"));
    };
    let (current, before) = inside.logs.get(&(name.clone(), wanted.clone())).cloned().unwrap_or_default();
    let last_died = !container["lastState"]["terminated"]["containerID"].is_null();
    let previous = query.get("previous").is_some_and(|previous| previous == "true");
    let log = if previous {
        if !last_died {
            return status(
                400,
                "BadRequest",
                &format!("previous terminated container \"{wanted}\" in pod \"{name}\" not found"),
            );
        }
        before
    } else if !container["state"]["waiting"].is_null() {
        if !last_died {
            let reason = &container["state"]["waiting"]["reason"];
            return status(
                400,
                "BadRequest",
                &format!("container \"{wanted}\" in pod \"{name}\" is waiting to start: {reason}"),
            );
        }
        before
    } else {
        current
    };
    let log =
        if inside.excuse { b"unable to retrieve container logs for containerd://abc".to_vec() } else { log };
    let lines: usize = query.get("tailLines").map_or(usize::MAX, |lines| lines.parse().unwrap());
    let kept: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').collect();
    let tail = kept[kept.len().saturating_sub(lines)..].concat();
    let mut answer = Response::new(Body::from(tail));
    answer.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    *answer.status_mut() = StatusCode::OK;
    answer
}
