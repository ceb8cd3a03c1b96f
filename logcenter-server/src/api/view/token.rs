//! Tokens as JSON.

use super::words;
use crate::api::extract::fields::Fields;
use crate::api::problem::Problem;
use crate::domain::text::ActorName;
use crate::domain::{self, Scope};
use logcenter_core::{ProjectId, Timestamp, TokenRole};
use serde::Serialize;
use utoipa::ToSchema;

/// Maximum number of projects that a token is limited to.
const MAX_PROJECTS: usize = 1000;

/// A token for a program. The token itself is not stored.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// Id of the token.
    id: i64,
    /// Its name, which the history shows.
    name: String,
    /// What it allows.
    #[schema(value_type = words::TokenRole)]
    role: TokenRole,
    /// The projects that it is limited to; `null` if it is not.
    #[schema(value_type = Option<Vec<String>>)]
    project_ids: Option<Vec<ProjectId>>,
    /// When it expires; `null` if it does not.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute; `null` if it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<domain::Token> for Token {
    fn from(token: domain::Token) -> Self {
        let domain::Token { id, about, created_at, last_used_at } = token;
        let project_ids = match about.scope {
            Scope::All => None,
            Scope::Projects(projects) => Some(projects.to_vec()),
        };
        Self {
            id: id.0,
            name: about.name.into_string(),
            role: about.role,
            project_ids,
            expires_at: about.expires_at,
            created_at,
            last_used_at,
        }
    }
}

/// A token to create.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document shows its fields")]
pub(crate) struct NewToken {
    /// Its name, which the history shows.
    #[schema(inline)]
    name: ActorName,
    /// What it allows.
    #[schema(value_type = words::TokenRole)]
    role: TokenRole,
    /// The projects that it is limited to; all of them if omitted.
    #[schema(value_type = Option<Vec<String>>, max_items = 1000, min_items = 1)]
    project_ids: Option<Vec<ProjectId>>,
    /// When it expires; never if omitted.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl NewToken {
    pub(crate) fn read(mut fields: Fields, now: Timestamp) -> Result<domain::NewToken, Problem> {
        let name = fields.required_text("name");
        let role = fields.required("role");
        let project_ids = fields.parsed_items::<ProjectId>("project_ids", MAX_PROJECTS);
        let expires_at = fields.time("expires_at");
        let names_some = project_ids.as_ref().is_none_or(|ids| !ids.is_empty());
        fields.check("project_ids", names_some, "must name at least one project; omit it for all of them");
        fields.check("expires_at", expires_at.is_none_or(|at| at > now), "must lie in the future");
        let scope = project_ids.map_or(Scope::All, |ids| Scope::Projects(ids.into()));
        let (name, role) = fields.finish(name.zip(role))?;
        Ok(domain::NewToken { name, role, scope, expires_at })
    }
}
