//! What a query asks, as SQL: the same for every store but for the names of two functions.

use crate::domain::query::{Condition, Is, Test};
use crate::domain::{IssueFilter, Scope};
use logcenter_core::{ProjectId, Status};

/// A value of a condition.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// A number.
    Integer(i64),
}

/// How a store finds a text in another one.
pub(super) struct Dialect {
    /// A function of a text and what is looked for, which is 0 if it is not there.
    pub(super) position: &'static str,
    /// What makes `lower` fold ASCII letters alone.
    pub(super) collation: &'static str,
}

/// A condition in which each `?` stands for a value, in their order.
pub(super) type Sql = (String, Vec<Value>);

/// The projects of a scope.
pub(super) fn scope(scope: &Scope) -> Option<Sql> {
    match scope {
        Scope::All => None,
        Scope::Projects(projects) => {
            let ids = projects.iter().map(|id: &ProjectId| id.as_str().to_owned()).collect();
            Some(one_of("project_id", ids))
        }
    }
}

/// A condition; `None` for a text that is wanted, which each store finds in its own way.
pub(super) fn sql(condition: &Condition, dialect: &Dialect) -> Option<Sql> {
    let owned = |values: Vec<&'static str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let number = |sql: &str, number: i64| (sql.to_owned(), vec![Value::Integer(number)]);
    let (sql, values) = match &condition.test {
        Test::Text(_) if !condition.excluded => return None,
        Test::Text(text) => self::text(text, dialect),
        Test::Is(states) => (states.iter().map(|is| state(*is)).collect::<Vec<_>>().join(" OR "), Vec::new()),
        // Not as values: a plan for all statuses would be one for the most frequent.
        Test::Status(all) => (statuses(all.iter().copied()), Vec::new()),
        Test::Project(all) => one_of("project_id", all.iter().map(|id| id.as_str().to_owned()).collect()),
        Test::Source(all) => one_of("source", owned(all.iter().map(|one| one.as_str()).collect())),
        Test::Level(all) => one_of("level", owned(all.iter().map(|one| one.as_str()).collect())),
        Test::Environment(all) => {
            let (one_of, values) = one_of("e.environment", all.clone());
            let seen = format!(
                "EXISTS (SELECT 1 FROM issue_environments e WHERE {one_of} AND e.issue_id = issues.id)"
            );
            (seen, values)
        }
        Test::Version(all) => {
            let (one_of, values) = one_of("r.release", all.clone());
            let seen =
                format!("EXISTS (SELECT 1 FROM issue_releases r WHERE {one_of} AND r.issue_id = issues.id)");
            (seen, values)
        }
        Test::File(parts) => contains(&["file_path"], parts, dialect),
        Test::Type(parts) => contains(&["error_type"], parts, dialect),
        Test::Since(time) => number("last_seen >= ?", time.millis()),
        Test::Until(time) => number("last_seen < ?", time.millis()),
        Test::First(time) => number("first_seen >= ?", time.millis()),
        Test::Count(comparison, count) => number(&format!("count {} ?", comparison.as_str()), *count),
    };
    Some((if condition.excluded { format!("NOT ({sql})") } else { format!("({sql})") }, values))
}

/// Whether a text is in type, message or file.
pub(super) fn text(text: &str, dialect: &Dialect) -> Sql {
    contains(&["error_type", "message", "file_path"], &[text.to_owned()], dialect)
}

/// Whether one of some texts is in one of some columns.
fn contains(columns: &[&str], parts: &[String], dialect: &Dialect) -> Sql {
    let Dialect { position, collation } = dialect;
    let (mut each, mut values) = (Vec::new(), Vec::new());
    for column in columns {
        for part in parts {
            each.push(format!("{position}(lower(coalesce({column}, ''){collation}), ?) > 0"));
            values.push(Value::Text(part.to_ascii_lowercase()));
        }
    }
    (format!("({})", each.join(" OR ")), values)
}

/// Whether a column has one of some values. Of none, no row has one.
pub(super) fn one_of(column: &str, values: Vec<String>) -> Sql {
    let places = vec!["?"; values.len()].join(", ");
    let sql = if values.is_empty() { "1 = 0".into() } else { format!("{column} IN ({places})") };
    (sql, values.into_iter().map(Value::Text).collect())
}

pub(super) fn statuses(statuses: impl Iterator<Item = Status>) -> String {
    format!("status IN ({})", statuses.map(|status| format!("'{status}'")).collect::<Vec<_>>().join(", "))
}

fn state(is: Is) -> String {
    let may_be = statuses(Status::ALL.iter().copied().filter(|status| is.may_be(*status)));
    match is.has_regressed() {
        None => may_be,
        Some(true) => format!("({may_be} AND regressions > 0)"),
        Some(false) => format!("({may_be} AND regressions = 0)"),
    }
}

/// The statuses that an issue must have, if the filter names some.
#[cfg(feature = "postgres")]
pub(super) fn wanted_statuses(filter: &IssueFilter) -> Option<Vec<Status>> {
    let named = filter.conditions.iter().filter(|condition| !condition.excluded);
    named
        .filter_map(|condition| match &condition.test {
            Test::Status(all) => Some(all.clone()),
            Test::Is(states) => {
                let may_be = |status: &Status| states.iter().any(|is| is.may_be(*status));
                Some(Status::ALL.iter().copied().filter(may_be).collect())
            }
            _ => None,
        })
        .min_by_key(Vec::len)
}

/// The project that an issue must have, if the filter names one.
#[cfg(feature = "sqlite")]
pub(super) fn wanted_project(filter: &IssueFilter) -> Option<&ProjectId> {
    filter.conditions.iter().filter(|condition| !condition.excluded).find_map(|condition| {
        match &condition.test {
            Test::Project(all) => match &all[..] {
                [one] => Some(one),
                _ => None,
            },
            _ => None,
        }
    })
}

/// The environments in one of which an issue must have been seen, if the filter names some.
pub(super) fn wanted_environments(filter: &IssueFilter) -> Option<&[String]> {
    filter.conditions.iter().filter(|condition| !condition.excluded).find_map(|condition| {
        match &condition.test {
            Test::Environment(all) => Some(&all[..]),
            _ => None,
        }
    })
}

/// Whether an issue must have regressed.
pub(super) fn wants_regressed(filter: &IssueFilter) -> bool {
    filter.conditions.iter().filter(|condition| !condition.excluded).any(|condition| match &condition.test {
        Test::Is(states) => states.iter().all(|is| is.has_regressed() == Some(true)),
        _ => false,
    })
}

/// The issues that have regressed.
pub(super) const REGRESSED: &str = "SELECT id AS issue_id FROM issues WHERE regressions > 0";

/// What must be in an issue's type, message or file, as an index of those may tell: its texts, and more.
pub(super) fn wanted_parts(filter: &IssueFilter) -> impl Iterator<Item = &str> {
    let wanted = filter.conditions.iter().filter(|condition| !condition.excluded);
    wanted.filter_map(|condition| match &condition.test {
        Test::Text(text) => Some(&**text),
        Test::File(parts) | Test::Type(parts) => match &parts[..] {
            [one] => Some(&**one),
            _ => None,
        },
        _ => None,
    })
}

/// The texts that an issue must have.
pub(super) fn wanted_texts(filter: &IssueFilter) -> impl Iterator<Item = &str> {
    let wanted = filter.conditions.iter().filter(|condition| !condition.excluded);
    wanted.filter_map(|condition| match &condition.test {
        Test::Text(text) => Some(&**text),
        _ => None,
    })
}
