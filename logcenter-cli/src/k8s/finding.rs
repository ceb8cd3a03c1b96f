//! From a failure to its report.

use super::state::Failure;
use super::workload;
use crate::ci::readable;
use crate::event_id;
use k8s_openapi::api::core::v1::Pod;
use logcenter_client::api::{NewReport, NewReportError};
use logcenter_core::k8s_label::ProjectLabel;
use logcenter_core::{Level, Source};
use serde_json::{Map, Value};

/// Lines of a log that are reported.
const LINES: usize = 50;

/// What the same crash is called in every scan: by the pod, the container, the state, and the instance that died.
fn event_id(pod: &Pod, failure: &Failure) -> String {
    let uid = pod.metadata.uid.as_deref().unwrap_or_default();
    let parts = format!("{uid}|{}|{}|{}", failure.container, failure.state, failure.instance);
    event_id::of("k8s", parts.as_bytes())
}

/// The report of a failure, with the log of the instance that died.
pub(super) fn report(pod: &Pod, failure: &Failure, labelled: &ProjectLabel, log: &[u8]) -> NewReport {
    let metadata = &pod.metadata;
    let pod_name = metadata.name.clone().unwrap_or_default();
    let words = failure.last_words.as_deref().unwrap_or_default();
    let lines = readable(if log.is_empty() { words.as_bytes() } else { log });
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    let said = readable(failure.said.as_bytes()).join(" ");
    let mut context = Map::new();
    let mut tell = |key: &str, value: Option<Value>| value.map(|value| context.insert(key.into(), value));
    tell("namespace", metadata.namespace.clone().map(Value::from));
    tell("pod_name", Some(pod_name.clone().into()));
    tell("container_name", Some(failure.container.clone().into()));
    tell("deployment_name", Some(workload::name(pod).into()));
    tell("restart_count", Some(failure.restart_count.into()));
    tell("node_name", pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).map(Value::from));
    NewReport {
        project_id: labelled.project_id.clone(),
        environment: if labelled.development { "development" } else { "production" }.into(),
        level: Level::Critical,
        source: Source::Deployment,
        version: None,
        commit_hash: None,
        repo_url: None,
        timestamp: failure.at.map(|at| at.to_string()),
        event_id: Some(event_id(pod, failure)),
        error: NewReportError {
            error_type: failure.state.clone(),
            message: format!("{}: {said} (pod: {pod_name}, container: {})", failure.state, failure.container),
            file_path: None,
            line_number: None,
            stack_trace: if lines.is_empty() { None } else { Some(lines.join("\n")) },
        },
        context,
    }
}
