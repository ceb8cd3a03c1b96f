//! The way of an issue from its first event to its deployed fix, as pages draw it.

use logcenter_core::Status;

/// The way, if nothing goes wrong.
pub(crate) const PATH: [Status; 7] = [
    Status::New,
    Status::Verifying,
    Status::PendingFix,
    Status::Fixing,
    Status::Fixed,
    Status::Verified,
    Status::Deployed,
];

/// What an issue can be beside the way, and where it left that.
pub(crate) const BESIDE: [(Status, Status); 2] =
    [(Status::CannotReproduce, Status::Verifying), (Status::FixFailed, Status::Fixing)];

/// The way of an issue with this status, each part with whether it is behind the issue (`done`), where that is (`now`), or
/// `ahead`.
pub(crate) fn rail(status: Status) -> Vec<(Status, &'static str)> {
    let mut path = PATH.to_vec();
    let place = |path: &[Status], wanted: Status| path.iter().position(|one| *one == wanted);
    if let Some((_, left)) = BESIDE.iter().find(|(beside, _)| *beside == status) {
        let at = place(&path, *left).map_or(path.len(), |at| at + 1);
        path.insert(at, status);
    }
    let here = place(&path, status).unwrap_or(path.len());
    let stage = |at: usize| match at.cmp(&here) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "ahead",
    };
    path.into_iter().enumerate().map(|(at, status)| (status, stage(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_once_on_its_way() {
        for status in Status::ALL {
            let rail = rail(*status);
            let now: Vec<_> = rail.iter().filter(|(_, stage)| *stage == "now").collect();
            assert_eq!(now, [&(*status, "now")]);
            let beside = BESIDE.iter().any(|(beside, _)| beside == status);
            assert_eq!(rail.len(), PATH.len() + usize::from(beside));
        }
        assert_eq!(PATH.len() + BESIDE.len(), Status::ALL.len());
    }
}
