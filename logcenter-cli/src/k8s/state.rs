//! What the status of a container tells of a failure: pure, so that every state can be tried in a table.
//!
//! The reasons are the kubelet's (`pkg/kubelet/container/sync_result.go`, `images/types.go`, `kuberuntime_container.go`).

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};
use k8s_openapi::jiff::Timestamp;

/// How long a pod may try to get its image before that is a failure.
const IMAGE_GRACE_SECONDS: i64 = 120;

/// How long after it a kill for lack of memory is told of a container that runs again. Its status keeps it for ever.
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

/// Which log is that of the instance that died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    /// There is none: it never ran.
    None,
    /// That of the instance before the current one.
    Previous,
    /// That of the current one.
    Current,
}

/// A failure of a container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) container: String,
    /// The state, which is the error's type.
    pub(super) state: String,
    /// What the kubelet said.
    pub(super) said: String,
    pub(super) log: Log,
    /// What the container itself left behind as its last words.
    pub(super) last_words: Option<String>,
    pub(super) restart_count: i32,
    /// Which instance of the container died, from 0.
    pub(super) instance: i32,
    /// When.
    pub(super) at: Option<Timestamp>,
}

/// What went wrong with the containers of a pod. Containers for debugging never restart, and are left out.
pub(super) fn failures(pod: &Pod, now: Timestamp) -> Vec<Failure> {
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

fn failure(container: &ContainerStatus, being_deleted: bool, age: i64, now: Timestamp) -> Option<Failure> {
    let empty = ContainerState::default();
    let state = container.state.as_ref().unwrap_or(&empty);
    let last = container.last_state.as_ref().and_then(|last| last.terminated.as_ref());
    let told = |state: &str, said: String, log, died: Option<&ContainerStateTerminated>, instance| Failure {
        container: container.name.clone(),
        state: state.into(),
        said,
        log,
        last_words: died.and_then(|died| died.message.clone()).filter(|words| !words.trim().is_empty()),
        restart_count: container.restart_count,
        instance,
        at: died.and_then(|died| died.finished_at.as_ref()).map(|at| at.0),
    };
    let restarts = container.restart_count;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.as_deref().unwrap_or_default();
        let said = waiting.message.clone().filter(|message| !message.trim().is_empty());
        if being_deleted {
            return None;
        }
        if NO_IMAGE.contains(&reason) {
            let said = said.unwrap_or_else(|| format!("the image {} cannot be had", container.image));
            return (age >= IMAGE_GRACE_SECONDS).then(|| told(reason, said, Log::None, None, restarts));
        }
        // What died before is not what waits now.
        if NO_START.contains(&reason) {
            return Some(told(
                reason,
                said.unwrap_or_else(|| "the container cannot be created".into()),
                Log::None,
                None,
                restarts,
            ));
        }
        let log = if last.is_some() { Log::Previous } else { Log::None };
        let because = last.and_then(|died| died.reason.as_deref()).unwrap_or_default();
        if reason == RUN_ERROR || (reason == CRASH_LOOP && NOT_RUN.contains(&because)) {
            let said = last.and_then(|died| died.message.clone()).or(said);
            return Some(told(
                RUN_ERROR,
                said.unwrap_or_else(|| "the container cannot be run".into()),
                log,
                last,
                restarts,
            ));
        }
        if reason == CRASH_LOOP && because == OOM {
            return Some(told(OOM, out_of_memory(last), log, last, restarts));
        }
        if reason == CRASH_LOOP {
            let how = last.map(|died| format!(" ({})", ended(died))).unwrap_or_default();
            let said = said.unwrap_or_else(|| "back-off restarting failed container".into());
            return Some(told(CRASH_LOOP, format!("{said}{how}"), log, last, restarts));
        }
        return None;
    }
    if let Some(died) = &state.terminated {
        // An earlier instance has a log of its own, which `previous` would give.
        return match died.reason.as_deref() {
            Some(OOM) => Some(told(OOM, out_of_memory(Some(died)), Log::Current, Some(died), restarts)),
            Some(reason) if NOT_RUN.contains(&reason) && !being_deleted => {
                let said = died.message.clone().unwrap_or_else(|| ended(died));
                Some(told(RUN_ERROR, said, Log::Current, Some(died), restarts))
            }
            _ => None,
        };
    }
    let died = last.filter(|died| died.reason.as_deref() == Some(OOM))?;
    let finished = died.finished_at.as_ref().map(|at| at.0)?;
    let is_recent = now.as_second() - finished.as_second() <= OOM_LOOK_BACK_SECONDS;
    // It runs again: who died is the instance before.
    is_recent.then(|| told(OOM, out_of_memory(Some(died)), Log::Previous, Some(died), (restarts - 1).max(0)))
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
            let told: Vec<Value> = failures(&pod, row["now"].as_str().unwrap().parse().unwrap())
                .into_iter()
                .map(|one| json!({"container": one.container, "state": one.state, "log": format!("{:?}", one.log), "instance": one.instance}))
                .collect();
            assert_eq!(Value::from(told), row["failures"], "{}", row["name"]);
        }
    }
}
