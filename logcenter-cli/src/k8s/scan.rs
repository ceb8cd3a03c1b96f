//! One scan.

use super::args::Monitor;
use super::finding;
use super::log::Logs;
use super::report::report;
use super::state::failures;
use crate::exit::Failure;
use crate::output::{say, show_line};
use futures_util::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ListParams, ObjectList};
use kube::{Api, Client, Error};
use logcenter_client::api::NewReport;
use logcenter_core::k8s_label::Labels;
use std::collections::BTreeSet;
use std::time::Duration;

/// Number of pods listed per request.
const PAGE: u32 = 250;

/// How long the cluster may take to respond; its client has no timeout of its own.
const PATIENCE: Duration = Duration::from_secs(30);

/// Number of logs read at once.
const LOGS: usize = 8;

/// Messages already printed, so that a watcher prints each of them once.
#[derive(Default)]
pub(super) struct Printed(BTreeSet<String>);

impl Printed {
    fn once(&mut self, text: String) {
        if !self.0.contains(&text) {
            say(&text);
            self.0.insert(text);
        }
    }
}

/// Scans the namespace, and reports what it finds.
pub(super) async fn scan(monitor: &Monitor, printed: &mut Printed) -> Result<(), Failure> {
    let api = logcenter_client::api::Api::new(&monitor.url, monitor.key.as_deref())
        .map_err(|error| Failure::usage(format!("--url {:?} cannot be used: {error}", monitor.url)))?;
    // Without the projects, pods cannot be assigned: that is an error, not a scan without findings.
    let projects = api.projects().await;
    let projects =
        projects.map_err(|error| Failure::unreachable(format!("the projects cannot be listed: {error}")))?;
    let labels = Labels::new(projects.into_iter().map(|project| project.project_id));
    for label in labels.ambiguous() {
        printed.once(format!("app {label} belongs to two projects alike: its pods are left out"));
    }
    let client =
        Client::try_default().await.map_err(|error| Failure::failed(format!("no cluster: {error}")))?;
    let pods: Api<Pod> = Api::namespaced(client, &monitor.namespace);
    let mut scan = Scan {
        pods: &pods,
        logs: Logs::of(&pods),
        labels: &labels,
        to: (!monitor.dry_run).then_some(&api),
        unmapped: BTreeSet::new(),
        counts: Counts::default(),
    };
    let listed = scan.pages().await;
    if !scan.unmapped.is_empty() {
        let apps: Vec<&str> = scan.unmapped.iter().map(String::as_str).collect();
        printed.once(format!("apps of no project, left out: {}", apps.join(", ")));
    }
    listed?;
    let Counts { pods, failures, refused } = scan.counts;
    say(&format!("{pods} pods of namespace {}: {failures} failures", monitor.namespace));
    if refused > 0 {
        return Err(Failure::failed(format!("{refused} of {failures} reports were refused")));
    }
    Ok(())
}

#[derive(Default)]
struct Counts {
    pods: usize,
    failures: usize,
    refused: usize,
}

/// A scan in progress.
struct Scan<'a> {
    pods: &'a Api<Pod>,
    logs: Logs<'a>,
    labels: &'a Labels,
    /// Where reports are sent; `None` if they are only shown.
    to: Option<&'a logcenter_client::api::Api>,
    unmapped: BTreeSet<String>,
    counts: Counts,
}

impl Scan<'_> {
    /// Lists page by page, so that a large namespace is never in memory as a whole, and reports the findings of a page
    /// before requesting the next. A list that expires on the way is restarted once.
    async fn pages(&mut self) -> Result<(), Failure> {
        let mut restarted = false;
        let mut next: Option<String> = None;
        loop {
            let mut params = ListParams::default().limit(PAGE);
            params.continue_token = next;
            let page: ObjectList<Pod> = match tokio::time::timeout(PATIENCE, self.pods.list(&params)).await {
                Ok(Ok(page)) => page,
                Ok(Err(Error::Api(status))) if status.code == 410 && !restarted => {
                    restarted = true;
                    self.counts = Counts::default();
                    next = None;
                    continue;
                }
                Ok(Err(error)) => return Err(refused(error)),
                Err(_) => {
                    let seconds = PATIENCE.as_secs();
                    return Err(Failure::unreachable(format!(
                        "the cluster did not answer within {seconds} s"
                    )));
                }
            };
            self.counts.pods += page.items.len();
            let found = self.inspect(&page.items).await;
            self.counts.failures += found.len();
            match self.to {
                Some(api) => self.counts.refused += report(api, &found).await?,
                None => found.iter().for_each(show_line),
            }
            next = page.metadata.continue_.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(());
            }
        }
    }

    /// What went wrong with these pods, in order.
    async fn inspect(&mut self, page: &[Pod]) -> Vec<NewReport> {
        let now = now();
        let mut found = Vec::new();
        for pod in page {
            let app = pod.metadata.labels.as_ref().and_then(|labels| labels.get("app"));
            let Some(app) = app else { continue };
            match self.labels.find(app) {
                Some(labelled) => {
                    found.extend(failures(pod, now).into_iter().map(|failure| (pod, failure, labelled)));
                }
                None => {
                    self.unmapped.insert(app.clone());
                }
            }
        }
        let logs = &self.logs;
        let reports = found.into_iter().map(|(pod, failure, labelled)| async move {
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            let log = logs.read(name, &failure.container, failure.log).await;
            finding::report(pod, &failure, labelled, &log)
        });
        futures_util::stream::iter(reports).buffered(LOGS).collect().await
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
