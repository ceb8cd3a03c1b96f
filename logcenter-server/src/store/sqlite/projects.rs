//! Projects.

use super::rows;
use super::writer::Session;
use crate::domain::{Edit, Project, ProjectEdit};
use crate::store::{Edited, Editor, StoreError};
use logcenter_core::{ProjectId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

pub(super) fn all(connection: &Connection) -> std::result::Result<Vec<Project>, StoreError> {
    let mut select = connection.prepare_cached("SELECT * FROM projects ORDER BY project_id")?;
    Ok(select.query_map([], project)?.collect::<Result<_>>()?)
}

pub(super) fn one(
    connection: &Connection,
    project_id: &ProjectId,
) -> std::result::Result<Option<Project>, StoreError> {
    let mut select = connection.prepare_cached("SELECT * FROM projects WHERE project_id = ?1")?;
    Ok(select.query_row([project_id.as_str()], project).optional()?)
}

pub(super) fn edit(
    session: &mut Session<'_>,
    project_id: &ProjectId,
    edit: ProjectEdit,
    editor: Editor,
    now: Timestamp,
) -> std::result::Result<Edited, StoreError> {
    let current = one(&session.transaction, project_id)?;
    if let Some(project) = &current
        && edit.expected_updated_at.is_some_and(|expected| expected != project.updated_at)
    {
        return Ok(Edited::Stale(Box::new(project.clone())));
    }
    if editor == Editor::Registrant {
        let overwritten = edit.overwrites(current.as_ref());
        if !overwritten.is_empty() {
            return Ok(Edited::Refused(overwritten));
        }
    }
    let field = |edit: Edit, of: fn(&Project) -> &Option<String>| {
        edit.apply(current.as_ref().and_then(|p| of(p).clone()))
    };
    let rule = edit.regression_rule.or(current.as_ref().map(|p| p.regression_rule)).unwrap_or_default();
    let mut upsert = session.transaction.prepare_cached(
        "INSERT INTO projects (project_id, name, repo_url, local_path, description, regression_rule, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
         ON CONFLICT (project_id) DO UPDATE SET name = ?2, repo_url = ?3, local_path = ?4, description = ?5,
           regression_rule = ?6, updated_at = ?7",
    )?;
    upsert.execute(params![
        project_id.as_str(),
        field(edit.name, |p| &p.name),
        field(edit.repo_url, |p| &p.repo_url),
        field(edit.local_path, |p| &p.local_path),
        field(edit.description, |p| &p.description),
        rule.as_str(),
        now.millis(),
    ])?;
    match one(&session.transaction, project_id)? {
        Some(project) => Ok(Edited::Done(Box::new(project))),
        None => Err(StoreError::Failed("a project is gone that was just written".into())),
    }
}

fn project(row: &Row<'_>) -> Result<Project> {
    let (name, repo_url, local_path) = (row.get("name")?, row.get("repo_url")?, row.get("local_path")?);
    let given = |field: &Option<String>| field.as_deref().is_some_and(|text| !text.is_empty());
    Ok(Project {
        project_id: rows::project_id(row)?,
        complete: given(&name) && given(&repo_url) && given(&local_path),
        name,
        repo_url,
        local_path,
        description: row.get("description")?,
        regression_rule: rows::word(row, "regression_rule")?,
        created_at: rows::time(row, "created_at")?,
        updated_at: rows::time(row, "updated_at")?,
    })
}
