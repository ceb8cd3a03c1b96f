//! [`Projects`](crate::store::Projects).

use super::sample::{at, issue, received, record, shop};
use crate::domain::query::Test;
use crate::domain::text::{ProjectName, Url};
use crate::domain::{Editor, FieldEdit, IssueFilter, ProjectEdit, Scope, SecretHash, Sort};
use crate::store::{EditOutcome, Store};
use logcenter_core::{KeyKind, ProjectId};
use serde_json::json;

fn named(name: &str) -> ProjectEdit {
    ProjectEdit { name: FieldEdit::Set(ProjectName::cut(name)), ..ProjectEdit::default() }
}

/// Projects are listed by id in binary order, whatever the locale.
pub async fn projects_are_in_binary_order<S: Store>(store: &S) {
    for id in ["b", "a-b", "a", "B", "a_b", "aB", "1"] {
        let id: ProjectId = id.parse().expect("a project");
        store.edit_project(id, ProjectEdit::default(), Editor::Registrant, at(1)).await.expect("edited");
    }
    let ids: Vec<String> =
        store.projects().await.expect("read").into_iter().map(|one| one.project_id.to_string()).collect();
    assert_eq!(ids, ["1", "B", "a", "a-b", "aB", "a_b", "b"]);
}

/// An edit creates, changes, is stale or would overwrite, as the rules say; only one that is made changes anything.
pub async fn edits_are_decided_by_the_rules<S: Store>(store: &S) {
    let edit = |edit, editor, millis| store.edit_project(shop(), edit, editor, at(millis));
    let made = edit(named("Shop"), Editor::Registrant, 10).await.expect("answered");
    assert!(
        matches!(&made, EditOutcome::Edited(project) if project.name.as_deref() == Some("Shop")),
        "{made:?}"
    );
    let overwritten = edit(named("Other"), Editor::Registrant, 20).await.expect("answered");
    assert!(
        matches!(&overwritten, EditOutcome::WouldOverwrite(fields) if fields == &["name"]),
        "{overwritten:?}"
    );
    let late = ProjectEdit { expected_updated_at: Some(at(9)), ..named("Other") };
    let stale = edit(late, Editor::Administrator, 20).await.expect("answered");
    assert!(matches!(&stale, EditOutcome::Stale(project) if project.updated_at == at(10)), "{stale:?}");
    let repo =
        ProjectEdit { repo_url: FieldEdit::Set(Url::cut("https://git/shop")), ..ProjectEdit::default() };
    edit(repo, Editor::Registrant, 30).await.expect("answered");
    let project = store.project(shop()).await.expect("read").expect("a project");
    assert_eq!(
        (project.name.as_deref(), project.repo_url.as_deref()),
        (Some("Shop"), Some("https://git/shop"))
    );
    assert_eq!((project.created_at, project.updated_at), (at(10), at(30)));
    assert!(store.project("none".parse().expect("a project")).await.expect("read").is_none());
}

/// Deleting a project deletes its issues, hours and keys, however many there are; its id can be used again.
pub async fn a_project_goes_with_all_it_has<S: Store>(store: &S) {
    let batch = (1..=100).map(|line| received(line, 10, json!({"event_id": line.to_string()}))).collect();
    record(store, batch).await;
    record(store, vec![received(1, 10, json!({"project_id": "other"}))]).await;
    store
        .add_key(shop(), KeyKind::Server, SecretHash::of("key"), "lck_".into(), at(20))
        .await
        .expect("added")
        .expect("a project");
    assert!(store.delete_project(shop(), at(30)).await.expect("removed"));
    assert!(!store.delete_project(shop(), at(30)).await.expect("answered"));
    assert!(store.project(shop()).await.expect("read").is_none());
    let left = store.stats(Scope::All, at(40)).await.expect("read");
    assert_eq!((left.issues, left.count, left.projects.len()), (1, 1, 1));
    assert_eq!(left.hours.iter().map(|hour| hour.count).sum::<i64>(), 1);
    assert!(store.keys().await.expect("read").all.is_empty());
    let id = issue(store, 1, 50).await;
    assert!(id.0 > 101, "{id} was used before");
    let filter = IssueFilter::of([Test::Project(vec![shop()])]);
    assert_eq!(super::sample::list(store, filter, Sort::LastSeen).await.len(), 1);
}
