//! What a caller may do. One function answers that for every route and page.

use super::principal::{Caller, Principal};
use logcenter_core::ProjectId;

/// Something that a caller wants to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Permission<'a> {
    /// Report for some project. Asked before a body is read, to spare reading what would be refused whatever it says.
    ReportAtAll,
    /// Report for this project.
    Report(&'a ProjectId),
    /// See which projects there are.
    ListProjects,
    /// Create this project, or fill in its metadata; `None` if the name is no project's.
    Register(Option<&'a ProjectId>),
    /// Everything else.
    Administer,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Without a token, only this machine is answered.
    NotLocal,
    /// No ingest key was given, or not a valid one.
    KeyNeeded,
    /// The ingest key is another project's.
    OtherProject,
    /// No administrator's token was given, or not the right one.
    TokenNeeded,
    /// Only an administrator may do it.
    NotAdministrator,
    /// Too many wrong tokens came from the caller's address.
    TooManyGuesses,
}

/// Whether what a caller reports is trusted: it came with a proof that a stranger does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Trusted,
    Untrusted,
}

/// May this caller do this? `key_required` says whether reports need an ingest key.
///
/// # Errors
/// [`Denied`]: why not.
pub(crate) fn may(caller: &Caller, permission: Permission<'_>, key_required: bool) -> Result<Trust, Denied> {
    use Permission::{Administer, ListProjects, Register, Report, ReportAtAll};
    use Principal::{Administrator, Anonymous, Project};
    let is_report = matches!(permission, ReportAtAll | Report(_));
    if caller.too_many_guesses && !is_report {
        return Err(Denied::TooManyGuesses);
    }
    match (permission, &caller.principal) {
        (_, Administrator) => Ok(Trust::Trusted),
        (ListProjects | Register(_) | Administer, _) if caller.shut_out => Err(Denied::NotLocal),
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
        Caller { principal, cross_origin: false, shut_out: false, too_many_guesses: false }
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
        let caller = Caller { shut_out: true, ..caller(Principal::Anonymous) };
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
