//! Changes of projects.

use super::access::refresh;
use crate::domain::{Editor, ProjectEdit};
use crate::state::State;
use crate::store::{EditOutcome, StoreError};
use logcenter_core::ProjectId;

/// Creates or edits a project.
pub(crate) async fn edit(
    state: &State,
    project_id: ProjectId,
    edit: ProjectEdit,
    editor: Editor,
) -> Result<EditOutcome, StoreError> {
    state.store.edit_project(project_id, edit, editor, state.clock.now()).await
}

/// Removes a project with all that belongs to it; whether there was one.
pub(crate) async fn delete(state: &State, project_id: ProjectId) -> Result<bool, StoreError> {
    let existed = state.store.delete_project(project_id, state.clock.now()).await?;
    refresh(state).await?;
    state.feed.wake();
    Ok(existed)
}
