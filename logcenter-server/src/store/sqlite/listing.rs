//! Lists of issues: filtering, sorting, paging.

use super::rows::{self, ISSUE, LEASES};
use super::search;
use crate::domain::search::words;
use crate::domain::{Issue, IssueFilter, IssueId, Page, PageRequest, Scope, Sort};
use crate::store::StoreError;
use logcenter_core::ProjectId;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};
use std::collections::BTreeSet;

/// Up to this many matches, reading and sorting all of them is cheaper than scanning in sort order.
const FEW_ROWS: usize = 10_000;

/// SQL conditions and their parameters.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
    /// Whether the ids of all possible matches are known.
    narrow: bool,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the value.
    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push(condition.replace('?', &format!("?{}", self.values.len())));
    }

    /// Restricts the matches to these ids, if they are known.
    fn narrow(&mut self, ids: Option<Vec<IssueId>>) {
        if let Some(ids) = ids {
            let ids: Vec<String> = ids.iter().map(IssueId::to_string).collect();
            self.add("id IN (SELECT value FROM json_each(?))", format!("[{}]", ids.join(",")));
            self.narrow = true;
        }
    }
}

/// The part of a filter that the index `issues_last_seen` covers.
fn facts(filter: &IssueFilter) -> Conditions {
    let mut conditions = Conditions::default();
    let text = |word: &str| word.to_owned();
    if let Some(status) = filter.status {
        conditions.add("status = ?", text(status.as_str()));
    }
    if let Some(source) = filter.source {
        conditions.add("source = ?", text(source.as_str()));
    }
    if let Some(level) = filter.level {
        conditions.add("level = ?", text(level.as_str()));
    }
    if let Some(since) = filter.since {
        conditions.add("last_seen >= ?", since.millis());
    }
    if let Some(until) = filter.until {
        conditions.add("last_seen < ?", until.millis());
    }
    conditions
}

/// A page of issues.
pub(super) fn page(
    connection: &Connection,
    filter: &IssueFilter,
    page: PageRequest,
) -> std::result::Result<Page<Issue>, StoreError> {
    let mut conditions = facts(filter);
    if page.sort != Sort::LastSeen && !conditions.sql.is_empty() {
        // In any other order, a scan would check row by row.
        let Conditions { sql, values, .. } = facts(filter);
        let sql = format!("SELECT id FROM issues INDEXED BY issues_last_seen WHERE {}", sql.join(" AND "));
        conditions.narrow(search::at_most(connection, &sql, params_from_iter(values), FEW_ROWS)?);
    }
    if let Some(project_id) = &filter.project_id {
        conditions.add("project_id = ?", project_id.as_str().to_owned());
    }
    if let Scope::Projects(projects) = &filter.scope {
        let ids = rows::json_array(projects.iter().map(ProjectId::as_str));
        conditions.add("project_id IN (SELECT value FROM json_each(?))", ids);
    }
    if let Some(environment) = &filter.environment {
        conditions.narrow(search::in_environment(connection, environment)?);
        let seen =
            "EXISTS (SELECT 1 FROM issue_environments e WHERE e.environment = ? AND e.issue_id = issues.id)";
        conditions.add(seen, environment.clone());
    }
    if let Some(q) = &filter.q {
        let words: BTreeSet<String> = words(q).into_iter().map(|word| word.text).collect();
        conditions.narrow(search::with_words(connection, &words)?);
        for word in words {
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let contains = "(error_type LIKE ? ESCAPE '\\' OR message LIKE ? ESCAPE '\\' OR file_path LIKE ? ESCAPE '\\')";
            conditions.add(contains, format!("%{escaped}%"));
        }
    }
    conditions.narrow(filter.among.clone());
    let column = page.sort.as_str();
    if let Some(after) = page.after {
        conditions.values.extend([Value::from(after.key), Value::from(after.id.0)]);
        let at = conditions.values.len();
        conditions.sql.push(format!("({column}, id) < (?{}, ?{at})", at - 1));
    }
    let condition = if conditions.sql.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.sql.join(" AND "))
    };
    let from = match (page.sort, &filter.project_id) {
        _ if conditions.narrow => "issues NOT INDEXED",
        (Sort::LastSeen, Some(project_id)) if !is_large(connection, project_id)? => {
            "issues INDEXED BY issues_project"
        }
        (Sort::LastSeen, _) => "issues INDEXED BY issues_last_seen",
        (Sort::FirstSeen | Sort::Count, _) => "issues",
    };
    let sql = format!(
        "SELECT {ISSUE} FROM {from} {LEASES} {condition} ORDER BY {column} DESC, id DESC LIMIT {}",
        page.limit + 1
    );
    let mut select = connection.prepare_cached(&sql)?;
    let issues =
        select.query_map(params_from_iter(conditions.values), rows::issue)?.collect::<Result<Vec<_>>>()?;
    Ok(Page::of(issues, page.limit))
}

/// Whether a project has so many issues that a scan in order beats sorting them. An index on both columns would have to
/// be updated with every report.
fn is_large(connection: &Connection, project_id: &ProjectId) -> Result<bool> {
    const LARGE: i64 = 2000;
    let mut count = connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM issues WHERE project_id = ?1 LIMIT ?2)")?;
    Ok(count.query_row((project_id.as_str(), LARGE), |row| row.get::<_, i64>(0))? == LARGE)
}
