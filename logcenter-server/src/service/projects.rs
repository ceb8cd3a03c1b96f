//! Changes to projects.

use super::access::refresh;
use crate::domain::{Editor, ProjectEdit};
use crate::state::{SharedState, State};
use crate::store::{EditOutcome, StoreError};
use logcenter_core::ProjectId;
use std::sync::Arc;

/// Creates or edits a project.
pub(crate) async fn edit(
    state: &State,
    project_id: ProjectId,
    edit: ProjectEdit,
    editor: Editor,
) -> Result<EditOutcome, StoreError> {
    state.store.edit_project(project_id, edit, editor, state.clock.now()).await
}

/// Deletes a project with everything that belongs to it; returns whether it existed. The deletion completes even if the
/// caller does not wait for it.
pub(crate) async fn delete(state: &SharedState, project_id: ProjectId) -> Result<bool, StoreError> {
    let state = Arc::clone(state);
    let removing = tokio::spawn(async move {
        let existed = state.store.delete_project(project_id, state.clock.now()).await;
        state.feed.wake();
        refresh(&state).await?;
        existed
    });
    removing.await.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
}
