//! Lists of issues: filtering, sorting, paging.

use super::fault::Result;
use super::rows::{self, ISSUE, LEASES};
use super::session::Session;
use crate::domain::query::{Comparison, Condition, Test};
use crate::domain::{Issue, IssueFilter, Page, PageRequest, Sort};
use crate::store::conditions::{self as asked, Dialect, Sql, Value};
use std::collections::BTreeSet;
use tokio_postgres::types::ToSql;

/// Up to this many issues that have what is asked for, reading and sorting all of them is cheaper than looking through the list
/// in its order.
const FEW: usize = 3000;

/// Issues that are looked through in the order of the list if many have the text. If the page is not full then, those that have
/// it are all somewhere behind, and are looked up.
const LOOKED_THROUGH: u32 = 20_000;

const DIALECT: Dialect = Dialect { position: "strpos", collation: " COLLATE \"C\"" };

/// SQL conditions and their parameters.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Conditions {
    fn add(&mut self, (sql, values): Sql) {
        let mut parts = sql.split('?');
        let mut numbered = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            self.values.push(match value {
                Value::Text(text) => Box::new(stored(&text)),
                Value::Integer(number) => Box::new(number),
            });
            numbered += &format!("${}{part}", self.values.len());
        }
        self.sql.push(numbered);
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
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
    let texts = Text::all(asked::wanted_texts(filter));
    let few = few(session, filter, &Text::all(asked::wanted_parts(filter))).await?;
    // Where a count is a step, the index has the order of the list.
    let (mut large, mut small) = (vec!["count_step >= 16".to_owned()], vec!["count_step < 16".to_owned()]);
    if let Some(after) = page.after {
        conditions.values.push(Box::new(after.key));
        conditions.values.push(Box::new(after.id.0));
        let (id, key) = (conditions.values.len(), conditions.values.len() - 1);
        conditions.sql.push(format!("({}, id) < (${key}, ${id})", page.sort.as_str()));
        match page.sort {
            Sort::LastSeen => conditions.sql.push(format!("last_seen_step <= ${key} / 300000")),
            Sort::Count => {
                large.push(format!("count_step <= count_step(${key})"));
                small.push(format!("(count_step, id) < (${key}, ${id})"));
            }
            Sort::FirstSeen => {}
        }
    }
    let sql = |with: With<'_>| match page.sort {
        Sort::LastSeen => {
            part(&conditions.sql, &[], "last_seen_step DESC, last_seen DESC, id DESC", limit, with)
        }
        Sort::FirstSeen => part(&conditions.sql, &[], "first_seen DESC, id DESC", limit, with),
        Sort::Count => format!(
            "SELECT * FROM (({}) UNION ALL ({})) AS parts ORDER BY count DESC, id DESC LIMIT {limit}",
            part(&conditions.sql, &large, "count_step DESC, count DESC, id DESC", limit, with),
            part(&conditions.sql, &small, "count_step DESC, id DESC", limit, with),
        ),
    };
    let (base, next) = (conditions.values(), conditions.values.len() + 1);
    let read = async |sql: String, more: &[&(dyn ToSql + Sync)]| -> Result<Vec<Issue>> {
        session.query(&sql, &[&base, more].concat()).await?.iter().map(rows::issue).collect()
    };
    let has_text = has_texts(&texts, next);
    let values: Vec<&(dyn ToSql + Sync)> = texts.iter().map(|text| &text.value as _).collect();
    let issues = match few {
        Some(ids) => {
            let mut found = format!("id = ANY(${next})");
            if !texts.is_empty() {
                found += &format!(" AND {}", in_texts(&has_texts(&texts, next + 1)));
            }
            read(sql(With::Condition(&found)), &[&[&ids as &(dyn ToSql + Sync)], &values[..]].concat())
                .await?
        }
        None if texts.is_empty() => read(sql(With::Nothing), &[]).await?,
        None => {
            let first = read(sql(With::TextInOrder(&has_text)), &values).await?;
            if first.len() < limit as usize {
                let found = format!("id = ANY(ARRAY(SELECT issue_id FROM issue_texts WHERE {has_text}))");
                read(sql(With::Condition(&found)), &values).await?
            } else {
                first
            }
        }
    };
    Ok(Page::of(issues, page.limit))
}

/// What else a statement asks of issues.
#[derive(Clone, Copy)]
enum With<'a> {
    Nothing,
    Condition(&'a str),
    /// A condition for the text of those that come first.
    TextInOrder(&'a str),
}

/// A statement that selects issues in an order.
fn part(conditions: &[String], and: &[String], order: &str, limit: u32, with: With<'_>) -> String {
    let more = if let With::Condition(condition) = with { Some(condition) } else { None };
    let all: Vec<&str> = conditions.iter().chain(and).map(String::as_str).chain(more).collect();
    let condition = if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) };
    let (from, condition) = match with {
        With::TextInOrder(text) => (
            format!("(SELECT * FROM issues {condition} ORDER BY {order} LIMIT {LOOKED_THROUGH}) AS issues"),
            format!("WHERE {}", in_texts(text)),
        ),
        _ => ("issues".into(), condition),
    };
    format!("SELECT {ISSUE} FROM {from} {LEASES} {condition} ORDER BY {order} LIMIT {limit}")
}

/// A condition for the text of an issue.
fn in_texts(condition: &str) -> String {
    format!("EXISTS (SELECT 1 FROM issue_texts t WHERE t.issue_id = issues.id AND {condition})")
}

/// The issues that have the first of these that few have, whatever else is asked of them.
async fn few(session: &Session<'_>, filter: &IssueFilter, texts: &[Text]) -> Result<Option<Vec<i64>>> {
    let environments: Option<Vec<String>> =
        asked::wanted_environments(filter).map(|names| names.iter().map(|name| stored(name)).collect());
    let mut questions: Vec<(String, Vec<&(dyn ToSql + Sync)>)> = Vec::new();
    if let Some(environments) = &environments {
        let sql = "SELECT DISTINCT issue_id FROM issue_environments WHERE environment = ANY($1)";
        questions.push((sql.into(), vec![environments]));
    }
    if let Some(wanted) = asked::wanted_statuses(filter) {
        let sql = format!("SELECT id AS issue_id FROM issues WHERE {}", asked::statuses(wanted.into_iter()));
        questions.push((sql, Vec::new()));
    }
    let ranges: Vec<(String, i64)> = filter.conditions.iter().filter_map(range).collect();
    for (sql, value) in &ranges {
        questions.push((format!("SELECT id AS issue_id FROM issues WHERE {sql}"), vec![value]));
    }
    if asked::wants_regressed(filter) {
        questions.push((asked::REGRESSED.into(), Vec::new()));
    }
    if !texts.is_empty() {
        let sql = format!("SELECT issue_id FROM issue_texts WHERE {}", has_texts(texts, 1));
        questions.push((sql, texts.iter().map(|text| &text.value as _).collect()));
    }
    for (sql, values) in questions {
        let rows = session.query(&format!("{sql} LIMIT {FEW}"), &values).await?;
        if rows.len() < FEW {
            return rows.iter().map(|row| rows::get(row, "issue_id")).collect::<Result<_>>().map(Some);
        }
    }
    Ok(None)
}

/// A condition that an index can look up, with its value.
fn range(condition: &Condition) -> Option<(String, i64)> {
    let range = match &condition.test {
        Test::First(time) => ("first_seen >= $1".into(), time.millis()),
        Test::Count(comparison, count) => {
            let step = match comparison {
                Comparison::Equal => "=",
                Comparison::Above | Comparison::AtLeast => ">=",
                Comparison::Below | Comparison::AtMost => "<=",
            };
            (format!("count {} $1 AND count_step {step} count_step($1)", comparison.as_str()), *count)
        }
        _ => return None,
    };
    (!condition.excluded).then_some(range)
}

/// A word that is searched.
struct Text {
    /// A pattern; of a short word, the word itself.
    value: String,
    /// The index has groups of three characters. Where there is none, all texts are read, in half the time without a pattern.
    is_short: bool,
}

impl Text {
    fn of(word: &str) -> Self {
        let word = stored(word).to_ascii_lowercase();
        if word.chars().count() < 3 {
            return Self { value: word, is_short: true };
        }
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        Self { value: format!("%{escaped}%"), is_short: false }
    }

    fn all<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Self> {
        words.collect::<BTreeSet<_>>().into_iter().map(Self::of).collect()
    }
}

/// A condition in which the first text has this number.
fn has_texts(texts: &[Text], first: usize) -> String {
    let each = (first..).zip(texts).map(|(number, text)| match text.is_short {
        true => format!("strpos(text, ${number}) > 0"),
        false => format!("text LIKE ${number}"),
    });
    each.collect::<Vec<_>>().join(" AND ")
}

fn conditions(filter: &IssueFilter) -> Conditions {
    let mut conditions = Conditions::default();
    for condition in &filter.conditions {
        asked::sql(condition, &DIALECT).into_iter().for_each(|sql| conditions.add(sql));
        // What the index of the list's order tells.
        let step = match (condition.excluded, &condition.test) {
            (false, Test::Since(time)) => ("last_seen_step >= ?::bigint / 300000", time),
            (false, Test::Until(time)) => ("last_seen_step <= ?::bigint / 300000", time),
            _ => continue,
        };
        conditions.add((step.0.into(), vec![Value::Integer(step.1.millis())]));
    }
    asked::scope(&filter.scope).into_iter().for_each(|sql| conditions.add(sql));
    // The index has type, message and file as one text of three lines.
    for text in asked::wanted_texts(filter).filter(|text| text.contains('\n')) {
        conditions.add(asked::text(text, &DIALECT));
    }
    if let Some(among) = &filter.among {
        let ids: Vec<i64> = among.iter().map(|id| id.0).collect();
        conditions.values.push(Box::new(ids));
        conditions.sql.push(format!("id = ANY(${})", conditions.values.len()));
    }
    conditions
}

/// A text as it would be stored: a NUL is never part of one, and PostgreSQL takes none.
fn stored(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
