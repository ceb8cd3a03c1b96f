//! Projects.

use super::fault::Result;
use super::session::Session;
use super::{Postgres, delete, rows};
use crate::domain::project::{EditRefused, edit};
use crate::domain::{Editor, Project, ProjectEdit};
use crate::store::{EditOutcome, Projects, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};
use tokio_postgres::Row;

impl Projects for Postgres {
    fn projects(&self) -> StoreFuture<'_, Vec<Project>> {
        self.read((), |session, ()| {
            Box::pin(async move {
                let rows = session.query("SELECT * FROM projects ORDER BY project_id", &[]).await?;
                rows.iter().map(project).collect()
            })
        })
    }

    fn project(&self, project_id: ProjectId) -> StoreFuture<'_, Option<Project>> {
        self.read(project_id, |session, project_id| Box::pin(one(session, project_id, "")))
    }

    fn edit_project(
        &self,
        project_id: ProjectId,
        edit: ProjectEdit,
        editor: Editor,
        now: Timestamp,
    ) -> StoreFuture<'_, EditOutcome> {
        self.write((project_id, edit, editor, now), |session, (project_id, edit, editor, now)| {
            Box::pin(edit_project(session, project_id, edit.clone(), *editor, *now))
        })
    }

    fn delete_project(&self, project_id: ProjectId, now: Timestamp) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            loop {
                let step = self.write((project_id.clone(), now), |session, (project_id, now)| {
                    Box::pin(delete::project_in_part(session, project_id, *now))
                });
                if let Some(existed) = step.await? {
                    return Ok(existed);
                }
            }
        })
    }
}

/// Reads a project, and locks it as `lock` says.
pub(super) async fn one(
    session: &Session<'_>,
    project_id: &ProjectId,
    lock: &str,
) -> Result<Option<Project>> {
    let sql = format!("SELECT * FROM projects WHERE project_id = $1 {lock}");
    session.optional(&sql, &[&project_id.as_str()]).await?.as_ref().map(project).transpose()
}

async fn edit_project(
    session: &Session<'_>,
    project_id: &ProjectId,
    wanted: ProjectEdit,
    editor: Editor,
    now: Timestamp,
) -> Result<EditOutcome> {
    let current = one(session, project_id, "FOR UPDATE").await?;
    let is_new = current.is_none();
    let project = match edit(project_id, current.clone(), wanted, editor, now) {
        Ok(project) => project,
        Err(EditRefused::Stale) => {
            let current = current.unwrap_or_else(|| Project::new(project_id.clone(), now));
            return Ok(EditOutcome::Stale(Box::new(current)));
        }
        Err(EditRefused::WouldOverwrite(fields)) => return Ok(EditOutcome::WouldOverwrite(fields)),
    };
    let sql = if is_new {
        "INSERT INTO projects (project_id, name, repo_url, local_path, description, regression_rule, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE projects SET name = $2, repo_url = $3, local_path = $4, description = $5, regression_rule = $6,
           created_at = $7, updated_at = $8 WHERE project_id = $1"
    };
    let written = session
        .execute(
            sql,
            &[
                &project.project_id.as_str(),
                &project.name.as_deref(),
                &project.repo_url.as_deref(),
                &project.local_path.as_deref(),
                &project.description.as_deref(),
                &project.regression_rule.as_str(),
                &project.created_at.millis(),
                &project.updated_at.millis(),
            ],
        )
        .await?;
    match written {
        0 => Err(super::fault::Fault::Conflict(format!("{project_id} was created by somebody else"))),
        _ => Ok(EditOutcome::Edited(Box::new(project))),
    }
}

fn project(row: &Row) -> Result<Project> {
    rows::intact("projects", row, |row| {
        Ok(Project {
            project_id: rows::project_id(row)?,
            name: rows::text(row, "name")?,
            repo_url: rows::text(row, "repo_url")?,
            local_path: rows::text(row, "local_path")?,
            description: rows::text(row, "description")?,
            regression_rule: rows::word(row, "regression_rule")?,
            created_at: rows::time(row, "created_at")?,
            updated_at: rows::time(row, "updated_at")?,
        })
    })
}
