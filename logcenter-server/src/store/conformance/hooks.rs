//! What forges tell [`Repairs`](crate::store::Repairs).

use super::repairs::{claimed, moved, next, status, update, wanted};
use super::sample::{HOUR, at, force, issue};
use crate::domain::repair::{AttemptUpdate, Hook, PullRequest};
use crate::domain::text::{Branch, CheckName, CommitHash, Url};
use crate::domain::{IssueId, SecretHash};
use crate::store::Store;
use logcenter_core::Status;
use logcenter_core::repair::{Stage, Verdict};

/// An agent takes a new issue to FIXED, with a pull request.
async fn publish<S: Store>(store: &S, id: IssueId) {
    prepare(store, id, "c").await;
    moved(store, id, Status::Fixed, "one", HOUR).await;
}

/// An agent does all that comes before FIXED.
async fn prepare<S: Store>(store: &S, id: IssueId, commit: &str) {
    claimed(store, wanted("one"), HOUR).await;
    moved(store, id, Status::PendingFix, "one", HOUR).await;
    moved(store, id, Status::Fixing, "one", HOUR).await;
    let published = AttemptUpdate {
        branch: Some(Branch::cut("b")),
        base_branch: Some(Branch::cut("main")),
        commit_hash: Some(CommitHash::cut(commit)),
        pull_request_url: Some(Url::cut("https://forge/shop/pulls/1")),
        ..next(Stage::Publish, Some(Verdict::Fixed))
    };
    update(store, id, "one", published, HOUR).await;
}

/// A check that failed before the issue became FIXED holds the fix back; one that passed again meanwhile does not.
pub async fn early_checks_are_remembered<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    let check = |repository: &str, name: &str, passed| Hook::Checked {
        repository: repository.into(),
        commit: CommitHash::cut("c"),
        name: CheckName::cut(name),
        passed,
    };
    for (hook, body) in [
        (check("https://forge/shop", "tests", false), "1"),
        (check("https://forge/shop", "lint", false), "2"),
        (check("https://forge/shop", "lint", true), "3"),
        (check(&"\u{1F600}".repeat(2000), &"\u{1F600}".repeat(200), false), "long"),
        (check("https://elsewhere/shop", "tests", false), "4"),
    ] {
        let heard = store.hook(hook, SecretHash::of(body), at(HOUR)).await.expect("answered");
        assert_eq!(heard, [], "nothing is FIXED yet");
    }
    publish(store, id).await;
    let repair = store.repair(id).await.expect("read").expect("an issue");
    assert_eq!(repair.publication.expect("a fix").failed_checks, [CheckName::cut("tests")]);
}

/// A check that fails at the moment at which its fix becomes FIXED is not lost between the two.
pub async fn checks_that_fail_meanwhile_are_not_lost<S: Store>(store: &S) {
    for round in 1..16 {
        let (id, commit) = (issue(store, round, HOUR).await, format!("c{round}"));
        prepare(store, id, &commit).await;
        let (commit, name) = (CommitHash::cut(&commit), CheckName::cut("tests"));
        let failed = Hook::Checked { repository: "https://forge/shop".into(), commit, name, passed: false };
        let body = SecretHash::of(&format!("body {round}"));
        let (heard, ()) =
            tokio::join!(store.hook(failed, body, at(HOUR)), moved(store, id, Status::Fixed, "one", HOUR));
        heard.expect("answered");
        let repair = store.repair(id).await.expect("read").expect("an issue");
        assert_eq!(repair.publication.expect("a fix").failed_checks, [CheckName::cut("tests")], "{round}");
    }
}

/// What a forge tells changes the issue that it is about, once.
pub async fn forges_are_heard_once<S: Store>(store: &S) {
    let id = issue(store, 1, HOUR).await;
    publish(store, id).await;
    let hear = async |hook: &Hook, body: &str| {
        let digest = SecretHash::of(body);
        store.hook(hook.clone(), digest, at(2 * HOUR)).await.expect("answered")
    };
    let check = |passed| Hook::Checked {
        repository: "https://forge/shop".into(),
        commit: CommitHash::cut("c"),
        name: CheckName::cut("tests"),
        passed,
    };
    let url = Url::cut("https://forge/shop/pulls/1");
    let pull_request = PullRequest { url, head: "b".into(), head_commit: "c".into(), base: "main".into() };
    let merge = |pull_request| Hook::Merged { pull_request, commit: CommitHash::cut("f") };
    let (elsewhere, merged) =
        (merge(PullRequest { base: "other".into(), ..pull_request.clone() }), merge(pull_request));
    assert_eq!(hear(&elsewhere, "merged into another branch").await, []);
    assert_eq!(hear(&check(false), "failed").await, [id]);
    assert_eq!(hear(&merged, "merged").await, [id]);
    assert_eq!(status(store, id).await, Status::Fixed);
    assert_eq!(hear(&check(true), "failed").await, [], "this body was heard before");
    assert_eq!(hear(&check(true), "passed").await, [id]);
    assert_eq!(status(store, id).await, Status::Verified);
    assert_eq!(hear(&merged, "merged again").await, []);
    force(store, id, Status::Fixed, 3 * HOUR).await;
    assert_eq!(hear(&merged, "merged again").await, [], "nothing is on its way");
}
