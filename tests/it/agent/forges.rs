//! Pull requests on a forge that speaks as Gitea and as GitHub do, and clients that others generated from the forges' own
//! documents, which read the same forge.

use super::Workshop;
use super::shop::shop;
use crate::harness::forge::{EMPTY, TOKEN};
use crate::harness::{eventually, tools};
use serde_json::{Value, json};
use std::process::Stdio;

const KINDS: [&str; 2] = ["gitea", "github"];

async fn once(workshop: &Workshop) -> super::Ran {
    workshop.run(&workshop.agent("repair-1"), &["once"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_opened_on_both_forges() {
    for kind in KINDS {
        let workshop = Workshop { kind, ..shop().await };
        let id = workshop.broken().await;
        let ran = once(&workshop).await;
        let pull = &workshop.forge.pulls()[0];
        assert!(
            pull.draft && pull.head == format!("logcenter/fix-{id}-e1") && pull.base == "main",
            "{pull:?}"
        );
        assert!(
            pull.body.contains("division by zero") && pull.title.contains("Fix ZeroDivisionError"),
            "{pull:?}"
        );
        let url = ran.attempt()["pull_request_url"].as_str().unwrap();
        assert!(
            url.ends_with(if kind == "gitea" { "/team/shop/pulls/1" } else { "/team/shop/pull/1" }),
            "{url}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_request_that_is_there_is_found_and_not_opened_again() {
    for kind in KINDS {
        let workshop = Workshop { kind, ..shop().await };
        let id = workshop.broken().await;
        // The oldest of many, so that it is on the last page.
        workshop.forge.add_pull("shop", &format!("logcenter/fix-{id}-e1"));
        for at in 0..120 {
            workshop.forge.add_pull("shop", &format!("other-{at}"));
        }
        // Somebody else opens it between the look and the opening: 409 of Gitea, 422 of GitHub.
        workshop.forge.fail_with(&[EMPTY]);
        let ran = once(&workshop).await;
        let url = ran.attempt()["pull_request_url"].as_str().unwrap();
        assert!(url.ends_with("/1"), "{kind}: {ran:?}");
        assert_eq!(workshop.forge.pulls().len(), 121);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forge_that_fails_is_asked_again_and_then_it_is_nobody_s_fault() {
    for kind in KINDS {
        let workshop = Workshop { kind, ..shop().await };
        workshop.broken().await;
        workshop.forge.fail_with(&[502, 200, 503, 500]);
        assert_eq!(once(&workshop).await.attempt()["status"], "FIXED", "{kind}");

        let workshop = Workshop { kind, ..shop().await };
        let id = workshop.broken().await;
        workshop.forge.fail_with(&[200, 500, 500, 500]);
        let ran = once(&workshop).await;
        assert_eq!(
            (ran.code, &ran.attempt()["verdict"]),
            (Some(6), &json!("infra_error")),
            "{kind}: {ran:?}"
        );
        assert!(ran.stderr.contains("500"), "{ran:?}");
        // It waits ten minutes, and does not count. The branch is there: nothing is done twice.
        assert_eq!(once(&workshop).await.lines.len(), 0);
        workshop.center.pass_millis(10 * 60_000);
        let ran = once(&workshop).await;
        assert_eq!(ran.attempt()["branch"], format!("logcenter/fix-{id}-e1"), "{kind}: {ran:?}");
        assert_eq!(ran.attempt()["stage"], "publish");
        assert_eq!((workshop.forge.pulls().len(), workshop.forge.branches("shop").len()), (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_or_missing_is_told_with_what_to_do() {
    for kind in KINDS {
        let workshop = Workshop { kind, ..shop().await };
        workshop.broken().await;
        let config = workshop.agent("repair-1");
        for (token, word) in [(Some("wrong"), "check the token's scope"), (None, "FORGE_TOKEN")] {
            let mut command = workshop.command(&config, &["doctor"]);
            match token {
                Some(token) => command.env("FORGE_TOKEN", token),
                None => command.env_remove("FORGE_TOKEN"),
            };
            let output = command.output().await.unwrap();
            assert_eq!(output.status.code(), Some(6), "{kind}: {output:?}");
            assert!(String::from_utf8_lossy(&output.stdout).contains(word), "{kind}: {output:?}");
        }
        workshop.forge.fail_with(&[401]);
        let ran = once(&workshop).await;
        assert!(ran.stderr.contains("check the token's scope"), "{kind}: {ran:?}");
        assert!(!ran.stderr.contains(TOKEN));
    }
}

/// What becomes of a fix when an agent polls the forge.
async fn polled(kind: &'static str, happens: impl FnOnce(&Workshop), status: &str) -> Value {
    let workshop = Workshop { kind, ..shop().await };
    let id = workshop.broken().await;
    assert_eq!(once(&workshop).await.attempt()["status"], "FIXED");
    happens(&workshop);
    let mut agent =
        workshop.command(&workshop.agent("repair-1"), &["run"]).stdout(Stdio::null()).spawn().unwrap();
    eventually(status, || async { (workshop.admin.issue(id).await["status"] == status).then_some(()) }).await;
    agent.kill().await.unwrap();
    let history = workshop.admin.get(&format!("/api/v1/issues/{id}/history")).await.ok();
    // Nobody tries again what a person refused.
    workshop.center.pass_millis(90 * 24 * 3_600_000);
    let again = once(&workshop).await.lines.len();
    json!({"last": history["history"][0], "again": again})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forges_that_cannot_reach_the_server_are_asked() {
    for kind in KINDS {
        let merged = |workshop: &Workshop| {
            let commit = workshop.forge.merge(1);
            workshop.forge.set_status(&commit, "success");
        };
        let told = polled(kind, merged, "VERIFIED").await;
        assert!(told["last"]["note"].as_str().unwrap().contains("merged"), "{told}");
        let told = polled(kind, |workshop| workshop.forge.close(1), "FIX_FAILED").await;
        assert_eq!((&told["last"]["note"], &told["again"]), (&json!("refused by a person"), &json!(0)));
        let broken = |workshop: &Workshop| {
            let commit = workshop.forge.merge(1);
            workshop.forge.set_status(&commit, "failure");
        };
        let told = polled(kind, broken, "FIX_FAILED").await;
        assert!(told["last"]["note"].as_str().unwrap().contains("checks"), "{told}");
    }
}

/// Reads and opens pull requests with clients that were generated from the forges' documents.
const CLIENTS: &str = r#"
import asyncio, sys
from gitea_api_client import ApiClient, Configuration, RepositoryApi, CreatePullRequestOption
from gitea_api_client.exceptions import ApiException
from github import Auth, Github, GithubException

base, token = sys.argv[1:]
loop = asyncio.new_event_loop()
ask = loop.run_until_complete


async def client(token):
    return RepositoryApi(ApiClient(Configuration(host=base + "/api/v1"), "Authorization", "token " + token))


gitea = ask(client(token))
hub = Github(base_url=base + "/github", auth=Auth.Token(token), retry=None).get_repo("team/shop")

found = ask(gitea.repo_get("team", "shop"))
assert found.full_name == "team/shop" and found.permissions.push, found
assert hub.full_name == "team/shop" and hub.permissions.push and hub.default_branch == "main"

one = ask(gitea.repo_get_pull_request("team", "shop", 1))
two = hub.get_pull(1)
for pull in (one, two):
    assert pull.number == 1 and pull.state == "open" and not pull.merged and pull.draft, pull
    assert pull.head.ref.startswith("logcenter/fix-") and pull.base.ref == "main", pull
    assert len(pull.head.sha) == 40 and pull.head.repo.full_name == pull.base.repo.full_name == "team/shop"
assert one.html_url.endswith("/pulls/1") and two.html_url.endswith("/pull/1"), (one.html_url, two.html_url)
assert one.title.startswith("WIP: ")

pages = [ask(gitea.repo_list_pull_requests("team", "shop", state="open", page=page, limit=50)) for page in (1, 2, 3, 4)]
assert [len(page) for page in pages] == [50, 50, 21, 0], [len(page) for page in pages]
assert len(list(hub.get_pulls(state="open"))) == 121, len(list(hub.get_pulls(state="open")))

try:
    new = CreatePullRequestOption(head=one.head.ref, base="main", title="x")
    ask(gitea.repo_create_pull_request("team", "shop", body=new))
    raise SystemExit("opened twice")
except ApiException as error:
    assert error.status == 409, error
try:
    hub.create_pull(base="main", head=one.head.ref, title="x", body="", draft=True)
    raise SystemExit("opened twice")
except GithubException as error:
    assert error.status == 422 and "already exists" in str(error.data), error

status = ask(gitea.repo_get_combined_status_by_ref("team", "shop", one.head.sha))
assert status.state == "success" and status.statuses[0].status == "success", status
combined = hub.get_commit(one.head.sha).get_combined_status()
assert combined.state == "success" and combined.statuses[0].state == "success"
try:
    ask(ask(client("wrong")).repo_get("team", "shop"))
    raise SystemExit("let in")
except ApiException as error:
    assert error.status == 401, error
print("read")
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_others_generated_read_the_same_forge() {
    let workshop = shop().await;
    workshop.broken().await;
    let ran = once(&workshop).await;
    workshop.forge.set_status(ran.attempt()["commit"].as_str().unwrap(), "success");
    for at in 0..120 {
        workshop.forge.add_pull("shop", &format!("other-{at}"));
    }
    let mut python = tokio::process::Command::from(tools::python());
    let output = python.args(["-c", CLIENTS, workshop.forge.base(), TOKEN]).output().await.unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "read\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_replayed_and_late_webhooks_change_nothing() {
    let workshop = shop().await;
    let id = workshop.broken().await;
    once(&workshop).await;
    workshop.forge.merge(1);
    let status = async || workshop.admin.issue(id).await["status"].clone();
    assert_eq!(workshop.forge.tell(&workshop.center, 1, "a guess").await.status, 401);
    assert_eq!(status().await, "FIXED");
    workshop.forge.tell(&workshop.center, 1, super::SECRET).await.ok();
    assert_eq!(status().await, "VERIFIED");
    workshop.forge.tell(&workshop.center, 1, super::SECRET).await.ok();
    assert_eq!(workshop.walk(id).await.len(), 5);

    // It comes when a person has reopened the issue.
    let workshop = shop().await;
    let id = workshop.broken().await;
    once(&workshop).await;
    workshop.forge.merge(1);
    workshop.admin.patch(id, &json!({"status": "NEW"})).await.ok();
    let walked = workshop.walk(id).await;
    // It only says that the pull request is not open any more.
    workshop.forge.tell(&workshop.center, 1, super::SECRET).await.ok();
    assert_eq!(workshop.walk(id).await, walked);
    assert_eq!(workshop.admin.issue(id).await["status"], "NEW");
}
