//! The caller's identity, as far as it has been proven.

use crate::domain::text::ActorName;
use crate::domain::{Actor, Scope, Token, TokenId};
use logcenter_core::status::Role;
use logcenter_core::{KeyKind, ProjectId, TokenRole};
use std::sync::Arc;

/// The caller's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Nothing was proven.
    Anonymous,
    /// A client with a valid ingest key.
    Client(KeyHolder),
    /// A program with a valid token.
    Token(Arc<Token>),
    /// An administrator.
    Administrator,
}

/// What an ingest key says about who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyHolder {
    pub(crate) project_id: ProjectId,
    pub(crate) kind: KeyKind,
}

/// Where a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MadeBy {
    /// Not by a page.
    Program,
    /// By a page of this server.
    OwnPage,
    /// By a page of another origin.
    ForeignPage,
}

/// Who is calling, and from where.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) made_by: MadeBy,
    /// Only this machine is served, and the request did not come from it directly.
    pub(crate) not_local: bool,
    /// Too many wrong tokens came from the caller's address.
    pub(crate) too_many_guesses: bool,
}

impl Caller {
    pub(crate) fn is_administrator(&self) -> bool {
        self.principal == Principal::Administrator
    }

    /// The projects that the caller can see.
    pub(crate) fn scope(&self) -> Scope {
        match &self.principal {
            Principal::Token(token) => token.about.scope.clone(),
            Principal::Anonymous | Principal::Client(_) | Principal::Administrator => Scope::All,
        }
    }

    /// Whether the caller may read more of projects than their names.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.principal, Principal::Token(_) | Principal::Administrator)
    }

    /// Whether the caller may change everything about this project.
    pub(crate) fn manages(&self, project_id: &ProjectId) -> bool {
        match &self.principal {
            Principal::Administrator => true,
            Principal::Token(token) => {
                token.about.role == TokenRole::Admin && token.about.scope.holds(project_id)
            }
            Principal::Anonymous | Principal::Client(_) => false,
        }
    }

    /// The token that the caller shows.
    pub(crate) fn token_id(&self) -> Option<TokenId> {
        match &self.principal {
            Principal::Token(token) => Some(token.id),
            Principal::Anonymous | Principal::Client(_) | Principal::Administrator => None,
        }
    }

    /// Who the caller is in the history as an agent of this name: a token has its own.
    pub(crate) fn agent(&self, worker: &ActorName) -> Actor {
        let name = match &self.principal {
            Principal::Token(token) => token.about.name.clone(),
            Principal::Anonymous | Principal::Client(_) | Principal::Administrator => worker.clone(),
        };
        Actor { role: Role::Agent, name }
    }

    /// Who the caller is in the history. A person may give a name; a token has its own.
    pub(crate) fn actor(&self, name: Option<ActorName>) -> Actor {
        match &self.principal {
            Principal::Token(token) => {
                let role = if token.about.role == TokenRole::Agent { Role::Agent } else { Role::Person };
                Actor { role, name: token.about.name.clone() }
            }
            Principal::Client(key) => {
                let name = ActorName::cut(&format!("a server of {}", key.project_id));
                Actor { role: Role::Agent, name }
            }
            Principal::Anonymous | Principal::Administrator => Actor::person(name),
        }
    }
}
