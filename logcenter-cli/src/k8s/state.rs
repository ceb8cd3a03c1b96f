//! Derives failures from the status of a container. Pure, so that every state can be tested in a table.
//!
//! The reasons are defined by the kubelet (`pkg/kubelet/container/sync_result.go`, `images/types.go`,
//! `kuberuntime_container.go`).

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};
use k8s_openapi::jiff::Timestamp;

/// How long a pod may try to get its image before that counts as a failure.
const IMAGE_GRACE_SECONDS: i64 = 120;

/// How long an out-of-memory kill is reported once the container is running again. The status keeps it forever.
const OOM_LOOK_BACK_SECONDS: i64 = 60 * 60;

const NO_IMAGE: [&str; 7] = [
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "ImageInspectError",
];
const NO_START: [&str; 5] = [
    "CreateContainerConfigError",
    "CreateContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
];
const NOT_RUN: [&str; 2] = ["StartError", "ContainerCannotRun"];
const OOM: &str = "OOMKilled";
const RUN_ERROR: &str = "RunContainerError";
const CRASH_LOOP: &str = "CrashLoopBackOff";

/// Which log belongs to the instance that died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    /// There is no log: the instance never ran.
    None,
    /// The log of the instance before the current one.
    Previous,
    /// The log of the current instance.
    Current,
}

/// A failure of a container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PodFailure {
    pub(super) container: String,
    /// The state, used as the error type.
    pub(super) state: String,
    /// The kubelet's message.
    pub(super) message: String,
    pub(super) log: Log,
    /// The termination message that the container left behind.
    pub(super) termination_message: Option<String>,
    pub(super) restart_count: i32,
    /// Which instance of the container died, from 0.
    pub(super) instance: i32,
    /// When it died.
    pub(super) at: Option<Timestamp>,
}

/// What went wrong with the containers of a pod. Debug containers never restart, and are left out.
pub(super) fn failures(pod: &Pod, now: Timestamp) -> Vec<PodFailure> {
    let Some(status) = &pod.status else { return Vec::new() };
    let being_deleted = pod.metadata.deletion_timestamp.is_some();
    let age = pod
        .metadata
        .creation_timestamp
        .as_ref()
        .map_or(i64::MAX, |created| now.as_second() - created.0.as_second());
    let containers =
        status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    containers.filter_map(|container| failure(container, being_deleted, age, now)).collect()
}

fn failure(container: &ContainerStatus, being_deleted: bool, age: i64, now: Timestamp) -> Option<PodFailure> {
    let empty = ContainerState::default();
    let state = container.state.as_ref().unwrap_or(&empty);
    let last = container.last_state.as_ref().and_then(|last| last.terminated.as_ref());
    let failure =
        |state: &str, message: String, log, died: Option<&ContainerStateTerminated>, instance| PodFailure {
            container: container.name.clone(),
            state: state.into(),
            message,
            log,
            termination_message: died
                .and_then(|died| died.message.clone())
                .filter(|words| !words.trim().is_empty()),
            restart_count: container.restart_count,
            instance,
            at: died.and_then(|died| died.finished_at.as_ref()).map(|at| at.0),
        };
    let restarts = container.restart_count;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        let message = waiting.message.clone().filter(|message| !message.trim().is_empty());
        if being_deleted {
            return None;
        }
        if NO_IMAGE.contains(&reason) {
            let message = message.unwrap_or_else(|| format!("the image {} cannot be had", container.image));
            return (age >= IMAGE_GRACE_SECONDS).then(|| failure(reason, message, Log::None, None, restarts));
        }
        // What died before is not what is waiting now.
        if NO_START.contains(&reason) {
            return Some(failure(
                reason,
                message.unwrap_or_else(|| "the container cannot be created".into()),
                Log::None,
                None,
                restarts,
            ));
        }
        let log = if last.is_some() { Log::Previous } else { Log::None };
        let because = last.and_then(|died| died.reason.as_deref()).unwrap_or_default();
        if reason == RUN_ERROR || (reason == CRASH_LOOP && NOT_RUN.contains(&because)) {
            let message = last.and_then(|died| died.message.clone()).or(message);
            return Some(failure(
                RUN_ERROR,
                message.unwrap_or_else(|| "the container cannot be run".into()),
                log,
                last,
                restarts,
            ));
        }
        if reason == CRASH_LOOP && because == OOM {
            return Some(failure(OOM, out_of_memory(last), log, last, restarts));
        }
        if reason == CRASH_LOOP {
            let how = last.map(|died| format!(" ({})", ended(died))).unwrap_or_default();
            let message = message.unwrap_or_else(|| "back-off restarting failed container".into());
            return Some(failure(CRASH_LOOP, format!("{message}{how}"), log, last, restarts));
        }
        return None;
    }
    if let Some(died) = &state.terminated {
        // An earlier instance has its own log, which `previous` would return.
        return match died.reason.as_deref() {
            Some(OOM) => Some(failure(OOM, out_of_memory(Some(died)), Log::Current, Some(died), restarts)),
            Some(reason) if NOT_RUN.contains(&reason) && !being_deleted => {
                let message = died.message.clone().unwrap_or_else(|| ended(died));
                Some(failure(RUN_ERROR, message, Log::Current, Some(died), restarts))
            }
            _ => None,
        };
    }
    let died = last.filter(|died| died.reason.as_deref() == Some(OOM))?;
    let finished = died.finished_at.as_ref().map(|at| at.0)?;
    let is_recent = now.as_second() - finished.as_second() <= OOM_LOOK_BACK_SECONDS;
    // It is running again, so the instance before it died.
    is_recent
        .then(|| failure(OOM, out_of_memory(Some(died)), Log::Previous, Some(died), (restarts - 1).max(0)))
}

fn out_of_memory(died: Option<&ContainerStateTerminated>) -> String {
    let code = died.map_or(137, |died| died.exit_code);
    format!("the container used more memory than its limit (exit code {code})")
}

fn ended(died: &ContainerStateTerminated) -> String {
    let reason = died.reason.as_deref().map(|reason| format!("{reason}, ")).unwrap_or_default();
    match died.signal.filter(|signal| *signal > 0) {
        Some(signal) => format!("{reason}signal {signal}"),
        None => format!("{reason}exit code {}", died.exit_code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn every_state_tells_what_it_should() {
        let rows: Vec<Value> = serde_json::from_str(include_str!("states.json")).unwrap();
        assert!(rows.len() > 25);
        for row in rows {
            let pod: Pod = serde_json::from_value(row["pod"].clone()).unwrap();
            let found: Vec<Value> = failures(&pod, row["now"].as_str().unwrap().parse().unwrap())
                .into_iter()
                .map(|one| json!({"container": one.container, "state": one.state, "log": format!("{:?}", one.log), "instance": one.instance}))
                .collect();
            assert_eq!(Value::from(found), row["failures"], "{}", row["name"]);
        }
    }
}
