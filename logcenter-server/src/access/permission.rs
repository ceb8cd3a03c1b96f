//! Authorization. One function decides for every route and page.

use super::principal::{Caller, Principal};
use logcenter_core::ProjectId;

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
    /// Everything else.
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
    use Permission::{Administer, ListProjects, Register, Report, ReportAtAll};
    use Principal::{Administrator, Anonymous, Project};
    let is_report = matches!(permission, ReportAtAll | Report(_));
    if caller.too_many_guesses && !is_report {
        return Err(Denied::TooManyGuesses);
    }
    match (permission, &caller.principal) {
        (_, Administrator) => Ok(Trust::Trusted),
        (ListProjects | Register(_) | Administer, _) if caller.not_local => Err(Denied::NotLocal),
        (Administer, Project(_)) => Err(Denied::NotAdministrator),
        (Administer, Anonymous) if caller.cross_origin => Err(Denied::NotAdministrator),
        (Administer, Anonymous) => Err(Denied::TokenNeeded),
        (Report(project_id) | Register(Some(project_id)), Project(own)) if own == project_id => {
            Ok(Trust::Trusted)
        }
        (ReportAtAll | ListProjects, Project(_)) => Ok(Trust::Untrusted),
        (Report(_) | Register(_), Project(_)) if key_required => Err(Denied::OtherProject),
        (_, Anonymous) if key_required => Err(Denied::KeyNeeded),
        (ReportAtAll | Report(_) | ListProjects | Register(_), Project(_) | Anonymous) => {
            Ok(Trust::Untrusted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(principal: Principal) -> Caller {
        Caller { principal, cross_origin: false, not_local: false, too_many_guesses: false }
    }

    #[test]
    fn every_principal_may_what_the_contract_says() {
        let (shop, other): (ProjectId, ProjectId) = ("shop".parse().unwrap(), "other".parse().unwrap());
        let (trusted, untrusted) = (Ok(Trust::Trusted), Ok(Trust::Untrusted));
        let permissions = [
            Permission::ReportAtAll,
            Permission::Report(&shop),
            Permission::ListProjects,
            Permission::Register(Some(&shop)),
            Permission::Register(None),
            Permission::Administer,
        ];
        let (key, foreign) = (Err(Denied::KeyNeeded), Err(Denied::OtherProject));
        let (token, never) = (Err(Denied::TokenNeeded), Err(Denied::NotAdministrator));
        let rows = [
            (Principal::Administrator, false, [trusted; 6]),
            (Principal::Administrator, true, [trusted; 6]),
            (
                Principal::Project(shop.clone()),
                true,
                [untrusted, trusted, untrusted, trusted, foreign, never],
            ),
            (
                Principal::Project(other.clone()),
                true,
                [untrusted, foreign, untrusted, foreign, foreign, never],
            ),
            (
                Principal::Project(other),
                false,
                [untrusted, untrusted, untrusted, untrusted, untrusted, never],
            ),
            (Principal::Anonymous, false, [untrusted, untrusted, untrusted, untrusted, untrusted, token]),
            (Principal::Anonymous, true, [key, key, key, key, key, token]),
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
