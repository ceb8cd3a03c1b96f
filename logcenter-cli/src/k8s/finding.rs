//! Builds the report of a failure.

use super::state::PodFailure;
use super::workload;
use crate::ci::readable;
use crate::event_id;
use k8s_openapi::api::core::v1::Pod;
use logcenter_client::api::{NewReport, NewReportError};
use logcenter_core::k8s_label::ProjectLabel;
use logcenter_core::{Level, Source};
use serde_json::{Map, Value};

/// Number of log lines reported.
const LINES: usize = 50;

/// The ID of a crash, the same in every scan: from the pod, the container, the state, and the instance that died.
fn event_id(pod: &Pod, failure: &PodFailure) -> String {
    let uid = pod.metadata.uid.as_deref().unwrap_or_default();
    let parts = format!("{uid}|{}|{}|{}", failure.container, failure.state, failure.instance);
    event_id::of("k8s", parts.as_bytes())
}

/// The report of a failure, with the log of the instance that died.
pub(super) fn report(pod: &Pod, failure: &PodFailure, labelled: &ProjectLabel, log: &[u8]) -> NewReport {
    let metadata = &pod.metadata;
    let pod_name = metadata.name.clone().unwrap_or_default();
    let words = failure.termination_message.as_deref().unwrap_or_default();
    let lines = readable(if log.is_empty() { words.as_bytes() } else { log });
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    let message = readable(failure.message.as_bytes()).join(" ");
    let mut context = Map::new();
    let mut insert = |key: &str, value: Option<Value>| value.map(|value| context.insert(key.into(), value));
    insert("namespace", metadata.namespace.clone().map(Value::from));
    insert("pod_name", Some(pod_name.clone().into()));
    insert("container_name", Some(failure.container.clone().into()));
    insert("deployment_name", Some(workload::name(pod).into()));
    insert("restart_count", Some(failure.restart_count.into()));
    insert("node_name", pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).map(Value::from));
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
            message: format!(
                "{}: {message} (pod: {pod_name}, container: {})",
                failure.state, failure.container
            ),
            file_path: None,
            line_number: None,
            stack_trace: if lines.is_empty() { None } else { Some(lines.join("\n")) },
        },
        context,
    }
}
