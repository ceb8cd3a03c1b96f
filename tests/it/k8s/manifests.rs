//! The manifests that we ship, and the pods that the tests use, are valid in Kubernetes.

use crate::harness::cluster::manifest;
use crate::harness::tools;
use serde_json::{Value, json};

#[test]
fn manifests_and_pods_are_what_kubernetes_takes() {
    let mut documents: Vec<Value> =
        ["monitor-rbac.yaml", "monitor-cronjob.yaml", "server.yaml", "replicas.yaml"]
            .into_iter()
            .flat_map(manifest)
            .collect();
    let cronjob = documents.iter().find(|one| one["kind"] == "CronJob").unwrap();
    let spec = &cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(
        (&cronjob["spec"]["schedule"], &spec["serviceAccountName"]),
        (&json!("*/5 * * * *"), &json!("pod-monitor"))
    );
    let env = spec["containers"][0]["env"].as_array().unwrap();
    assert_eq!(env[0], json!({"name": "LOG_CENTER_URL", "value": "http://log-center:8002"}));
    assert_eq!(env[1], json!({"name": "MONITOR_NAMESPACE", "value": "default"}));
    // The job's service account exists and has the Role.
    let named = |kind: &str| &documents.iter().find(|one| one["kind"] == kind).unwrap()["metadata"]["name"];
    let binding = documents.iter().find(|one| one["kind"] == "RoleBinding").unwrap();
    assert_eq!((&binding["roleRef"]["kind"], &binding["roleRef"]["name"]), (&json!("Role"), named("Role")));
    assert_eq!(binding["subjects"], json!([{"kind": "ServiceAccount", "name": named("ServiceAccount")}]));
    assert_eq!(named("ServiceAccount"), "pod-monitor");
    assert!(spec["containers"][0]["command"].is_null() && spec["containers"][0]["args"].is_null());
    let states: Vec<Value> =
        serde_json::from_str(include_str!("../../../logcenter-cli/src/k8s/states.json")).unwrap();
    documents.extend(states.into_iter().map(|row| row["pod"].clone()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.json");
    std::fs::write(&file, Value::from(documents).to_string()).unwrap();
    let program = "import json, sys, kubernetes_validate\nfor one in json.load(open(sys.argv[1])):\n    kubernetes_validate.validate(one, '1.33', strict=True)";
    let output = tools::python().args(["-c", program]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
