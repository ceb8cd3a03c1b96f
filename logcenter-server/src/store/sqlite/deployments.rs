//! Deployments.

use super::Sqlite;
use super::rows::{self, STANDING, time};
use super::session::Session;
use crate::domain::text::Environment;
use crate::domain::{
    Deployment, DeploymentFilter, DeploymentId, IssueEventKind, IssueId, KeptDeployment, Page, Scope,
};
use crate::store::{Deployments, StoreError, StoreFuture, columns};
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::types::{Type, Value};
use rusqlite::{Connection, Result, Row, params, params_from_iter};

impl Deployments for Sqlite {
    fn deploy(&self, deployment: Deployment, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>> {
        self.writer.write(move |session| deploy(session, &deployment, now))
    }

    fn deployments(
        &self,
        filter: DeploymentFilter,
        before: Option<DeploymentId>,
        limit: u32,
    ) -> StoreFuture<'_, Page<KeptDeployment>> {
        self.peek(move |connection| Ok(page(connection, &filter, before, limit)?))
    }
}

fn deploy(
    session: &mut Session<'_>,
    deployment: &Deployment,
    now: Timestamp,
) -> std::result::Result<Vec<IssueId>, StoreError> {
    let candidates = session
        .transaction
        .prepare_cached(&format!(
            "SELECT id, {STANDING} FROM issues
             WHERE project_id = ?1 AND status = 'VERIFIED'
               AND EXISTS (SELECT 1 FROM issue_environments e WHERE e.environment = ?2 AND e.issue_id = issues.id)
             ORDER BY id"
        ))?
        .query_map([deployment.project_id.as_str(), &*deployment.environment], |row| {
            rows::intact("issues", row, |row| Ok((IssueId(row.get("id")?), rows::standing(row)?)))
        })?
        .collect::<Result<Vec<_>>>()?;
    let mut deployed = Vec::new();
    for (id, standing) in candidates {
        if let Some(transition) = deployment.moves(&standing, now) {
            session.write_transition(id, &transition, IssueEventKind::Deployed)?;
            deployed.push(id);
        }
    }
    let mut insert = session.transaction.prepare_cached(
        "INSERT INTO deployments (project_id, environment, version, commits, at, deployed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    insert.execute(params![
        deployment.project_id.as_str(),
        &*deployment.environment,
        deployment.version.as_deref(),
        columns::write_commits(&deployment.commits),
        now.millis(),
        columns::write_ids(&deployed),
    ])?;
    Ok(deployed)
}

fn page(
    connection: &Connection,
    filter: &DeploymentFilter,
    before: Option<DeploymentId>,
    limit: u32,
) -> Result<Page<KeptDeployment>> {
    let mut values = vec![Value::from(before.map_or(i64::MAX, |id| id.0))];
    let mut condition = "id < ?1".to_owned();
    let mut and = |sql: &str, value: String| {
        values.push(value.into());
        condition += &format!(" AND {}", sql.replace('?', &format!("?{}", values.len())));
    };
    if let Some(project_id) = &filter.project_id {
        and("project_id = ?", project_id.as_str().to_owned());
    }
    if let Scope::Projects(projects) = &filter.scope {
        let ids = rows::json_array(projects.iter().map(ProjectId::as_str));
        and("project_id IN (SELECT value FROM json_each(?))", ids);
    }
    if let Some(environment) = &filter.environment {
        and("environment = ?", environment.clone());
    }
    let commits =
        if filter.first_commit_only { "substr(commits, 1, instr(commits, char(10)))" } else { "commits" };
    let sql = format!(
        "SELECT id, project_id, environment, version, {commits} AS commits, at, deployed FROM deployments
         WHERE {condition} ORDER BY id DESC LIMIT {}",
        limit + 1
    );
    let mut select = connection.prepare_cached(&sql)?;
    let found = select.query_map(params_from_iter(values), kept)?.collect::<Result<_>>()?;
    Ok(Page::of(found, limit))
}

fn kept(row: &Row<'_>) -> Result<KeptDeployment> {
    rows::intact("deployments", row, |row| {
        let deployed = columns::read_ids(row.get_ref("deployed")?.as_str()?);
        Ok(KeptDeployment {
            id: DeploymentId(row.get("id")?),
            project_id: rows::project_id(row)?,
            environment: Environment::cut(row.get_ref("environment")?.as_str()?),
            commits: columns::read_commits(row.get_ref("commits")?.as_str()?),
            version: rows::text(row, "version")?,
            at: time(row, "at")?,
            deployed: deployed
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(6, Type::Text, Box::new(error)))?,
        })
    })
}
