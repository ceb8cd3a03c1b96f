//! What every store guarantees, one test per guarantee. [`store_conformance`](crate::store_conformance) generates them
//! for a store.
//!
//! Each case gets an empty store. A failing case panics.

mod sample;

pub mod deployments;
pub mod hooks;
pub mod issues;
pub mod keys;
pub mod outbox;
pub mod projects;
pub mod repairs;
pub mod reports;
pub mod sessions;
pub mod statistics;
pub mod tokens;
pub mod upkeep;

/// Generates a test of each guarantee for a store. `$open` is an async expression that returns an empty store, together
/// with whatever has to live as long as the store.
#[macro_export]
macro_rules! store_conformance {
    ($open:expr) => {
        $crate::store_conformance!(@cases $open;
            reports: created_then_deduplicated, durable_batches_are_counted_once, repeats_count_nothing,
                regressions_reopen, releases_hold_a_regression_back, projects_come_with_reports,
                ids_are_small_and_never_used_again, an_empty_batch_is_nothing, the_longest_texts_are_recorded;
            issues: a_page_is_filtered, a_page_has_an_order, an_issue_shows_its_latest_event, events_are_kept_bounded,
                changes_are_decided_by_the_rules, histories_are_kept, an_issue_has_a_project,
                what_belongs_to_an_issue_goes_with_it, unknown_issues_are_none;
            deployments: they_move_verified_issues, they_are_kept;
            repairs: claims_are_in_order_and_filtered, an_issue_is_claimed_once, a_lease_is_renewed_released_and_lost,
                attempts_are_added_to_and_kept, a_change_ends_a_lease, a_lost_publication_is_resumed,
                people_order_repairs, a_patch_is_approved, tokens_take_their_leases_along,
                a_regression_begins_anew;
            hooks: early_checks_are_remembered, checks_that_fail_meanwhile_are_not_lost, forges_are_heard_once;
            projects: projects_are_in_binary_order, edits_are_decided_by_the_rules, a_project_goes_with_all_it_has;
            keys: keys_come_and_go_by_generation;
            tokens: tokens_come_and_go_by_generation;
            sessions: an_ended_session_is_remembered_until_it_expires;
            outbox: nothing_is_kept_while_nobody_wants_it, facts_are_announced_in_their_order,
                counts_are_announced_once_an_issue, a_gap_is_told;
            statistics: an_issue_s_errors_by_time_and_environment, a_client_cannot_add_counts_without_end, totals, issues_by_state, the_overview, names_do_not_make_a_regression;
            upkeep: event_ids_expire, issue_events_expire, old_hours_become_days, a_closed_issue_keeps_what_names_it,
                a_closed_store_says_so;
        );
    };
    (@cases $open:expr; $($room:ident: $($case:ident),+;)+) => {
        $(mod $room {
            $(#[tokio::test]
            async fn $case() {
                let (store, _alive) = $open.await;
                $crate::store::conformance::$room::$case(&store).await;
            })+
        })+
    };
}
