//! What the tests of the store record and ask for.

use logcenter_core::status::Role;
use logcenter_core::{Report, Source, Status, Timestamp};
use logcenter_server::SecretHash;
use logcenter_server::domain::repair::ClaimRequest;
use logcenter_server::domain::text::ActorName;
use logcenter_server::domain::{Actor, Change, IssueId, Override, ReceivedReport, Scope};
use logcenter_server::store::{Batch, Store};
use serde_json::Value;

pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;

/// A report received in the first second, with a different issue for each line. `fields` replaces members of its JSON.
pub(super) fn received(line: u64, fields: Value) -> ReceivedReport {
    received_at(line, 1000, fields)
}

pub(super) fn received_at(line: u64, millis: i64, fields: Value) -> ReceivedReport {
    let json = crate::harness::with(crate::harness::report(line), fields);
    let report = Report::from_json(json.to_string().as_bytes()).unwrap();
    ReceivedReport { report, received_at: Timestamp::from_millis(millis), trusted: line.is_multiple_of(2) }
}

pub(super) fn batch(reports: Vec<ReceivedReport>) -> Batch {
    reports.into()
}

pub(super) fn agent() -> Actor {
    Actor { role: Role::Agent, name: ActorName::cut("repair-1") }
}

pub(super) fn claim(secret: &str) -> ClaimRequest {
    ClaimRequest {
        worker: ActorName::cut("repair-1"),
        actor: agent(),
        token_id: None,
        scope: Scope::All,
        statuses: vec![Status::New, Status::PendingFix, Status::FixFailed],
        issue_id: None,
        project_ids: None,
        sources: vec![Source::Runtime],
        min_level: None,
        trusted: false,
        lease_seconds: 60,
        secret: SecretHash::of(secret),
    }
}

/// A change that skips the transition rules.
pub(super) fn forced(to: Status) -> Change {
    Change { overriding: Override::Force, ..Change::to(to, Actor::person(None)) }
}

pub(super) async fn deployed<S: Store>(store: &S, id: IssueId) {
    store.change_status(id, forced(Status::Deployed), None, Timestamp::from_millis(900)).await.unwrap();
}
