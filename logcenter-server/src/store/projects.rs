//! Projects.

use super::StoreFuture;
use crate::domain::{Editor, Project, ProjectEdit};
use logcenter_core::{ProjectId, Timestamp};

/// What came of an edit of a project.
#[derive(Debug)]
pub enum EditOutcome {
    /// It was made; the project as it is now.
    Edited(Box<Project>),
    /// The project, as it is now, was changed since the editor saw it.
    Stale(Box<Project>),
    /// These fields hold something else, which a [`Editor::Registrant`] may not overwrite.
    WouldOverwrite(Vec<&'static str>),
}

/// Projects.
pub trait Projects {
    /// Every project, by id.
    fn projects(&self) -> StoreFuture<'_, Vec<Project>>;

    /// One project.
    fn project(&self, project_id: ProjectId) -> StoreFuture<'_, Option<Project>>;

    /// Creates or edits a project, as [`edit`](crate::domain::project::edit) says.
    fn edit_project(
        &self,
        project_id: ProjectId,
        edit: ProjectEdit,
        editor: Editor,
        now: Timestamp,
    ) -> StoreFuture<'_, EditOutcome>;

    /// Removes a project with its issues, hours and keys; whether there was one.
    ///
    /// Many transactions, so that reports need not wait for a large project: its keys go first, the project itself last.
    /// What is left after a failure is removed by the next call.
    fn delete_project(&self, project_id: ProjectId, now: Timestamp) -> StoreFuture<'_, bool>;
}
