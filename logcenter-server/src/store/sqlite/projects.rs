//! Projects.

use super::session::Session;
use super::{Sqlite, delete, rows};
use crate::domain::project::{EditRefused, edit};
use crate::domain::{Editor, Project, ProjectEdit};
use crate::store::{EditOutcome, Projects, StoreError, StoreFuture};
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

impl Projects for Sqlite {
    fn projects(&self) -> StoreFuture<'_, Vec<Project>> {
        self.read(|connection, _| {
            let mut select = connection.prepare_cached("SELECT * FROM projects ORDER BY project_id")?;
            Ok(select.query_map([], project)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn project(&self, project_id: ProjectId) -> StoreFuture<'_, Option<Project>> {
        self.read(move |connection, _| one(connection, &project_id))
    }

    fn edit_project(
        &self,
        project_id: ProjectId,
        edit: ProjectEdit,
        editor: Editor,
        now: Timestamp,
    ) -> StoreFuture<'_, EditOutcome> {
        self.writer.write(move |session| edit_project(session, &project_id, edit, editor, now))
    }

    fn delete_project(&self, project_id: ProjectId, now: Timestamp) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            loop {
                let id = project_id.clone();
                let step = self.writer.write(move |session| delete::project_in_part(session, &id, now));
                if let Some(existed) = step.await? {
                    return Ok(existed);
                }
            }
        })
    }
}

/// Reads a project.
pub(super) fn one(connection: &Connection, project_id: &ProjectId) -> Result<Option<Project>, StoreError> {
    let mut select = connection.prepare_cached("SELECT * FROM projects WHERE project_id = ?1")?;
    Ok(select.query_row([project_id.as_str()], project).optional()?)
}

fn edit_project(
    session: &mut Session<'_>,
    project_id: &ProjectId,
    wanted: ProjectEdit,
    editor: Editor,
    now: Timestamp,
) -> Result<EditOutcome, StoreError> {
    let current = one(&session.transaction, project_id)?;
    let project = match edit(project_id, current.clone(), wanted, editor, now) {
        Ok(project) => project,
        Err(EditRefused::Stale) => {
            let current = current.unwrap_or_else(|| Project::new(project_id.clone(), now));
            return Ok(EditOutcome::Stale(Box::new(current)));
        }
        Err(EditRefused::WouldOverwrite(fields)) => return Ok(EditOutcome::WouldOverwrite(fields)),
    };
    let mut upsert = session.transaction.prepare_cached(
        "INSERT INTO projects (project_id, name, repo_url, local_path, description, regression_rule, created_at, updated_at)
         VALUES (:project_id, :name, :repo_url, :local_path, :description, :regression_rule, :created_at, :updated_at)
         ON CONFLICT (project_id) DO UPDATE SET name = :name, repo_url = :repo_url, local_path = :local_path,
           description = :description, regression_rule = :regression_rule, updated_at = :updated_at",
    )?;
    upsert.execute(named_params! {
        ":project_id": project.project_id.as_str(),
        ":name": project.name.as_deref(),
        ":repo_url": project.repo_url.as_deref(),
        ":local_path": project.local_path.as_deref(),
        ":description": project.description.as_deref(),
        ":regression_rule": project.regression_rule.as_str(),
        ":created_at": project.created_at.millis(),
        ":updated_at": project.updated_at.millis(),
    })?;
    session.cache.forget_project(project_id);
    Ok(EditOutcome::Edited(Box::new(project)))
}

fn project(row: &Row<'_>) -> rusqlite::Result<Project> {
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
