//! Authorization. One function decides for every route and page.

use super::principal::{Caller, KeyHolder, MadeBy, Principal};
use crate::domain::Scope;
use logcenter_core::{KeyKind, ProjectId, TokenRole};

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
    /// Work on issues: claim them, change their status.
    Work,
    /// Report a deployment of some project. Checked before the body is read.
    DeployAtAll,
    /// Report a deployment of this project.
    Deploy(&'a ProjectId),
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
    use Permission::{
        Administer, Deploy, DeployAtAll, ListProjects, Manage, Read, Register, Report, ReportAtAll, Work,
    };
    use Principal::{Administrator, Anonymous, Client, Token};
    let is_report = matches!(permission, ReportAtAll | Report(_));
    if caller.too_many_guesses && !is_report {
        return Err(Denied::TooManyGuesses);
    }
    match (permission, &caller.principal) {
        (_, Administrator) => Ok(Trust::Trusted),
        (ListProjects | Register(_) | Read | Work | DeployAtAll | Deploy(_) | Manage | Administer, _)
            if caller.not_local =>
        {
            Err(Denied::NotLocal)
        }
        (Read | Work | DeployAtAll | Deploy(_) | Manage | Administer | ListProjects, Token(token)) => {
            let (role, scope) = (token.about.role, &token.about.scope);
            let is_allowed = match permission {
                Work | DeployAtAll | Deploy(_) => role == TokenRole::Agent || role == TokenRole::Admin,
                Manage => role == TokenRole::Admin,
                Administer => role == TokenRole::Admin && *scope == Scope::All,
                _ => true,
            };
            if is_allowed { Ok(Trust::Trusted) } else { Err(Denied::RoleLacks) }
        }
        (Report(project_id) | Register(Some(project_id)), Token(_)) if caller.manages(project_id) => {
            Ok(Trust::Trusted)
        }
        (Register(_), Token(_)) => Err(Denied::RoleLacks),
        (ReportAtAll, Token(token)) if token.about.role == TokenRole::Admin => Ok(Trust::Untrusted),
        (DeployAtAll, Client(key)) if is_server(caller, key) => Ok(Trust::Trusted),
        (Deploy(project_id), Client(key)) if is_server(caller, key) => {
            if key.project_id == *project_id {
                Ok(Trust::Trusted)
            } else {
                Err(Denied::OtherProject)
            }
        }
        (Read | Work | DeployAtAll | Deploy(_) | Manage | Administer, Client(_)) => {
            Err(Denied::NotAdministrator)
        }
        (Read | Work | DeployAtAll | Deploy(_) | Manage | Administer, Anonymous) => {
            let is_foreign = caller.made_by == MadeBy::ForeignPage;
            Err(if is_foreign { Denied::NotAdministrator } else { Denied::TokenNeeded })
        }
        (Report(project_id) | Register(Some(project_id)), Client(key)) if key.project_id == *project_id => {
            Ok(if is_server(caller, key) { Trust::Trusted } else { Trust::Untrusted })
        }
        (ReportAtAll | ListProjects, Client(_)) => Ok(Trust::Untrusted),
        (Report(_) | Register(_), Client(_)) if key_required => Err(Denied::OtherProject),
        (_, Anonymous | Token(_)) if key_required => Err(Denied::KeyNeeded),
        (ReportAtAll | Report(_) | ListProjects | Register(_), Client(_) | Anonymous | Token(_)) => {
            Ok(Trust::Untrusted)
        }
    }
}

/// Whether a key proves that the caller is a server of its project: a key that a page shows proves nothing.
fn is_server(caller: &Caller, key: &KeyHolder) -> bool {
    key.kind == KeyKind::Server && caller.made_by == MadeBy::Program
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::ActorName;
    use crate::domain::{NewToken, Token, TokenId};
    use logcenter_core::Timestamp;
    use std::sync::Arc;

    fn caller(principal: Principal) -> Caller {
        Caller { principal, made_by: MadeBy::Program, not_local: false, too_many_guesses: false }
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
            Permission::DeployAtAll,
            Permission::Deploy(&shop),
            Permission::Manage,
            Permission::Administer,
        ];
        let (key, foreign, lacks) =
            (Err(Denied::KeyNeeded), Err(Denied::OtherProject), Err(Denied::RoleLacks));
        let (none, never) = (Err(Denied::TokenNeeded), Err(Denied::NotAdministrator));
        let key_of = |id: &ProjectId, kind| Principal::Client(KeyHolder { project_id: id.clone(), kind });
        let (server, page) = (KeyKind::Server, KeyKind::Browser);
        let only = |id: &ProjectId| Scope::Projects([id.clone()].into());
        let (viewer, agent) = (token(TokenRole::Viewer, Scope::All), token(TokenRole::Agent, only(&shop)));
        let admin = |scope: Scope| token(TokenRole::Admin, scope);
        let rows = [
            (Principal::Administrator, false, [yes; 11]),
            (Principal::Administrator, true, [yes; 11]),
            (key_of(&shop, server), true, [no, yes, yes, foreign, no, never, never, yes, yes, never, never]),
            (key_of(&shop, page), true, [no, no, no, foreign, no, never, never, never, never, never, never]),
            (
                key_of(&other, server),
                true,
                [no, foreign, foreign, foreign, no, never, never, yes, foreign, never, never],
            ),
            (key_of(&other, server), false, [no, no, no, no, no, never, never, yes, foreign, never, never]),
            (Principal::Anonymous, false, [no, no, no, no, no, none, none, none, none, none, none]),
            (Principal::Anonymous, true, [key, key, key, key, key, none, none, none, none, none, none]),
            (viewer.clone(), false, [no, no, lacks, lacks, yes, yes, lacks, lacks, lacks, lacks, lacks]),
            (viewer, true, [key, key, lacks, lacks, yes, yes, lacks, lacks, lacks, lacks, lacks]),
            (agent, true, [key, key, lacks, lacks, yes, yes, yes, yes, yes, lacks, lacks]),
            (admin(Scope::All), true, [no, yes, yes, lacks, yes, yes, yes, yes, yes, yes, yes]),
            (admin(only(&shop)), true, [no, yes, yes, lacks, yes, yes, yes, yes, yes, yes, lacks]),
            (admin(only(&other)), true, [no, key, lacks, lacks, yes, yes, yes, yes, yes, yes, lacks]),
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
        let page = Caller { made_by: MadeBy::ForeignPage, ..self::caller(Principal::Anonymous) };
        assert_eq!(may(&page, Permission::Administer, false), Err(Denied::NotAdministrator));
    }

    #[test]
    fn a_page_proves_nothing_by_a_servers_key() {
        let shop: ProjectId = "shop".parse().unwrap();
        let key = || Principal::Client(KeyHolder { project_id: shop.clone(), kind: KeyKind::Server });
        for made_by in [MadeBy::OwnPage, MadeBy::ForeignPage] {
            let page = Caller { made_by, ..caller(key()) };
            assert_eq!(may(&page, Permission::Report(&shop), true), Ok(Trust::Untrusted));
            assert_eq!(may(&page, Permission::Deploy(&shop), true), Err(Denied::NotAdministrator));
        }
        assert_eq!(may(&caller(key()), Permission::Report(&shop), true), Ok(Trust::Trusted));
    }
}
