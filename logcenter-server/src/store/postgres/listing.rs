//! Lists of issues: filtering, sorting, paging.

use super::fault::Result;
use super::rows::{self, ISSUE, LEASES};
use super::session::Session;
use crate::domain::search::words;
use crate::domain::{Issue, IssueFilter, Page, PageRequest, Scope, Sort};
use logcenter_core::ProjectId;
use std::collections::BTreeSet;
use tokio_postgres::types::ToSql;

/// SQL conditions and their parameters.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the value.
    fn add(&mut self, condition: &str, value: impl ToSql + Sync + Send + 'static) {
        self.values.push(Box::new(value));
        self.sql.push(condition.replace('?', &format!("${}", self.values.len())));
    }
}

/// A page of issues.
pub(super) async fn page(
    session: &Session<'_>,
    filter: &IssueFilter,
    page: PageRequest,
) -> Result<Page<Issue>> {
    let mut conditions = conditions(filter);
    let limit = page.limit + 1;
    // Where a count is a step, the index has the order of the list.
    let (mut many, mut few) = (vec!["count_step >= 16".to_owned()], vec!["count_step < 16".to_owned()]);
    if let Some(after) = page.after {
        conditions.values.push(Box::new(after.key));
        conditions.values.push(Box::new(after.id.0));
        let (id, key) = (conditions.values.len(), conditions.values.len() - 1);
        conditions.sql.push(format!("({}, id) < (${key}, ${id})", page.sort.as_str()));
        match page.sort {
            Sort::LastSeen => conditions.sql.push(format!("last_seen_step <= ${key} / 300000")),
            Sort::Count => {
                many.push(format!("count_step <= count_step(${key})"));
                few.push(format!("(count_step, id) < (${key}, ${id})"));
            }
            Sort::FirstSeen => {}
        }
    }
    let sql = match page.sort {
        Sort::LastSeen => part(&conditions.sql, &[], "last_seen_step DESC, last_seen DESC, id DESC", limit),
        Sort::FirstSeen => part(&conditions.sql, &[], "first_seen DESC, id DESC", limit),
        Sort::Count => format!(
            "SELECT * FROM (({}) UNION ALL ({})) AS parts ORDER BY count DESC, id DESC LIMIT {limit}",
            part(&conditions.sql, &many, "count_step DESC, count DESC, id DESC", limit),
            part(&conditions.sql, &few, "count_step DESC, id DESC", limit),
        ),
    };
    let values: Vec<&(dyn ToSql + Sync)> =
        conditions.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    let issues = session.query(&sql, &values).await?.iter().map(rows::issue).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(issues, page.limit))
}

/// A statement that selects issues in an order.
fn part(conditions: &[String], and: &[String], order: &str, limit: u32) -> String {
    let all: Vec<&str> = conditions.iter().chain(and).map(String::as_str).collect();
    let condition = if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) };
    format!("SELECT {ISSUE} FROM issues {LEASES} {condition} ORDER BY {order} LIMIT {limit}")
}

fn conditions(filter: &IssueFilter) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(status) = filter.status {
        conditions.add("status = ?", status.as_str());
    }
    if let Some(source) = filter.source {
        conditions.add("source = ?", source.as_str());
    }
    if let Some(level) = filter.level {
        conditions.add("level = ?", level.as_str());
    }
    if let Some(since) = filter.since {
        conditions.add("last_seen >= ? AND last_seen_step >= ? / 300000", since.millis());
    }
    if let Some(until) = filter.until {
        conditions.add("last_seen < ? AND last_seen_step <= ? / 300000", until.millis());
    }
    if let Some(project_id) = &filter.project_id {
        conditions.add("project_id = ?", project_id.as_str().to_owned());
    }
    if let Scope::Projects(projects) = &filter.scope {
        let ids: Vec<String> = projects.iter().map(|id: &ProjectId| id.as_str().to_owned()).collect();
        conditions.add("project_id = ANY(?)", ids);
    }
    if let Some(environment) = &filter.environment {
        let seen =
            "EXISTS (SELECT 1 FROM issue_environments e WHERE e.environment = ? AND e.issue_id = issues.id)";
        conditions.add(seen, stored(environment));
    }
    if let Some(q) = &filter.q {
        for word in words(q).into_iter().map(|word| word.text).collect::<BTreeSet<_>>() {
            let word = stored(&word).to_ascii_lowercase();
            let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let pattern = format!("%{escaped}%");
            let found = "EXISTS (SELECT 1 FROM issue_texts t WHERE t.issue_id = issues.id AND t.text LIKE ?)";
            conditions.add(found, pattern.clone());
            if word.contains('\n') {
                let each = ["error_type", "message", "file_path"]
                    .map(|column| format!("lower({column} COLLATE \"C\") LIKE ?"));
                conditions.add(&format!("({})", each.join(" OR ")), pattern);
            }
        }
    }
    if let Some(among) = &filter.among {
        let ids: Vec<i64> = among.iter().map(|id| id.0).collect();
        conditions.add("id = ANY(?)", ids);
    }
    conditions
}

/// A text as it would be stored: a NUL is never part of one, and PostgreSQL takes none.
fn stored(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
