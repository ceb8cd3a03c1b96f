//! One scan.

use super::finding;
use super::report::report;
use super::state::failures;
use super::{log, say};
use crate::args::Monitor;
use crate::exit::Failure;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ListParams, ObjectList};
use kube::{Api, Client, Error};
use logcenter_client::api::NewReport;
use logcenter_core::label::Labels;
use std::collections::BTreeSet;
use std::time::Duration;

/// Pods that are listed at once.
const PAGE: u32 = 250;

/// How long the cluster may take for an answer: its client has no limit of its own.
const PATIENCE: Duration = Duration::from_secs(30);

/// Scans the namespace, and reports what it finds.
pub(super) async fn scan(monitor: &Monitor) -> Result<(), Failure> {
    let api = logcenter_client::api::Api::new(&monitor.url, monitor.key.clone())
        .map_err(|error| Failure::usage(format!("--url {:?} cannot be used: {error}", monitor.url)))?;
    // Without the projects nothing could be told apart: that is no scan without findings.
    let projects = api.projects().await;
    let projects =
        projects.map_err(|error| Failure::unreachable(format!("the projects cannot be listed: {error}")))?;
    let labels = Labels::new(projects.into_iter().map(|project| project.project_id));
    for label in labels.ambiguous() {
        say(&format!("app {label} belongs to two projects alike: its pods are left out"));
    }
    let client =
        Client::try_default().await.map_err(|error| Failure::failed(format!("no cluster: {error}")))?;
    let pods: Api<Pod> = Api::namespaced(client, &monitor.namespace);
    let mut found = Found::default();
    let listed = pages(&pods, &labels, &mut found).await;
    found.say_unmapped();
    listed?;
    if monitor.dry_run {
        for report in &found.reports {
            say(&serde_json::to_string(report).unwrap_or_default());
        }
    } else {
        report(&api, &found.reports).await?;
    }
    say(&format!("{} pods of namespace {}: {} failures", found.pods, monitor.namespace, found.reports.len()));
    Ok(())
}

/// What a scan has found so far.
#[derive(Default)]
struct Found {
    pods: usize,
    reports: Vec<NewReport>,
    unmapped: BTreeSet<String>,
    logs_forbidden: bool,
}

impl Found {
    fn say_unmapped(&self) {
        if !self.unmapped.is_empty() {
            let apps: Vec<&str> = self.unmapped.iter().map(String::as_str).collect();
            say(&format!("apps of no project, left out: {}", apps.join(", ")));
        }
    }

    /// Looks at the pods of a page.
    async fn look(&mut self, pods: &Api<Pod>, page: &[Pod], labels: &Labels) {
        let now = now();
        for pod in page {
            self.pods += 1;
            let app = pod.metadata.labels.as_ref().and_then(|labels| labels.get("app"));
            let Some(app) = app else { continue };
            let Some(labelled) = labels.find(app) else {
                self.unmapped.insert(app.clone());
                continue;
            };
            for failure in failures(pod, now) {
                let name = pod.metadata.name.as_deref().unwrap_or_default();
                let log =
                    log::read(pods, name, &failure.container, failure.log, &mut self.logs_forbidden).await;
                self.reports.push(finding::report(pod, &failure, labelled, &log));
            }
        }
    }
}

/// Lists page by page, so that a large namespace is never in memory. A list that expired on the way begins anew, once.
async fn pages(pods: &Api<Pod>, labels: &Labels, found: &mut Found) -> Result<(), Failure> {
    let mut begun_anew = false;
    let mut next: Option<String> = None;
    loop {
        let mut params = ListParams::default().limit(PAGE);
        params.continue_token = next;
        let page: ObjectList<Pod> = match tokio::time::timeout(PATIENCE, pods.list(&params)).await {
            Ok(Ok(page)) => page,
            Ok(Err(Error::Api(status))) if status.code == 410 && !begun_anew => {
                begun_anew = true;
                *found = Found::default();
                next = None;
                continue;
            }
            Ok(Err(error)) => return Err(refused(error)),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                return Err(Failure::unreachable(format!("the cluster did not answer within {seconds} s")));
            }
        };
        found.look(pods, &page.items, labels).await;
        next = page.metadata.continue_.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(());
        }
    }
}

fn refused(error: Error) -> Failure {
    match error {
        Error::Api(status) if matches!(status.code, 401 | 403) => Failure::not_allowed(format!(
            "the cluster does not let pods be listed: {}. The role needs `list` on pods and `get` on pods/log",
            status.message
        )),
        Error::Api(status) => Failure::failed(format!("the cluster: {}", status.message)),
        error => Failure::unreachable(format!("the cluster cannot be reached: {error}")),
    }
}

#[expect(clippy::disallowed_methods, reason = "a scan is made now")]
fn now() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default()
}
