//! Lists of issues: filtering, sorting, paging.

use super::rows::{self, ISSUE, LEASES};
use super::search;
use crate::domain::query::{Condition, Test};
use crate::domain::{Issue, IssueFilter, IssueId, Page, PageRequest, Sort};
use crate::store::StoreError;
use crate::store::conditions::{self as asked, Dialect, Sql};
use logcenter_core::ProjectId;
use rusqlite::types::Value;
use rusqlite::{Connection, Result, params_from_iter};
use std::collections::BTreeSet;

/// Up to this many matches, reading and sorting all of them is cheaper than scanning in sort order.
const FEW_ROWS: usize = 10_000;

const DIALECT: Dialect = Dialect { position: "instr", collation: "" };

/// SQL conditions and their parameters.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
    /// Whether the ids of all possible matches are known.
    narrow: bool,
}

impl Conditions {
    fn add(&mut self, (sql, values): Sql) {
        let mut parts = sql.split('?');
        let mut numbered = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            self.values.push(match value {
                asked::Value::Text(text) => Value::Text(text),
                asked::Value::Integer(number) => Value::Integer(number),
            });
            numbered += &format!("?{}{part}", self.values.len());
        }
        self.sql.push(numbered);
    }

    /// Restricts the matches to these ids, if they are known.
    fn narrow(&mut self, ids: Option<Vec<IssueId>>) {
        if let Some(ids) = ids {
            let ids: Vec<String> = ids.iter().map(IssueId::to_string).collect();
            self.values.push(Value::Text(format!("[{}]", ids.join(","))));
            self.sql.push(format!("id IN (SELECT value FROM json_each(?{}))", self.values.len()));
            self.narrow = true;
        }
    }
}

/// Whether the index `issues_last_seen` tells.
fn is_covered(test: &Test) -> bool {
    match test {
        Test::Status(_) | Test::Source(_) | Test::Level(_) | Test::Since(_) | Test::Until(_) => true,
        Test::Is(states) => states.iter().all(|is| is.has_regressed().is_none()),
        _ => false,
    }
}

/// A condition that an index can look up, and that index.
fn ranged(condition: &Condition) -> Option<(&Condition, &'static str)> {
    let index = match condition.test {
        Test::First(_) => "issues_first_seen",
        Test::Count(..) => "issues_count",
        _ => return None,
    };
    (!condition.excluded).then_some((condition, index))
}

/// The part of a filter that the index `issues_last_seen` covers.
fn covered(filter: &IssueFilter) -> Conditions {
    let mut covered = Conditions::default();
    let covering = filter.conditions.iter().filter(|condition| is_covered(&condition.test));
    covering.filter_map(|condition| asked::sql(condition, &DIALECT)).for_each(|sql| covered.add(sql));
    covered
}

/// A page of issues.
pub(super) fn page(
    connection: &Connection,
    filter: &IssueFilter,
    page: PageRequest,
) -> std::result::Result<Page<Issue>, StoreError> {
    let mut conditions = covered(filter);
    if page.sort != Sort::LastSeen && !conditions.sql.is_empty() {
        // In any other order, a scan would check row by row.
        let Conditions { sql, values, .. } = covered(filter);
        let sql = format!("SELECT id FROM issues INDEXED BY issues_last_seen WHERE {}", sql.join(" AND "));
        conditions.narrow(search::at_most(connection, &sql, params_from_iter(values), FEW_ROWS)?);
    }
    let others = filter.conditions.iter().filter(|condition| !is_covered(&condition.test));
    others.filter_map(|condition| asked::sql(condition, &DIALECT)).for_each(|sql| conditions.add(sql));
    asked::scope(&filter.scope).into_iter().for_each(|sql| conditions.add(sql));
    if let Some(environments) = asked::wanted_environments(filter) {
        conditions.narrow(search::in_environments(connection, environments)?);
    }
    if asked::wants_regressed(filter) {
        conditions.narrow(search::at_most(connection, asked::REGRESSED, [], FEW_ROWS)?);
    }
    for (condition, index) in filter.conditions.iter().filter_map(ranged) {
        let mut range = Conditions::default();
        asked::sql(condition, &DIALECT).into_iter().for_each(|sql| range.add(sql));
        let sql = format!("SELECT id FROM issues INDEXED BY {index} WHERE {}", range.sql.join(" AND "));
        conditions.narrow(search::at_most(connection, &sql, params_from_iter(range.values), FEW_ROWS)?);
    }
    let parts: BTreeSet<String> = asked::wanted_parts(filter).map(str::to_owned).collect();
    if !parts.is_empty() {
        conditions.narrow(search::with_words(connection, &parts)?);
    }
    for word in asked::wanted_texts(filter) {
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let contains =
            "(error_type LIKE ? ESCAPE '\\' OR message LIKE ? ESCAPE '\\' OR file_path LIKE ? ESCAPE '\\')";
        let value = || asked::Value::Text(format!("%{escaped}%"));
        conditions.add((contains.into(), vec![value(), value(), value()]));
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
    let from = match (page.sort, asked::wanted_project(filter)) {
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
