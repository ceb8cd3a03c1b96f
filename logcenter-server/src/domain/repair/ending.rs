//! How a lease ends, and what follows: when the issue is offered again.

use super::attempt::Attempt;
use super::state::{Publication, Repair};
use logcenter_core::repair::{Stage, Verdict};
use logcenter_core::{Status, Timestamp};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// The wait after the first and the second failed attempt; after the third it is given up.
const BACK_OFF: [i64; 2] = [HOUR, 6 * HOUR];

/// The wait after an attempt that was not the fixer's fault.
const BRIEFLY: i64 = 10 * MINUTE;

/// How many attempts in a row may be abandoned before they count as one failure.
const ABANDONED: u32 = 3;

/// How a lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The agent moved the issue to a status at which nobody works on it.
    Moved(Status),
    /// The agent gave the issue back.
    Released,
    /// It ran out.
    Expired,
    /// A person took the issue back.
    Revoked,
}

/// What follows from the end of a lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// The repair afterwards.
    pub repair: Repair,
    /// The attempt afterwards.
    pub attempt: Option<Attempt>,
}

impl Ending {
    /// The status that an issue goes back to, if the lease ends without a decision.
    #[must_use]
    pub const fn goes_back_to(status: Status) -> Option<Status> {
        match status {
            Status::Verifying => Some(Status::New),
            Status::Fixing => Some(Status::PendingFix),
            Status::New
            | Status::CannotReproduce
            | Status::PendingFix
            | Status::Fixed
            | Status::Verified
            | Status::Deployed
            | Status::FixFailed => None,
        }
    }

    /// Whether an agent keeps its lease when it moves the issue to this status.
    #[must_use]
    pub const fn keeps_lease(status: Status) -> bool {
        matches!(status, Status::Verifying | Status::PendingFix | Status::Fixing)
    }
}

/// The verdict on an attempt whose lease ends.
fn verdict(attempt: Option<&Attempt>, cancel: bool, how: Ending) -> Verdict {
    let found = attempt.and_then(|attempt| attempt.verdict);
    let has_ended = attempt.is_some_and(|attempt| attempt.ended_at.is_some());
    match (how, found) {
        (_, Some(verdict)) if has_ended => verdict,
        (Ending::Expired, _) if cancel => Verdict::Cancelled,
        (Ending::Expired, _) => Verdict::Abandoned,
        (Ending::Revoked, _) => Verdict::Cancelled,
        (Ending::Released, _) if cancel => Verdict::Cancelled,
        (Ending::Released, Some(found)) if awaits_a_person(attempt) => found,
        (Ending::Released, _) => Verdict::InfraError,
        (Ending::Moved(Status::FixFailed), _) => Verdict::TestsFailed,
        (Ending::Moved(Status::CannotReproduce), _) => Verdict::NotReproduced,
        (Ending::Moved(_), _) => Verdict::Fixed,
    }
}

/// Whether an attempt went as far as it may without a person: it analysed the error, or has a patch.
fn awaits_a_person(attempt: Option<&Attempt>) -> bool {
    let reached = attempt.map(|attempt| (attempt.stage, attempt.verdict));
    matches!(reached, Some((Stage::Verify, Some(Verdict::Reproduced)) | (Stage::Fix, Some(Verdict::Fixed))))
}

/// Ends a lease.
#[must_use]
pub fn end(repair: Repair, attempt: Option<Attempt>, how: Ending, now: Timestamp) -> Ended {
    let cancel = repair.lease.as_ref().is_some_and(|lease| lease.cancel);
    let verdict = verdict(attempt.as_ref(), cancel, how);
    let awaiting_approval = how == Ending::Released && !cancel && awaits_a_person(attempt.as_ref());
    let publication = match (how, &attempt) {
        (
            Ending::Moved(Status::Fixed),
            Some(Attempt { branch: Some(branch), base_branch, pull_request_url, .. }),
        ) => Some(Publication::new(branch.clone(), base_branch.clone(), pull_request_url.clone())),
        _ => None,
    };
    let attempt = attempt.map(|attempt| Attempt {
        verdict: Some(verdict),
        ended_at: attempt.ended_at.or(Some(now)),
        ..attempt
    });
    let repair = Repair { lease: None, awaiting_approval, publication, ..repair };
    let repair = match verdict {
        Verdict::InfraError | Verdict::Cancelled => {
            Repair { abandoned: 0, not_before: Some(now.plus_millis(BRIEFLY)), ..repair }
        }
        Verdict::Abandoned if repair.abandoned + 1 < ABANDONED => {
            Repair { abandoned: repair.abandoned + 1, not_before: Some(now.plus_millis(BRIEFLY)), ..repair }
        }
        Verdict::Abandoned => failed(repair, now),
        verdict if verdict.is_failure() => failed(repair, now),
        // A fix has yet to be verified before what failed before it is forgotten.
        _ => Repair { abandoned: 0, hint: None, approved_attempt: None, ..repair },
    };
    Ended { repair, attempt }
}

/// Counts a failed attempt.
pub(super) fn failed(repair: Repair, now: Timestamp) -> Repair {
    let wait = BACK_OFF.get(repair.failed as usize);
    Repair {
        failed: repair.failed + 1,
        abandoned: 0,
        not_before: wait.map(|wait| now.plus_millis(*wait)),
        given_up: wait.is_none(),
        hint: None,
        approved_attempt: None,
        ..repair
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::attempt;
    use super::super::lease::{Lease, lease};
    use super::*;
    use crate::domain::ids::AttemptId;
    use crate::domain::text::{Branch, Hint, Url};

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn held() -> Repair {
        Repair {
            lease: Some(lease(2_000)),
            hint: Some(Hint::cut("look at the cache")),
            approved_attempt: Some(AttemptId(4)),
            ..Repair::default()
        }
    }

    fn ended(stage: Stage, found: Option<Verdict>, how: Ending) -> (Repair, Verdict) {
        let Ended { repair, attempt } = end(held(), Some(attempt(stage, found)), how, NOW);
        assert_eq!(repair.lease, None);
        let attempt = attempt.unwrap();
        assert!(attempt.ended_at.is_some());
        (repair, attempt.verdict.unwrap())
    }

    fn minutes(repair: &Repair) -> Option<i64> {
        repair.not_before.map(|at| (at.millis() - NOW.millis()) / MINUTE)
    }

    #[test]
    fn failed_attempts_wait_an_hour_then_six_then_it_is_given_up() {
        let mut repair = held();
        let mut waits = Vec::new();
        for _ in 0..3 {
            let failed = attempt(Stage::Fix, Some(Verdict::TestsFailed));
            let how = Ending::Moved(Status::FixFailed);
            repair = end(Repair { lease: Some(lease(2_000)), ..repair }, Some(failed), how, NOW).repair;
            waits.push((minutes(&repair), repair.given_up));
        }
        assert_eq!(waits, [(Some(60), false), (Some(360), false), (None, true)]);
        assert_eq!((repair.failed, repair.hint, repair.approved_attempt), (3, None, None));
    }

    #[test]
    fn what_is_not_the_fixers_fault_waits_briefly_and_keeps_the_hint() {
        for (found, how, verdict) in [
            (Some(Verdict::InfraError), Ending::Released, Verdict::InfraError),
            (None, Ending::Released, Verdict::InfraError),
            (None, Ending::Revoked, Verdict::Cancelled),
            (None, Ending::Expired, Verdict::Abandoned),
            (Some(Verdict::Fixed), Ending::Expired, Verdict::Abandoned),
        ] {
            let (repair, given) = ended(Stage::Publish, found, how);
            assert_eq!(given, verdict, "{how:?}");
            assert_eq!((minutes(&repair), repair.failed, repair.given_up), (Some(10), 0, false), "{how:?}");
            assert!(repair.hint.is_some() && repair.approved_attempt.is_some());
        }
    }

    #[test]
    fn three_abandoned_attempts_in_a_row_are_a_failed_one() {
        let mut repair = held();
        let mut counts = Vec::new();
        for _ in 0..3 {
            repair = end(Repair { lease: Some(lease(2_000)), ..repair }, None, Ending::Expired, NOW).repair;
            counts.push((repair.abandoned, repair.failed, minutes(&repair)));
        }
        assert_eq!(counts, [(1, 0, Some(10)), (2, 0, Some(10)), (0, 1, Some(60))]);
        let between = Repair { abandoned: 2, lease: Some(lease(2_000)), ..Repair::default() };
        let released = end(between, None, Ending::Released, NOW).repair;
        assert_eq!((released.abandoned, released.failed), (0, 0));
    }

    #[test]
    fn a_patch_and_an_analysis_wait_for_a_person() {
        for (stage, found) in [(Stage::Fix, Verdict::Fixed), (Stage::Verify, Verdict::Reproduced)] {
            let (repair, verdict) = ended(stage, Some(found), Ending::Released);
            assert_eq!((repair.awaiting_approval, verdict, repair.not_before), (true, found, None));
        }
        for (stage, found) in [(Stage::Publish, Verdict::Fixed), (Stage::Fix, Verdict::Reproduced)] {
            let (repair, verdict) = ended(stage, Some(found), Ending::Released);
            assert_eq!((repair.awaiting_approval, verdict), (false, Verdict::InfraError));
        }
        let stopped = Repair { lease: Some(Lease { cancel: true, ..lease(2_000) }), ..held() };
        let Ended { repair, attempt } =
            end(stopped, Some(attempt(Stage::Fix, Some(Verdict::Fixed))), Ending::Released, NOW);
        assert_eq!((repair.awaiting_approval, attempt.unwrap().verdict), (false, Some(Verdict::Cancelled)));
        let silent = Repair { lease: Some(Lease { cancel: true, ..lease(2_000) }), ..held() };
        assert_eq!(end(silent, None, Ending::Expired, NOW).repair.abandoned, 0, "a stop does not count");
    }

    #[test]
    fn a_fix_is_on_its_way_and_forgets_nothing_before_it_is_verified() {
        let fixed = Attempt {
            branch: Some(Branch::cut("logcenter/fix-7-e3")),
            pull_request_url: Some(Url::cut("https://forge/1")),
            ..attempt(Stage::Publish, Some(Verdict::Fixed))
        };
        let before = Repair { failed: 2, ..held() };
        let Ended { repair, attempt } = end(before, Some(fixed), Ending::Moved(Status::Fixed), NOW);
        assert_eq!(attempt.unwrap().verdict, Some(Verdict::Fixed));
        assert_eq!(&*repair.publication.as_ref().unwrap().branch, "logcenter/fix-7-e3");
        assert_eq!((repair.failed, repair.hint, repair.approved_attempt), (2, None, None));
    }

    #[test]
    fn a_status_without_a_verdict_is_one() {
        for (to, verdict) in [
            (Status::Fixed, Verdict::Fixed),
            (Status::FixFailed, Verdict::TestsFailed),
            (Status::CannotReproduce, Verdict::NotReproduced),
        ] {
            assert_eq!(ended(Stage::Fix, None, Ending::Moved(to)).1, verdict);
        }
        let (_, kept) = ended(Stage::Fix, Some(Verdict::NoChange), Ending::Moved(Status::FixFailed));
        assert_eq!(kept, Verdict::NoChange);
    }

    #[test]
    fn an_issue_without_a_decision_goes_back() {
        for &status in Status::ALL {
            let back = [(Status::Verifying, Status::New), (Status::Fixing, Status::PendingFix)];
            let back = back.iter().find(|(from, _)| *from == status).map(|(_, to)| *to);
            assert_eq!(Ending::goes_back_to(status), back);
            let keeps = back.is_some() || status == Status::PendingFix;
            assert_eq!(Ending::keeps_lease(status), keeps);
        }
    }
}
