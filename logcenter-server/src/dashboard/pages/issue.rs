//! `GET /issues/{id}`: one issue, stack trace first.

use crate::dashboard::pages::pager::Pager;
use crate::dashboard::pages::repair_section::RepairSection;
use crate::dashboard::ui::chart::{Chart, DAY_MILLIS, HOUR_MILLIS};
use crate::dashboard::ui::context::{Fact, facts, origin_facts};
use crate::dashboard::ui::excerpt::{excerpt, without_middle};
use crate::dashboard::ui::export::{self, location};
use crate::dashboard::ui::fault::{Fault, html};
use crate::dashboard::ui::forge;
use crate::dashboard::ui::form::QueryForm;
use crate::dashboard::ui::page_context::Ui;
use crate::dashboard::ui::pipeline;
use crate::dashboard::ui::stack::{self, Fold, Group, Repository};
use crate::domain::text::Text;
use crate::domain::{
    DeploymentFilter, EnvironmentCount, Event, EventNumber, HistoryEntry, Issue, IssueDetail, IssueId,
    PeriodCount,
};
use crate::http::query::path_parameter;
use crate::state::{SharedState, State as Shared};
use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use logcenter_core::status::Role;
use logcenter_core::{Status, Timestamp};
use serde_json::Value;

/// Events per page.
const EVENTS: u32 = 20;

/// The newest deployments of the project that charts mark.
const DEPLOYMENTS: u32 = 100;

/// Limits of the page, in bytes for the message, the context, the differences between events, notes, and the first and the last version; in number for
/// facts of the context, history entries and environments. `?whole=1` shows everything.
const MESSAGE: usize = 8 * 1024;
const CONTEXT: usize = 12 * 1024;
const DIFFERENCES: usize = 8 * 1024;
const NOTES: usize = 8 * 1024;
const VERSIONS: usize = 512;
const FACTS: usize = 200;
const HISTORY: u32 = 30;
const ENVIRONMENTS: usize = 30;

/// Maximum number of history entries that are ever shown.
const WHOLE_HISTORY: u32 = 1000;

/// `{id}` in the path.
pub(crate) struct Id(pub(crate) IssueId);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let id = path_parameter(parts, state, "id").await;
        id.and_then(|id| id.parse().ok()).map(Self).ok_or(Fault::NotFound)
    }
}

/// An event in the list of kept events.
struct EventRow {
    event: Event,
    chosen: bool,
    /// What differs from the previous event.
    differs: Vec<String>,
}

/// A status change in the history.
struct HistoryRow {
    from: Status,
    to: Status,
    actor: String,
    note: Option<String>,
    at: Timestamp,
    forced: bool,
    commit_hash: Option<String>,
    pull_request_url: Option<String>,
}

impl From<HistoryEntry> for HistoryRow {
    fn from(entry: HistoryEntry) -> Self {
        Self {
            from: entry.from,
            to: entry.to,
            actor: entry.actor.name.into_string(),
            note: entry.note.map(Text::into_string),
            at: entry.at,
            forced: entry.forced,
            commit_hash: entry.commit_hash.map(Text::into_string),
            pull_request_url: entry.pull_request_url.map(Text::into_string),
        }
    }
}

#[derive(Template)]
#[template(path = "issue.html")]
struct Page {
    ui: Ui,
    issue: Issue,
    place: Option<String>,
    place_href: Option<String>,
    /// Where a pipeline's or a pod's error occurred.
    origin_facts: Vec<Fact>,
    commit_href: Option<String>,
    repo_href: Option<String>,
    /// The event that is shown, unless it is the latest.
    chosen: Option<EventNumber>,
    stack: Vec<Group>,
    /// Link to the page with nothing shortened.
    whole_href: Option<String>,
    facts: Vec<Fact>,
    events: Vec<EventRow>,
    older: Option<String>,
    newest: Option<String>,
    history: Vec<HistoryRow>,
    hours: Chart,
    days: Chart,
    environments: Vec<EnvironmentCount>,
    /// The version of the first event, and that of the latest.
    first_version: Option<String>,
    last_version: Option<String>,
    pager: Option<Pager>,
    allowed: Vec<Status>,
    can_mark_fixed: bool,
    /// Why a change was refused.
    refused: Option<String>,
    curl: String,
    request_curl: Option<String>,
    note: String,
    section: RepairSection,
}

/// `GET /issues/{id}`
pub(crate) async fn issue(
    State(state): State<SharedState>,
    ui: Ui,
    Id(id): Id,
    QueryForm(mut query): QueryForm,
) -> Result<Response, Fault> {
    let event = query.take("event").and_then(|number| number.parse().ok());
    let before = query.take("before").and_then(|number| number.parse().ok());
    let whole = query.take("whole").is_some();
    show(&state, ui, id, View { event, before, whole, ..View::default() }).await
}

/// What to show of an issue.
#[derive(Default)]
pub(crate) struct View {
    pub(crate) event: Option<EventNumber>,
    pub(crate) before: Option<EventNumber>,
    /// Whether to show everything unshortened.
    pub(crate) whole: bool,
    /// Why a change was refused.
    pub(crate) refused: Option<String>,
    /// The note that was entered, kept when a change is refused.
    pub(crate) note: String,
}

/// The page of an issue.
pub(crate) async fn show(state: &Shared, ui: Ui, id: IssueId, view: View) -> Result<Response, Fault> {
    let store = &state.store;
    let mut detail = store.issue(id).await?.ok_or(Fault::NotFound)?;
    let project = store.project(detail.issue.project_id.clone()).await?;
    let stats = store.issue_stats(id, ui.now.minus_millis(2 * DAY_MILLIS)).await?.ok_or(Fault::NotFound)?;
    let entries = if view.whole { WHOLE_HISTORY } else { HISTORY };
    let history = store.history(id, None, entries).await?.ok_or(Fault::NotFound)?;
    let events = store.events(id, view.before, EVENTS).await?.ok_or(Fault::NotFound)?;
    let changes: Vec<HistoryEntry> = history.items.into_iter().map(|(_, entry)| entry).collect();
    let first =
        store.events(id, Some(EventNumber(2)), 1).await?.and_then(|page| page.items.into_iter().next());
    let last_version = detail.issue.version.clone();
    let pager = Pager::read(store.as_ref(), id, view.event).await?;
    let section = RepairSection::read(state, id, detail.issue.status, &changes, ui.now).await?;
    if let Some(number) = view.event {
        detail = at_event(state, detail, number).await?;
    }
    let context = export::context(&detail);
    let IssueDetail { issue, stack_trace, .. } = detail;
    let link = |query: String| ui.link(&format!("/issues/{id}{query}"));
    let older = events.items.last().filter(|_| events.more);
    let latest = events.items.first().filter(|_| view.before.is_none()).map(|event| event.id);
    let repo_url = project.as_ref().and_then(|project| project.repo_url.as_deref());
    let commit = issue.commit_hash.as_deref();
    let local_path = project.as_ref().and_then(|project| project.local_path.as_deref());
    let repository = Repository { repo_url, commit, local_path };
    let (stack, shortened) = stack::read(stack_trace.as_deref().unwrap_or_default(), &repository, view.whole);
    let file = issue.error.file_path.as_deref();
    let of_project = DeploymentFilter::for_page_of(&issue.project_id);
    let deployments = store.deployments(of_project, None, DEPLOYMENTS).await?.items;
    let chart = |label, counts: &[PeriodCount], millis, number| {
        Chart::of("chart small", ui.t(label).into(), counts, millis, number, ui.now)
            .with_deployments(&ui, &deployments)
            .with_description(&ui)
    };
    let mut page = Page {
        place: location(&issue),
        place_href: file.and_then(|file| repository.href(file, issue.error.line_number)),
        origin_facts: origin_facts(issue.source, &context),
        commit_href: repo_url.zip(commit).and_then(|(url, hash)| forge::commit(url, hash)),
        repo_href: repo_url.and_then(forge::web),
        chosen: view.event,
        whole_href: None,
        facts: facts(issue.source, &context),
        older: older.map(|event| link(format!("?before={}#events", event.id))),
        newest: view.before.map(|_| link("#events".into())),
        events: compared(&ui, events.items, view.event.or(latest)),
        history: changes.into_iter().map(Into::into).collect(),
        hours: chart("issue.hours", &stats.hours, HOUR_MILLIS, 48),
        days: chart("issue.days", &stats.days, DAY_MILLIS, 30),
        environments: stats.environments,
        first_version: first.and_then(|event| event.version),
        last_version,
        pager,
        allowed: issue.status.allowed(Role::Person).collect(),
        can_mark_fixed: !issue.status.has_fix()
            && !issue.status.allowed(Role::Person).any(|to| to == Status::Fixed),
        refused: view.refused,
        curl: export::curl(&ui, &issue),
        request_curl: export::request(&context),
        note: view.note,
        section,
        stack,
        issue,
        ui,
    };
    if !view.whole && (page.shorten() | shortened | history.more) {
        let event = view.event.map(|number| format!("&event={number}")).unwrap_or_default();
        page.whole_href = Some(page.ui.link(&format!("/issues/{id}?whole=1{event}")));
    }
    Ok(html(&page))
}

/// The issue as one of its kept events shows it.
pub(crate) async fn at_event(
    state: &Shared,
    mut detail: IssueDetail,
    number: EventNumber,
) -> Result<IssueDetail, Fault> {
    let before = EventNumber(number.0.saturating_add(1));
    let found = state.store.events(detail.issue.id, Some(before), 1).await?.ok_or(Fault::NotFound)?;
    let event = found.items.into_iter().find(|event| event.id == number).ok_or(Fault::NotFound)?;
    detail.stack_trace = event.stack_trace;
    detail.context = event.context;
    let issue = &mut detail.issue;
    issue.error = event.error;
    issue.environment = event.environment;
    issue.level = event.level;
    issue.version = event.version;
    issue.commit_hash = event.commit_hash;
    issue.trusted = event.trusted;
    Ok(detail)
}

impl Page {
    /// Shortens everything to what a page can hold. Returns whether anything was left out.
    fn shorten(&mut self) -> bool {
        let Self { issue, origin_facts, facts, events, history, environments, stack, .. } = self;
        let versions = self.first_version.iter_mut().chain(&mut self.last_version);
        let many = facts.len() > FACTS || environments.len() > ENVIRONMENTS;
        facts.truncate(FACTS);
        environments.truncate(ENVIRONMENTS);
        let facts = origin_facts.iter_mut().chain(facts).flat_map(|fact| [&mut fact.key, &mut fact.value]);
        let differences =
            events.iter_mut().flat_map(|row| row.differs.iter_mut().chain(&mut row.event.version));
        let notes = history.iter_mut().flat_map(|entry| {
            entry.note.iter_mut().chain(&mut entry.pull_request_url).chain([&mut entry.actor])
        });
        many | stack.iter().any(|group| group.fold == Fold::Middle)
            | excerpt([&mut issue.error.message], MESSAGE)
            | excerpt(facts, CONTEXT)
            | excerpt(differences, DIFFERENCES)
            | excerpt(versions, VERSIONS)
            | excerpt(notes, NOTES)
    }

    /// The error in a line, for the window's title.
    fn title(&self) -> String {
        const LONGEST: usize = 80;
        let error = &self.issue.error;
        let line = error.message.trim_start().lines().next().unwrap_or_default();
        without_middle(&format!("{}: {line}", error.error_type), LONGEST)
    }

    /// Whether the message may need to scroll, and so must be reachable by keyboard.
    fn is_long(&self) -> bool {
        let message = &self.issue.error.message;
        message.len() > 200 || message.lines().count() > 4
    }

    /// Whether there are folded frames that can be opened.
    fn is_folded(&self) -> bool {
        self.stack.iter().any(|group| group.fold == Fold::Library)
    }

    fn rail(&self) -> Vec<(Status, &'static str)> {
        pipeline::rail(self.issue.status)
    }

    /// Whether the form is open: something was refused, or typed.
    fn is_changing(&self) -> bool {
        self.refused.is_some() || !self.note.is_empty()
    }

    /// A commit hash, abbreviated.
    fn short<'a>(&self, commit: &'a str) -> &'a str {
        commit.get(..12).unwrap_or(commit)
    }
}

/// The events, each with what differs from the event before it.
fn compared(ui: &Ui, events: Vec<Event>, chosen: Option<EventNumber>) -> Vec<EventRow> {
    let mut differs: Vec<Vec<String>> =
        events.windows(2).map(|pair| difference(ui, &pair[0], &pair[1])).collect();
    differs.resize(events.len(), Vec::new());
    let rows = events.into_iter().zip(differs);
    rows.map(|(event, differs)| EventRow { chosen: chosen == Some(event.id), event, differs }).collect()
}

fn difference(ui: &Ui, event: &Event, before: &Event) -> Vec<String> {
    let mut differs = Vec::new();
    let mut compare = |key: &str, now: Option<&str>, then: Option<&str>| {
        if now != then {
            let now: String = now.unwrap_or("–").chars().take(80).collect();
            differs.push(format!("{}: {now}", ui.t(key)));
        }
    };
    compare("issue.message", Some(&event.error.message), Some(&before.error.message));
    compare("issue.environment", Some(&event.environment), Some(&before.environment));
    compare("issue.level", Some(event.level.as_str()), Some(before.level.as_str()));
    compare("issue.version", event.version.as_deref(), before.version.as_deref());
    compare("issue.commit", event.commit_hash.as_deref(), before.commit_hash.as_deref());
    let map = |event: &Event| match event.context.as_deref().map(serde_json::from_str) {
        Some(Ok(Value::Object(map))) => map,
        _ => serde_json::Map::new(),
    };
    let (now, then) = (map(event), map(before));
    let changed =
        now.iter().filter(|(key, value)| then.get(*key) != Some(value)).map(|(key, _)| key.as_str());
    let gone = then.keys().filter(|key| !now.contains_key(*key)).map(String::as_str);
    let keys: Vec<&str> = changed.chain(gone).take(6).collect();
    if !keys.is_empty() {
        differs.push(format!("{}: {}", ui.t("issue.context"), keys.join(", ")));
    }
    differs
}
