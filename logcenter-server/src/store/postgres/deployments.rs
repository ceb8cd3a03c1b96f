//! Deployments.

use super::fault::{Fault, Result};
use super::rows::{self, STANDING, get, time};
use super::session::Session;
use super::{Postgres, transition};
use crate::domain::text::Environment;
use crate::domain::{
    Deployment, DeploymentFilter, DeploymentId, IssueEventKind, IssueId, KeptDeployment, Page, Scope,
};
use crate::store::{Deployments, StoreFuture, columns};
use logcenter_core::{ProjectId, Timestamp};
use tokio_postgres::Row;

impl Deployments for Postgres {
    fn deploy(&self, deployment: Deployment, now: Timestamp) -> StoreFuture<'_, Vec<IssueId>> {
        self.write((deployment, now), |session, (deployment, now)| {
            Box::pin(deploy(session, deployment, *now))
        })
    }

    fn deployments(
        &self,
        filter: DeploymentFilter,
        before: Option<DeploymentId>,
        limit: u32,
    ) -> StoreFuture<'_, Page<KeptDeployment>> {
        self.read((filter, before, limit), |session, (filter, before, limit)| {
            Box::pin(page(session, filter, *before, *limit))
        })
    }
}

async fn deploy(session: &Session<'_>, deployment: &Deployment, now: Timestamp) -> Result<Vec<IssueId>> {
    let sql = format!(
        "SELECT id, {STANDING} FROM issues
         WHERE project_id = $1 AND status = 'VERIFIED'
           AND EXISTS (SELECT 1 FROM issue_environments e WHERE e.environment = $2 AND e.issue_id = issues.id)
         ORDER BY id FOR UPDATE"
    );
    let rows = session.query(&sql, &[&deployment.project_id.as_str(), &&*deployment.environment]).await?;
    let mut deployed = Vec::new();
    for row in &rows {
        let id = rows::issue_id(row, "id")?;
        let standing = rows::intact("issues", row, rows::standing)?;
        if let Some(transition) = deployment.moves(&standing, now) {
            transition::write(session, id, &transition, IssueEventKind::Deployed).await?;
            deployed.push(id);
        }
    }
    let sql = "INSERT INTO deployments (project_id, environment, version, commits, at, deployed) VALUES ($1, $2, $3, $4, $5, $6)";
    session
        .execute(
            sql,
            &[
                &deployment.project_id.as_str(),
                &&*deployment.environment,
                &deployment.version.as_deref(),
                &columns::write_commits(&deployment.commits),
                &now.millis(),
                &columns::write_ids(&deployed),
            ],
        )
        .await?;
    Ok(deployed)
}

async fn page(
    session: &Session<'_>,
    filter: &DeploymentFilter,
    before: Option<DeploymentId>,
    limit: u32,
) -> Result<Page<KeptDeployment>> {
    let scope: Option<Vec<&str>> = match &filter.scope {
        Scope::All => None,
        Scope::Projects(projects) => Some(projects.iter().map(ProjectId::as_str).collect()),
    };
    let project_id = filter.project_id.as_ref().map(ProjectId::as_str);
    // PostgreSQL takes no NUL, and no environment has one.
    let environment = filter.environment.as_ref().map(|text| text.replace('\0', "\u{FFFD}"));
    let commits = if filter.first_commit_only { "split_part(commits, E'\\n', 1)" } else { "commits" };
    let sql = format!(
        "SELECT id, project_id, environment, version, {commits} AS commits, at, deployed FROM deployments
         WHERE id < $1 AND ($2::text IS NULL OR project_id = $2)
           AND ($3::text[] IS NULL OR project_id = ANY($3)) AND ($4::text IS NULL OR environment = $4)
         ORDER BY id DESC LIMIT $5"
    );
    let before = before.map_or(i64::MAX, |id| id.0);
    let rows =
        session.query(&sql, &[&before, &project_id, &scope, &environment, &i64::from(limit + 1)]).await?;
    Ok(Page::of(rows.iter().map(kept).collect::<Result<_>>()?, limit))
}

fn kept(row: &Row) -> Result<KeptDeployment> {
    rows::intact("deployments", row, |row| {
        let id: i64 = get(row, "id")?;
        let deployed = columns::read_ids(get(row, "deployed")?);
        Ok(KeptDeployment {
            id: DeploymentId(id),
            project_id: rows::project_id(row)?,
            environment: Environment::cut(get(row, "environment")?),
            commits: columns::read_commits(get(row, "commits")?),
            version: rows::text(row, "version")?,
            at: time(row, "at")?,
            deployed: deployed.map_err(|error| Fault::corrupt("deployments", &id.to_string(), &error))?,
        })
    })
}
