//! `GET /api/v1/issues`

use crate::api::extract::query::Query;
use crate::api::extract::visitor::Visitor;
use crate::api::problem::Problem;
use crate::api::view::Issue;
use crate::api::view::words;
use crate::domain::query::{Query as Parsed, Test, parse};
use crate::domain::{Cursor, IssueFilter, MAX_SEARCH_CHARS, PageRequest};
use crate::state::SharedState;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of issues, without `stack_trace` and `context`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Issues {
    issues: Vec<Issue>,
    /// Cursor of the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List issues, newest or largest first.
///
/// An issue must match all of the filters.
#[utoipa::path(get, path = "/api/v1/issues", tag = "issues",
    params(
        ("project_id" = Option<String>, Query, max_length = 128, pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$", description = "Filter by project"),
        ("status" = Option<words::Status>, Query, description = "Filter by status"),
        ("source" = Option<words::Source>, Query, description = "Filter by source"),
        ("level" = Option<words::Level>, Query, description = "Filter by level of the latest event"),
        ("environment" = Option<String>, Query, description = "Filter by environment"),
        ("q" = Option<String>, Query, max_length = 1000, description = "The query language: words, each of which must be in type, message or file; `\"a phrase\"`; `key:value`, `key:a,b`, `-key:value` with the keys is, status, project, env, source, level, version, file, type, since, until, first and count, as in `is:open env:production since:24h timeout`"),
        ("since" = Option<String>, Query, format = DateTime, description = "Last seen at or after this time"),
        ("until" = Option<String>, Query, format = DateTime, description = "Last seen before this time"),
        ("sort" = Option<String>, Query, description = "`last_seen` (default), `first_seen` or `count`"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "1 to 200; default 50"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the previous page"),
    ),
    responses((status = 200, body = Issues)))]
pub(crate) async fn list(
    State(state): State<SharedState>,
    Visitor(caller): Visitor,
    mut query: Query,
) -> Result<Json<Issues>, Problem> {
    let q = query.bounded("q", MAX_SEARCH_CHARS).unwrap_or_default();
    let Parsed { terms, misfits, .. } = parse(&q, state.clock.now());
    for misfit in misfits {
        let nearest = misfit.nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        query.check("q", false, format_args!("{}: {}{nearest}", misfit.text, misfit.expected));
    }
    let tests = [
        query.parsed("project_id").map(|id| Test::Project(vec![id])),
        query.parsed("status").map(|status| Test::Status(vec![status])),
        query.parsed("source").map(|source| Test::Source(vec![source])),
        query.parsed("level").map(|level| Test::Level(vec![level])),
        query.text("environment").map(|environment| Test::Environment(vec![environment])),
        query.time("since").map(Test::Since),
        query.time("until").map(Test::Until),
    ];
    let conditions = terms.into_iter().map(|term| term.condition);
    let filter = IssueFilter {
        scope: caller.scope(),
        conditions: conditions.chain(tests.into_iter().flatten().map(Test::wanted)).collect(),
        among: None,
    };
    let sort = query.parsed("sort").unwrap_or_default();
    let after: Option<Cursor> = query.parsed("cursor");
    query.check(
        "cursor",
        after.is_none_or(|cursor| cursor.sort == sort),
        "belongs to a list with another sort",
    );
    let limit = query.limit();
    query.finish()?;
    let page = state.store.issues(filter, PageRequest { sort, limit, after }).await?;
    let last = page.items.last().filter(|_| page.more);
    let next_cursor = last.map(|issue| Cursor { sort, key: sort.key(issue), id: issue.id }.to_string());
    Ok(Json(Issues { issues: page.items.into_iter().map(Into::into).collect(), next_cursor }))
}
