//! Projects: what errors belong to, and what the repair agent needs to know.

use super::text::{Description, LocalPath, ProjectName, Text, Url};
use logcenter_core::{ProjectId, RegressionRule, Timestamp};

/// A project and its metadata. An empty text counts as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub project_id: ProjectId,
    /// Display name.
    pub name: Option<ProjectName>,
    /// URL of the git repository.
    pub repo_url: Option<Url>,
    /// Checkout path on the repair agent's machine.
    pub local_path: Option<LocalPath>,
    /// Description.
    pub description: Option<Description>,
    /// Which events reopen a fixed issue.
    pub regression_rule: RegressionRule,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its metadata was last changed.
    pub updated_at: Timestamp,
}

impl Project {
    /// A project of which only the id is known.
    #[must_use]
    pub const fn new(project_id: ProjectId, now: Timestamp) -> Self {
        Self {
            project_id,
            name: None,
            repo_url: None,
            local_path: None,
            description: None,
            regression_rule: RegressionRule::Any,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether everything that the repair agent needs is set.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.name.is_some() && self.repo_url.is_some() && self.local_path.is_some()
    }
}

/// An edit of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldEdit<T> {
    /// Leave it unchanged.
    #[default]
    Keep,
    /// Clear it.
    Clear,
    /// Set it to this value.
    Set(T),
}

impl<const MAX: usize> FieldEdit<Text<MAX>> {
    /// The field after the edit.
    #[must_use]
    pub fn apply(self, current: Option<Text<MAX>>) -> Option<Text<MAX>> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(text) => Some(text),
        }
    }

    /// Whether the edit only sets an empty field, or repeats its value.
    fn only_fills(&self, current: Option<&Text<MAX>>) -> bool {
        match self {
            Self::Keep => true,
            Self::Clear => current.is_none(),
            Self::Set(text) => current.is_none_or(|current| current == text),
        }
    }
}

/// An edit of a project's metadata.
#[derive(Debug, Clone, Default)]
pub struct ProjectEdit {
    /// Display name.
    pub name: FieldEdit<ProjectName>,
    /// URL of the git repository.
    pub repo_url: FieldEdit<Url>,
    /// Checkout path on the repair agent's machine.
    pub local_path: FieldEdit<LocalPath>,
    /// Description.
    pub description: FieldEdit<Description>,
    /// Which events reopen a fixed issue.
    pub regression_rule: Option<RegressionRule>,
    /// The `updated_at` that the editor saw. If the project has changed since, the edit fails.
    pub expected_updated_at: Option<Timestamp>,
}

/// Who edits a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// May only create a project, set empty fields, and repeat existing values.
    Registrant,
    /// May change everything.
    Administrator,
}

/// Why an edit was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditRefused {
    /// The project has changed since the editor saw it.
    Stale,
    /// These fields have other values, which a [`Editor::Registrant`] may not overwrite.
    WouldOverwrite(Vec<&'static str>),
}

/// Decides an edit of a project. A project that does not exist is created.
///
/// # Errors
/// [`EditRefused`]; then nothing is changed.
pub fn edit(
    project_id: &ProjectId,
    current: Option<Project>,
    edit: ProjectEdit,
    editor: Editor,
    now: Timestamp,
) -> Result<Project, EditRefused> {
    if let (Some(project), Some(expected)) = (&current, edit.expected_updated_at)
        && expected != project.updated_at
    {
        return Err(EditRefused::Stale);
    }
    let current = current.unwrap_or_else(|| Project::new(project_id.clone(), now));
    if editor == Editor::Registrant {
        let overwritten = edit.overwrites(&current);
        if !overwritten.is_empty() {
            return Err(EditRefused::WouldOverwrite(overwritten));
        }
    }
    Ok(Project {
        project_id: current.project_id,
        name: edit.name.apply(current.name),
        repo_url: edit.repo_url.apply(current.repo_url),
        local_path: edit.local_path.apply(current.local_path),
        description: edit.description.apply(current.description),
        regression_rule: edit.regression_rule.unwrap_or(current.regression_rule),
        created_at: current.created_at,
        updated_at: now,
    })
}

impl ProjectEdit {
    /// The non-empty fields that the edit would change.
    fn overwrites(&self, current: &Project) -> Vec<&'static str> {
        let fills = [
            ("name", self.name.only_fills(current.name.as_ref())),
            ("repo_url", self.repo_url.only_fills(current.repo_url.as_ref())),
            ("local_path", self.local_path.only_fills(current.local_path.as_ref())),
            ("description", self.description.only_fills(current.description.as_ref())),
            ("regression_rule", self.regression_rule.is_none_or(|rule| rule == current.regression_rule)),
        ];
        fills.into_iter().filter(|(_, fills)| !fills).map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ProjectId {
        "shop".parse().unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn named(name: &str) -> ProjectEdit {
        ProjectEdit { name: FieldEdit::Set(ProjectName::cut(name)), ..ProjectEdit::default() }
    }

    #[test]
    fn an_edit_creates_and_changes_what_it_names() {
        let made = edit(&id(), None, named("Shop"), Editor::Registrant, at(1)).unwrap();
        assert_eq!((made.name.as_deref(), made.created_at, made.updated_at), (Some("Shop"), at(1), at(1)));
        let repo =
            ProjectEdit { repo_url: FieldEdit::Set(Url::cut("https://git/shop")), ..ProjectEdit::default() };
        let filled = edit(&id(), Some(made.clone()), repo, Editor::Administrator, at(2)).unwrap();
        assert_eq!(
            (filled.name.as_deref(), filled.created_at, filled.updated_at),
            (Some("Shop"), at(1), at(2))
        );
        let rule =
            ProjectEdit { regression_rule: Some(RegressionRule::NewRelease), ..ProjectEdit::default() };
        let ruled = edit(&id(), Some(filled), rule, Editor::Administrator, at(3)).unwrap();
        assert_eq!(ruled.regression_rule, RegressionRule::NewRelease);
        let cleared = ProjectEdit { name: FieldEdit::Clear, ..ProjectEdit::default() };
        assert_eq!(edit(&id(), Some(ruled), cleared, Editor::Administrator, at(4)).unwrap().name, None);
    }

    #[test]
    fn a_registrant_fills_and_repeats_but_overwrites_nothing() {
        let made = edit(&id(), None, named("Shop"), Editor::Registrant, at(1)).unwrap();
        assert!(edit(&id(), Some(made.clone()), named("Shop"), Editor::Registrant, at(2)).is_ok());
        let mut other = named("Other");
        other.regression_rule = Some(RegressionRule::NewRelease);
        other.description = FieldEdit::Clear;
        let refused = edit(&id(), Some(made.clone()), other.clone(), Editor::Registrant, at(2));
        assert_eq!(refused, Err(EditRefused::WouldOverwrite(vec!["name", "regression_rule"])));
        assert!(edit(&id(), Some(made), other, Editor::Administrator, at(2)).is_ok());
        let ruled =
            ProjectEdit { regression_rule: Some(RegressionRule::NewRelease), ..ProjectEdit::default() };
        assert!(edit(&id(), None, ruled, Editor::Registrant, at(1)).is_err());
    }

    #[test]
    fn an_edit_of_what_was_changed_meanwhile_is_stale() {
        let made = edit(&id(), None, named("Shop"), Editor::Administrator, at(1)).unwrap();
        let late = |millis| ProjectEdit { expected_updated_at: Some(at(millis)), ..named("Other") };
        assert_eq!(
            edit(&id(), Some(made.clone()), late(0), Editor::Administrator, at(2)),
            Err(EditRefused::Stale)
        );
        assert!(edit(&id(), Some(made), late(1), Editor::Administrator, at(2)).is_ok());
    }

    #[test]
    fn it_is_complete_with_name_repository_and_path() {
        let mut project = Project::new(id(), at(1));
        project.name = Some(ProjectName::cut("Shop"));
        project.repo_url = Some(Url::cut("https://git/shop"));
        assert!(!project.is_complete());
        project.local_path = Some(LocalPath::cut("/srv/shop"));
        assert!(project.is_complete());
        project.name = None;
        assert!(!project.is_complete());
    }
}
