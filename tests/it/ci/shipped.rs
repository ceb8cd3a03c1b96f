//! What users copy into a pipeline: the action, the example workflow, and the script itself.

use super::{ends_well, in_pipeline, script};
use crate::harness::{double, tools};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::tempdir;

/// Reads a YAML file of the repository.
fn yaml(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(file);
    let read = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1])), default=str))";
    let output = tools::python().args(["-c", read]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_action_and_the_workflow_run_the_script() {
    let (url, kept) = double::recorder().await;
    let folder = tempdir().unwrap();
    let root = script().parent().unwrap().parent().unwrap().to_owned();

    let action = yaml("actions/report-failure/action.yml");
    let step = &action["runs"]["steps"][0];
    let inputs = [
        ("project", "shop"),
        ("step", "test"),
        ("log", "it $(broke) \"here\""),
        ("url", url.as_str()),
        ("key", ""),
    ];
    let mut command = Command::new("sh");
    in_pipeline(&mut command, "unused")
        .env("LOG_CENTER_NO_BINARY", "1")
        .args(["-c", step["run"].as_str().unwrap()]);
    for (name, value) in step["env"].as_object().unwrap() {
        let value = inputs.iter().fold(value.as_str().unwrap().to_owned(), |value, (input, given)| {
            value.replace(&format!("${{{{ inputs.{input} }}}}"), given)
        });
        let here = root.join("actions/report-failure");
        command.env(name, value.replace("${{ github.action_path }}", here.to_str().unwrap()));
    }
    ends_well(command, "the action").await;
    let (report, key) = kept.lock().unwrap().pop().unwrap();
    assert_eq!(
        (report["error"]["message"].as_str(), key.as_str()),
        (Some("[test] it $(broke) \"here\""), "")
    );

    let workflow = yaml(".gitea/workflows/report-failure.yml");
    let steps = workflow["jobs"]["build-and-deploy"]["steps"].as_array().unwrap();
    let last = steps.last().unwrap();
    assert_eq!(last["if"], "failure()");
    let log = folder.path().join("test.log");
    std::fs::write(&log, "1 failed\n").unwrap();
    let run = last["run"].as_str().unwrap().replace("/tmp/test.log", log.to_str().unwrap());
    let mut command = Command::new("sh");
    in_pipeline(&mut command, &url).env("LOG_CENTER_NO_BINARY", "1").current_dir(&root).args(["-c", &run]);
    command.envs([("LINT", "success"), ("BUILD", "success"), ("TEST", "failure"), ("DEPLOY", "skipped")]);
    ends_well(command, "the workflow").await;
    let (report, _) = kept.lock().unwrap().pop().unwrap();
    assert_eq!(
        (&report["error"]["type"], &report["error"]["stack_trace"]),
        (&"TestFailure".into(), &"1 failed".into())
    );
    // A failure that no step claims is still reported.
    let mut command = Command::new("sh");
    in_pipeline(&mut command, &url).env("LOG_CENTER_NO_BINARY", "1").current_dir(&root).args(["-c", &run]);
    ends_well(command, "the workflow").await;
    let (report, _) = kept.lock().unwrap().pop().unwrap();
    assert_eq!(report["error"]["message"], "[unknown] a step without a name failed");
}

#[test]
fn shellcheck_finds_nothing() {
    let output = Command::new("shellcheck")
        .arg(script())
        .output()
        .expect("no shellcheck: run scripts/test, which installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
