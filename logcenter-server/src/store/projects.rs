//! Projects.

use super::StoreFuture;
use crate::domain::{Editor, Project, ProjectEdit};
use logcenter_core::{ProjectId, Timestamp};

/// Result of an edit of a project.
#[derive(Debug)]
pub enum EditOutcome {
    /// The edit was made; the project as it is now.
    Edited(Box<Project>),
    /// The project has changed since the editor saw it; the project as it is now.
    Stale(Box<Project>),
    /// These fields have other values, which a [`Editor::Registrant`] may not overwrite.
    WouldOverwrite(Vec<&'static str>),
}

/// Projects.
pub trait Projects {
    /// All projects, ordered by id.
    fn projects(&self) -> StoreFuture<'_, Vec<Project>>;

    /// One project.
    fn project(&self, project_id: ProjectId) -> StoreFuture<'_, Option<Project>>;

    /// Creates or edits a project, as [`edit`](crate::domain::project::edit) determines.
    fn edit_project(
        &self,
        project_id: ProjectId,
        edit: ProjectEdit,
        editor: Editor,
        now: Timestamp,
    ) -> StoreFuture<'_, EditOutcome>;

    /// Deletes a project with its issues, hours and keys; returns whether it existed.
    ///
    /// Uses many transactions, so that reports do not have to wait for a large project: its keys are deleted first, the
    /// project itself last. What is left after a failure is deleted by the next call.
    fn delete_project(&self, project_id: ProjectId, now: Timestamp) -> StoreFuture<'_, bool>;
}
