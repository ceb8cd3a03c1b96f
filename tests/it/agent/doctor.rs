//! What the operator is told: the doctor on machines that lack something, and the exit codes.

use super::Workshop;
use super::shop::shop;
use crate::harness::double::closed_port;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::Path;

/// A PATH with these programs alone.
fn only(workshop: &Workshop, programs: &[&str]) -> std::path::PathBuf {
    let folder = workshop.path(&format!("bin-{}", programs.join("-")));
    std::fs::create_dir(&folder).unwrap();
    for program in programs {
        let path = std::env::var_os("PATH").unwrap();
        let found =
            std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file());
        symlink(found.unwrap_or_else(|| panic!("no {program}: run scripts/test")), folder.join(program))
            .unwrap();
    }
    folder
}

async fn doctor(workshop: &Workshop, config: &Path, path: &Path) -> (Option<i32>, Vec<Value>) {
    let output = workshop.command(config, &["doctor"]).env("PATH", path).output().await.unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn found<'a>(lines: &'a [Value], subject: &str, outcome: &str) -> Vec<&'a str> {
    let is_it = |line: &&Value| line["subject"] == subject && line["outcome"] == outcome;
    lines.iter().filter(is_it).map(|line| line["text"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_what_is_missing_and_how_to_mend_it() {
    let workshop = shop().await;
    workshop.broken().await;
    let config = workshop.agent("repair-1");
    let whole = only(&workshop, &["git", "bwrap"]);
    let (code, lines) = doctor(&workshop, &config, &whole).await;
    assert_eq!(code, Some(0), "{lines:?}");
    for subject in ["git", "sandbox", "server", "project shop"] {
        assert!(!found(&lines, subject, "ok").is_empty(), "{subject}: {lines:?}");
    }
    let tests = found(&lines, "project shop", "ok").join("\n");
    assert!(tests.contains("1 tests ran in the sandbox"), "{tests}");

    let (code, lines) = doctor(&workshop, &config, &only(&workshop, &["git"])).await;
    assert_eq!(code, Some(6));
    assert!(found(&lines, "sandbox", "fail")[0].contains("apt-get install bubblewrap"), "{lines:?}");
    let (code, lines) = doctor(&workshop, &config, &only(&workshop, &["bwrap"])).await;
    assert_eq!(code, Some(6));
    assert!(found(&lines, "git", "fail")[0].contains("apt-get install git"), "{lines:?}");

    // Project by project.
    let mut text = std::fs::read_to_string(&config).unwrap();
    text += "\n[[project]]\nid = \"nowhere\"\ntest = [\"no-such-test\"]\nfixer = [\"/no/such/fixer\"]\n\n\
             [[project]]\nid = \"broken\"\nrepo = \"REPO\"\ntest = [\"/usr/bin/python3\", \"-c\", \"import no_such_module\"]\n\
             fixer = [\"/usr/bin/true\"]\nfixer_env = [\"NO_SUCH_KEY\"]\n\n\
             [[project]]\nid = \"missing\"\nrepo = \"REPO\"\ntest = [\"no-such-test\"]\nfixer = [\"/no/such/fixer\"]\n\
             readable = [\"/no/such/folder\"]\n";
    std::fs::write(&config, text.replace("REPO", &workshop.forge.address("shop"))).unwrap();
    let (code, lines) = doctor(&workshop, &config, &whole).await;
    assert_eq!(code, Some(6));
    assert!(found(&lines, "project nowhere", "fail")[0].contains("set repo"), "{lines:?}");
    assert!(found(&lines, "project nowhere", "warn")[0].contains("first report"), "{lines:?}");
    let broken = found(&lines, "project broken", "fail");
    assert!(
        broken[0].contains("do not run in the sandbox") && broken[0].contains("no_such_module"),
        "{broken:?}"
    );
    assert!(found(&lines, "project broken", "warn").iter().any(|text| text.contains("NO_SUCH_KEY")));
    let missing = found(&lines, "project missing", "fail").join("\n");
    for word in
        ["no-such-test was not found", "/no/such/fixer was not found", "/no/such/folder does not exist"]
    {
        assert!(missing.contains(word), "{word}: {missing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_codes_are_those_of_the_contract() {
    let workshop = shop().await;
    let id = workshop.broken().await;
    workshop.program("fixer", "#!/bin/bash\nsleep 86397\n");
    let config = workshop.agent("repair-1");
    let code = async |command: &mut tokio::process::Command| {
        let output = command.output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let viewer = json!({"name": "reader", "role": "viewer"});
    let viewer = workshop.admin.with_json("POST", "/api/v1/tokens", &viewer).await.ok();
    for token in [viewer["token"].as_str().unwrap(), "wrong"] {
        for what in ["once", "run", "doctor"] {
            let (exit, said) =
                code(workshop.command(&config, &[what]).env("LOGCENTER_AGENT_TOKEN", token)).await;
            assert_eq!(exit, Some(4), "{what}: {said}");
        }
    }
    for what in ["once", "doctor"] {
        let (exit, said) =
            code(workshop.command(&config, &[what]).env("LOG_CENTER_URL", closed_port())).await;
        assert_eq!(exit, Some(5), "{what}: {said}");
    }
    let (exit, said) = code(&mut workshop.command(&workshop.path("none.toml"), &["once"])).await;
    assert!(exit == Some(6) && said.contains("--config"), "{said}");
    std::fs::write(workshop.path("bad.toml"), "[agent]\nname = 3\n").unwrap();
    let (exit, said) = code(&mut workshop.command(&workshop.path("bad.toml"), &["once"])).await;
    assert!(exit == Some(6) && said.contains("expected a string"), "{said}");

    // Two agents in one folder would take each other's files for their own.
    let mut other = workshop.command(&config, &["run"]).spawn().unwrap();
    crate::harness::eventually("it works", || async {
        (workshop.admin.issue(id).await["lease"] != Value::Null).then_some(())
    })
    .await;
    let (exit, said) = code(&mut workshop.command(&config, &["once"])).await;
    assert!(exit == Some(6) && said.contains("another agent works"), "{said}");
    other.kill().await.unwrap();
    workshop.center.pass_millis(12 * 60_000);
    crate::harness::eventually("the issue goes back", || async {
        (workshop.admin.issue(id).await["lease"] == Value::Null).then_some(())
    })
    .await;
    workshop.center.pass_millis(12 * 60_000);

    workshop.program("fixer", "#!/bin/bash\ntrue\n");
    let (exit, said) = code(&mut workshop.command(&config, &["once", &id.to_string()])).await;
    assert!(exit == Some(1) && said.contains("changed nothing"), "{said}");
    let (exit, said) = code(&mut workshop.command(&config, &["once"])).await;
    assert!(exit == Some(0) && said.contains("nothing to do"), "{said}");
    let (exit, _) = code(&mut workshop.command(&config, &["once", "no-number"])).await;
    assert_eq!(exit, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_is_only_left_out_where_it_is_written_down_and_the_server_has_a_token() {
    let workshop = shop().await;
    workshop.broken().await;
    let config = workshop.agent("repair-1");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("lease_seconds = 60", "lease_seconds = 60\nsandbox = \"none\""))
        .unwrap();
    let output =
        workshop.command(&config, &["once"]).env_remove("LOGCENTER_AGENT_TOKEN").output().await.unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert!(String::from_utf8_lossy(&output.stderr).contains("LOGCENTER_AGENT_TOKEN"));
    let ran = workshop.run(&config, &["once"]).await;
    assert_eq!(ran.attempt()["status"], "FIXED", "{ran:?}");
    let ran = workshop.run(&config, &["doctor"]).await;
    assert!(found(&ran.lines, "sandbox", "warn")[0].contains("none"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_in_the_documents_can_be_used() {
    let workshop = Workshop::open().await;
    let text = std::fs::read_to_string(crate::harness::program::root().join("docs/repair.md")).unwrap();
    let config = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let work_dir = workshop.path("work");
    let config = config.replace("/var/lib/logcenter-repair", work_dir.to_str().unwrap());
    std::fs::write(workshop.path("repair.toml"), config).unwrap();
    let ran = workshop.run(&workshop.path("repair.toml"), &["once"]).await;
    assert!(ran.code == Some(0) && ran.stderr.contains("nothing to do"), "{ran:?}");
}
