//! The workload that a pod belongs to, derived from the pod alone: no permission to read deployments is needed.

use k8s_openapi::api::core::v1::Pod;

/// The name of the deployment, job, stateful set or daemon set, or the pod's own name if it has no owner.
///
/// A replica set is named after its deployment and the hash of the template, which its pods have as a label. If the
/// two do not match, the replica set's own name is used instead of guessing.
pub(super) fn name(pod: &Pod) -> String {
    let metadata = &pod.metadata;
    let label = |name: &str| metadata.labels.as_ref().and_then(|labels| labels.get(name)).map(String::as_str);
    let mut owners = metadata.owner_references.iter().flatten();
    let Some(owner) = owners.find(|owner| owner.controller == Some(true)) else {
        return metadata.name.clone().unwrap_or_default();
    };
    let without = |hash: Option<&str>| owner.name.strip_suffix(hash?)?.strip_suffix('-');
    let known = match owner.kind.as_str() {
        "ReplicaSet" => {
            without(label("pod-template-hash")).or_else(|| without(label("rollouts-pod-template-hash")))
        }
        // The name of a cron job's job ends with the minute it was created for.
        "Job" => owner.name.rsplit_once('-').filter(|(_, at)| is_minute(at)).map(|(name, _)| name),
        _ => None,
    };
    known.filter(|name| !name.is_empty()).unwrap_or(&owner.name).to_owned()
}

fn is_minute(text: &str) -> bool {
    (8..=10).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn owners_tell_the_workload() {
        let rows = [
            ("ReplicaSet", "shop-api-5d8f7c9b4", "5d8f7c9b4", "shop-api"),
            ("ReplicaSet", "shop-api-5d8f7c9b4", "other", "shop-api-5d8f7c9b4"),
            ("ReplicaSet", "5d8f7c9b4", "5d8f7c9b4", "5d8f7c9b4"),
            ("Job", "report-28901234", "", "report"),
            ("Job", "migrate-once", "", "migrate-once"),
            ("StatefulSet", "db", "", "db"),
            ("DaemonSet", "agent", "", "agent"),
        ];
        for (kind, owner, hash, expected) in rows {
            let pod: Pod = serde_json::from_value(json!({"metadata": {
            "name": "a-pod", "labels": {"pod-template-hash": hash},
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Node", "name": "first", "uid": "1"},
                {"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": "2", "controller": true},
            ]}}))
            .unwrap();
            assert_eq!(name(&pod), expected, "{kind} {owner}");
        }
        let pod: Pod = serde_json::from_value(json!({"metadata": {"name": "alone"}})).unwrap();
        assert_eq!(name(&pod), "alone");
    }
}
