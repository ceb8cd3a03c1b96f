//! Counts: what events add to the hours of their issue and of its project.

use super::fault::Result;
use super::known::StoredIssue;
use super::session::Session;
use crate::domain::IssueId;
use crate::domain::recording::{HourCount, counted_environment};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// An issue and an environment.
pub(super) type Seen = (i64, String);

/// What a batch adds, sorted as it is written, so that batches do not wait for each other in a circle.
#[derive(Default)]
pub(super) struct Counts {
    issues: BTreeMap<(i64, String, i64), (i64, i64)>,
    projects: BTreeMap<(i64, String, &'static str), i64>,
    environments: BTreeSet<Seen>,
}

/// Which of some pairs of an issue and an environment are counted by name.
pub(super) async fn known_environments(session: &Session<'_>, asked: &[Seen]) -> Result<HashSet<Seen>> {
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<i64> = asked.iter().map(|(id, _)| *id).collect();
    let names: Vec<&str> = asked.iter().map(|(_, name)| &**name).collect();
    let sql =
        "SELECT issue_id, environment FROM unnest($1::bigint[], $2::text[]) AS asked (issue_id, environment)
               JOIN issue_environments USING (environment, issue_id)";
    let rows = session.query(sql, &[&ids, &names]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

impl Counts {
    /// Adds what an issue counted.
    pub(super) fn add(
        &mut self,
        id: IssueId,
        issue: &mut StoredIssue,
        hours: Vec<HourCount>,
        known: &mut HashSet<Seen>,
    ) {
        for HourCount { environment, hour, count, last_seen } in hours {
            let environment = self.environment(id, &environment, issue, known);
            let row = self.issues.entry((id.0, environment, hour.millis())).or_default();
            *row = (row.0 + count, row.1.max(last_seen.millis()));
            let key = (hour.millis(), issue.project_id.as_str().to_owned(), issue.source.as_str());
            *self.projects.entry(key).or_default() += count;
        }
    }

    fn environment(
        &mut self,
        id: IssueId,
        environment: &str,
        issue: &mut StoredIssue,
        known: &mut HashSet<Seen>,
    ) -> String {
        let seen = (id.0, environment.to_owned());
        if known.contains(&seen) {
            return seen.1;
        }
        let counted = counted_environment(environment, issue.environments);
        if counted == environment {
            issue.environments += 1;
            known.insert(seen.clone());
        }
        self.environments.insert((id.0, counted.to_owned()));
        counted.to_owned()
    }

    pub(super) async fn write(&self, session: &Session<'_>) -> Result<()> {
        if self.issues.is_empty() {
            return Ok(());
        }
        macro_rules! column {
            ($rows:expr, $row:pat => $value:expr) => {
                $rows.iter().map(|$row| $value).collect::<Vec<_>>()
            };
        }
        let (ids, environments) = (
            column!(self.issues, ((id, _, _), _) => *id),
            column!(self.issues, ((_, name, _), _) => &**name),
        );
        let (hours, counts) = (
            column!(self.issues, ((_, _, hour), _) => *hour),
            column!(self.issues, (_, (count, _)) => *count),
        );
        let last_seen = column!(self.issues, (_, (_, last_seen)) => *last_seen);
        let of_issues = async {
            let sql = "INSERT INTO issue_hours AS h (issue_id, environment, hour, count, last_seen)
                 SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
                 ON CONFLICT (issue_id, environment, hour) DO UPDATE SET count = h.count + excluded.count,
                   last_seen = greatest(h.last_seen, excluded.last_seen)";
            session.execute(sql, &[&ids, &environments, &hours, &counts, &last_seen]).await
        };
        let project_hours = column!(self.projects, ((hour, _, _), _) => *hour);
        let projects = column!(self.projects, ((_, project_id, _), _) => &**project_id);
        let sources = column!(self.projects, ((_, _, source), _) => *source);
        let project_counts = column!(self.projects, (_, count) => *count);
        let of_projects = async {
            let sql = "INSERT INTO project_hours AS h (hour, project_id, source, count, shard)
                 SELECT *, $5 FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])
                 ON CONFLICT (hour, project_id, source, shard) DO UPDATE SET count = h.count + excluded.count";
            let shard = &session.shared.shard;
            session.execute(sql, &[&project_hours, &projects, &sources, &project_counts, shard]).await
        };
        let new_ids = column!(self.environments, (id, _) => *id);
        let new_names = column!(self.environments, (_, name) => &**name);
        let new = async {
            if new_ids.is_empty() {
                return Ok(0);
            }
            let sql = "INSERT INTO issue_environments (issue_id, environment)
                       SELECT * FROM unnest($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING";
            session.execute(sql, &[&new_ids, &new_names]).await
        };
        tokio::try_join!(of_issues, of_projects, new).map(drop)
    }
}
