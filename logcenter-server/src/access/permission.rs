//! Authorization. One function decides for every route and page.

use super::principal::{Caller, Principal};
use crate::domain::Scope;
use logcenter_core::{ProjectId, TokenRole};

/// An action that a caller wants to perform.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Permission<'a> {
    /// Report for some project. Checked before the body is read, so that a request that would be refused anyway is not
    /// read.
    ReportAtAll,
    /// Report for this project.
    Report(&'a ProjectId),
    /// List the projects.
    ListProjects,
    /// Create this project or fill in its metadata; `None` if the name is not a valid project id.
    Register(Option<&'a ProjectId>),
    /// Read issues, statistics and metadata.
    Read,
    /// Work on issues: claim them, change their status, report deployments.
    Work,
    /// Delete issues, and change and delete projects and their keys.
    Manage,
    /// Everything else: what concerns the whole installation.
    Administer,
}

/// Why an action was denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Without a token, only this machine is served.
    NotLocal,
    /// The ingest key is missing or invalid.
    KeyNeeded,
    /// The ingest key belongs to another project.
    OtherProject,
    /// The administrator's token is missing or wrong.
    TokenNeeded,
    /// Only an administrator may do this.
    NotAdministrator,
    /// The token's role, or its limitation to some projects, does not allow this.
    RoleLacks,
    /// Too many wrong tokens came from the caller's address.
    TooManyGuesses,
}

/// Whether a caller's reports are trusted: they came with a credential that a stranger does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Trusted,
    Untrusted,
}

/// Decides whether a caller may do something. `key_required` says whether reports need an ingest key.
///
/// # Errors
/// [`Denied`], with the reason.
pub(crate) fn may(caller: &Caller, permission: Permission<'_>, key_required: bool) -> Result<Trust, Denied> {
    use Permission::{Administer, ListProjects, Manage, Read, Register, Report, ReportAtAll, Work};
    use Principal::{Administrator, Anonymous, Project, Token};
    let is_report = matches!(permission, ReportAtAll | Report(_));
    if caller.too_many_guesses && !is_report {
        return Err(Denied::TooManyGuesses);
    }
    match (permission, &caller.principal) {
        (_, Administrator) => Ok(Trust::Trusted),
        (Read | Work | Manage | Administer | ListProjects, Token(token)) => {
            let (role, scope) = (token.about.role, &token.about.scope);
            let is_allowed = match permission {
                Work => role == TokenRole::Agent || role == TokenRole::Admin,
                Manage => role == TokenRole::Admin,
                Administer => role == TokenRole::Admin && *scope == Scope::All,
                _ => true,
            };
            if is_allowed { Ok(Trust::Trusted) } else { Err(Denied::RoleLacks) }
        }
        (Report(project_id) | Register(Some(project_id)), Token(_)) if caller.manages(project_id) => {
            Ok(Trust::Trusted)
        }
        (ReportAtAll, Token(token)) if token.about.role == TokenRole::Admin => Ok(Trust::Untrusted),
        (ListProjects | Register(_) | Read | Work | Manage | Administer, _) if caller.not_local => {
            Err(Denied::NotLocal)
        }
        (Read | Work | Manage | Administer, Project(_)) => Err(Denied::NotAdministrator),
        (Read | Work | Manage | Administer, Anonymous) if caller.cross_origin => {
            Err(Denied::NotAdministrator)
        }
        (Read | Work | Manage | Administer, Anonymous) => Err(Denied::TokenNeeded),
        (Report(project_id) | Register(Some(project_id)), Project(own)) if own == project_id => {
            Ok(Trust::Trusted)
        }
        (ReportAtAll | ListProjects, Project(_)) => Ok(Trust::Untrusted),
        (Report(_) | Register(_), Project(_)) if key_required => Err(Denied::OtherProject),
        (_, Anonymous | Token(_)) if key_required => Err(Denied::KeyNeeded),
        (ReportAtAll | Report(_) | ListProjects | Register(_), Project(_) | Anonymous | Token(_)) => {
            Ok(Trust::Untrusted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::ActorName;
    use crate::domain::{NewToken, Token, TokenId};
    use logcenter_core::Timestamp;
    use std::sync::Arc;

    fn caller(principal: Principal) -> Caller {
        Caller { principal, cross_origin: false, not_local: false, too_many_guesses: false }
    }

    fn token(role: TokenRole, scope: Scope) -> Principal {
        let about = NewToken { name: ActorName::cut("ci"), role, scope, expires_at: None };
        let (created_at, last_used_at) = (Timestamp::from_millis(1), None);
        Principal::Token(Arc::new(Token { id: TokenId(1), about, created_at, last_used_at }))
    }

    #[test]
    fn every_principal_may_what_the_contract_says() {
        let (shop, other): (ProjectId, ProjectId) = ("shop".parse().unwrap(), "other".parse().unwrap());
        let (yes, no) = (Ok(Trust::Trusted), Ok(Trust::Untrusted));
        let permissions = [
            Permission::ReportAtAll,
            Permission::Report(&shop),
            Permission::Register(Some(&shop)),
            Permission::Register(None),
            Permission::ListProjects,
            Permission::Read,
            Permission::Work,
            Permission::Manage,
            Permission::Administer,
        ];
        let (key, foreign, lacks) =
            (Err(Denied::KeyNeeded), Err(Denied::OtherProject), Err(Denied::RoleLacks));
        let (none, never) = (Err(Denied::TokenNeeded), Err(Denied::NotAdministrator));
        let own = |id: &ProjectId| Principal::Project(id.clone());
        let only = |id: &ProjectId| Scope::Projects([id.clone()].into());
        let (viewer, agent) = (token(TokenRole::Viewer, Scope::All), token(TokenRole::Agent, only(&shop)));
        let admin = |scope: Scope| token(TokenRole::Admin, scope);
        let rows = [
            (Principal::Administrator, false, [yes; 9]),
            (Principal::Administrator, true, [yes; 9]),
            (own(&shop), true, [no, yes, yes, foreign, no, never, never, never, never]),
            (own(&other), true, [no, foreign, foreign, foreign, no, never, never, never, never]),
            (own(&other), false, [no, no, no, no, no, never, never, never, never]),
            (Principal::Anonymous, false, [no, no, no, no, no, none, none, none, none]),
            (Principal::Anonymous, true, [key, key, key, key, key, none, none, none, none]),
            (viewer.clone(), false, [no, no, no, no, yes, yes, lacks, lacks, lacks]),
            (viewer, true, [key, key, key, key, yes, yes, lacks, lacks, lacks]),
            (agent, true, [key, key, key, key, yes, yes, yes, lacks, lacks]),
            (admin(Scope::All), true, [no, yes, yes, key, yes, yes, yes, yes, yes]),
            (admin(only(&shop)), true, [no, yes, yes, key, yes, yes, yes, yes, lacks]),
            (admin(only(&other)), true, [no, key, key, key, yes, yes, yes, yes, lacks]),
        ];
        for (principal, key_required, expected) in rows {
            let caller = caller(principal);
            for (permission, expected) in permissions.into_iter().zip(expected) {
                let answer = may(&caller, permission, key_required);
                assert_eq!(answer, expected, "{:?} {permission:?} {key_required}", caller.principal);
            }
        }
    }

    #[test]
    fn whoever_guessed_too_often_may_report_and_nothing_else() {
        let caller = Caller { too_many_guesses: true, ..caller(Principal::Administrator) };
        assert_eq!(may(&caller, Permission::Administer, false), Err(Denied::TooManyGuesses));
        assert_eq!(may(&caller, Permission::ListProjects, false), Err(Denied::TooManyGuesses));
        assert!(may(&caller, Permission::ReportAtAll, false).is_ok());
    }

    #[test]
    fn without_a_token_others_may_only_report() {
        let caller = Caller { not_local: true, ..caller(Principal::Anonymous) };
        let shop = "shop".parse().unwrap();
        for permission in
            [Permission::ListProjects, Permission::Register(Some(&shop)), Permission::Administer]
        {
            assert_eq!(may(&caller, permission, false), Err(Denied::NotLocal), "{permission:?}");
        }
        assert!(may(&caller, Permission::Report(&shop), false).is_ok());
        let page = Caller { cross_origin: true, ..self::caller(Principal::Anonymous) };
        assert_eq!(may(&page, Permission::Administer, false), Err(Denied::NotAdministrator));
    }
}
