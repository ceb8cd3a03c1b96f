//! Lists of issues: filtering, sorting, paging.

use super::fault::Result;
use super::rows::{self, ISSUE, LEASES};
use super::session::Session;
use crate::domain::search::words;
use crate::domain::{Issue, IssueFilter, Page, PageRequest, Scope};
use logcenter_core::ProjectId;
use std::collections::BTreeSet;
use tokio_postgres::types::ToSql;

/// What is searched, as the index `issues_text` has it. Only ASCII letters are folded.
const TEXT: &str =
    r#"lower((error_type || chr(10) || message || chr(10) || coalesce(file_path, '')) COLLATE "C")"#;

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
    let column = page.sort.as_str();
    if let Some(after) = page.after {
        conditions.values.push(Box::new(after.key));
        conditions.values.push(Box::new(after.id.0));
        let at = conditions.values.len();
        conditions.sql.push(format!("({column}, id) < (${}, ${at})", at - 1));
    }
    let condition = if conditions.sql.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.sql.join(" AND "))
    };
    let sql = format!(
        "SELECT {ISSUE} FROM issues {LEASES} {condition} ORDER BY {column} DESC, id DESC LIMIT {}",
        page.limit + 1
    );
    let values: Vec<&(dyn ToSql + Sync)> =
        conditions.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    let issues = session.query(&sql, &values).await?.iter().map(rows::issue).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(issues, page.limit))
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
        conditions.add("last_seen >= ?", since.millis());
    }
    if let Some(until) = filter.until {
        conditions.add("last_seen < ?", until.millis());
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
            conditions.add(&format!("{TEXT} LIKE ?"), pattern.clone());
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
