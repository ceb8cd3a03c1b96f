//! Deployments.

use super::sample::{at, change, force, issue, shop};
use crate::domain::text::{CommitHash, Environment, Version};
use crate::domain::{Actor, Change, Deployment, DeploymentFilter, DeploymentId, IssueId, Scope};
use crate::store::Store;
use logcenter_core::{ProjectId, Status};

/// A deployment changes the verified issues of its project that were seen in its environment and whose fix it includes.
pub async fn they_move_verified_issues<S: Store>(store: &S) {
    let verified = |line: u64, commit: Option<&'static str>| async move {
        let id = issue(store, line, 10).await;
        let commit_hash = commit.map(CommitHash::cut);
        store
            .change_status(id, Change { commit_hash, ..change(Status::Fixed) }, None, at(20))
            .await
            .expect("fixed");
        force(store, id, Status::Verified, 30).await;
        id
    };
    let (brought, elsewhere) = (verified(1, Some("0123456789")).await, verified(2, Some("ffffffffff")).await);
    let unknown = verified(3, None).await;
    let fixed = issue(store, 4, 10).await;
    force(store, fixed, Status::Fixed, 20).await;
    let deployment = |environment: &str| Deployment {
        project_id: shop(),
        environment: Environment::cut(environment),
        commits: vec![CommitHash::cut("0123456")],
        version: None,
        actor: Actor::person(None),
    };
    assert_eq!(store.deploy(deployment("staging"), at(40)).await.expect("deployed"), []);
    assert_eq!(store.deploy(deployment("production"), at(50)).await.expect("deployed"), [brought, unknown]);
    assert_eq!(store.deploy(deployment("production"), at(60)).await.expect("deployed"), []);
    for (id, status) in [(brought, Status::Deployed), (elsewhere, Status::Verified), (fixed, Status::Fixed)] {
        assert_eq!(store.issue(id).await.expect("read").expect("an issue").issue.status, status);
    }
}

/// Deployments are listed newest first, by project and environment, until their project is deleted.
pub async fn they_are_kept<S: Store>(store: &S) {
    let id = issue(store, 1, 10).await;
    force(store, id, Status::Verified, 20).await;
    let other: ProjectId = "other".parse().expect("a project");
    let deployment = |project_id: &ProjectId, environment: &str, version: Option<&str>| Deployment {
        project_id: project_id.clone(),
        environment: Environment::cut(environment),
        commits: ["0123456", "89abcdef\n"].map(CommitHash::cut).into(),
        version: version.map(Version::cut),
        actor: Actor::person(None),
    };
    store.deploy(deployment(&shop(), "production", Some("1.0")), at(30)).await.expect("deployed");
    store.deploy(deployment(&shop(), "staging", None), at(40)).await.expect("deployed");
    store.deploy(deployment(&other, "production", Some("7")), at(50)).await.expect("deployed");
    let all = || DeploymentFilter::default();
    let listed = async |filter: DeploymentFilter, before: Option<DeploymentId>, limit: u32| {
        let page = store.deployments(filter, before, limit).await.expect("read");
        (page.items.iter().map(|one| one.at.millis()).collect::<Vec<_>>(), page.more, page.items)
    };
    let (times, more, items) = listed(all(), None, 2).await;
    assert_eq!((times, more), (vec![50, 40], true));
    let (times, more, rest) = listed(all(), items.last().map(|one| one.id), 2).await;
    assert_eq!((times, more), (vec![30], false));
    let first = &rest[0];
    assert_eq!(
        (&first.project_id, &*first.environment, first.version.as_deref()),
        (&shop(), "production", Some("1.0"))
    );
    let commits: Vec<&str> = first.commits.iter().map(|commit| commit.trim_end()).collect();
    assert_eq!((commits, &first.deployed), (vec!["0123456", "89abcdef"], &vec![id]));
    assert_eq!(items[1].deployed, Vec::<IssueId>::new());
    let brief = listed(DeploymentFilter { first_commit_only: true, ..all() }, None, 9).await.2;
    assert!(brief.iter().all(|one| one.commits == [CommitHash::cut("0123456")]), "{brief:?}");
    let bare = Deployment { commits: Vec::new(), ..deployment(&other, "bare", None) };
    store.deploy(bare, at(55)).await.expect("deployed");
    let bare =
        |first_commit_only| DeploymentFilter { environment: Some("bare".into()), first_commit_only, ..all() };
    for first_commit_only in [true, false] {
        assert_eq!(listed(bare(first_commit_only), None, 9).await.2[0].commits, []);
    }
    assert_eq!(items[1].version, None);
    let production = || Some("production".to_owned());
    for (filter, expected) in [
        (DeploymentFilter { environment: production(), ..all() }, vec![50, 30]),
        (DeploymentFilter { project_id: Some(shop()), environment: production(), ..all() }, vec![30]),
        (DeploymentFilter { scope: Scope::Projects([other.clone()].into()), ..all() }, vec![55, 50]),
        (DeploymentFilter { scope: Scope::Projects([].into()), ..all() }, vec![]),
        (DeploymentFilter { environment: Some("a\0b".into()), ..all() }, vec![]),
    ] {
        assert_eq!(listed(filter.clone(), None, 200).await.0, expected, "{filter:?}");
    }
    assert!(store.delete_project(shop(), at(60)).await.expect("deleted"));
    assert_eq!(listed(all(), None, 200).await.0, [55, 50]);
}
