//! What every journal must do, sentence by sentence of [`Journal`]'s documentation.
//!
//! [`conformance_tests!`](crate::conformance_tests) makes a test of each case for one kind of journal.

pub mod deliver;
pub mod fill;
pub mod finish;
pub mod lease;
pub mod page;
pub mod plan;
pub mod resume;
mod scene;
pub mod supersede;
pub mod unsettled;

use std::future::Future;

use joinery_model::Journal;

pub use scene::{Scene, at, gone, person, planned, reference, two_people_planned};

/// Where journals come from.
pub trait Bench: Send + Sync {
    /// The kind of journal.
    type Journal: Journal;
    /// A new, empty journal.
    fn fresh(&self) -> impl Future<Output = Self::Journal> + Send;
    /// The same journal, opened anew as after the death of its process.
    fn reopen(&self, journal: Self::Journal) -> impl Future<Output = Self::Journal> + Send;
}

/// A test of each case: `conformance_tests!(Files::new())`, where the expression makes a [`Bench`].
#[macro_export]
macro_rules! conformance_tests {
    ($bench:expr) => {
        $crate::conformance_tests!(@all $bench,
            lease::{a_busy_sync_names_its_holder, a_lapsed_lease_is_taken_over, the_same_holder_begins_again,
                a_renewed_lease_holds_longer, a_finished_run_lets_the_lease_go, a_stale_fence_writes_nothing,
                syncs_do_not_share_leases_or_people},
            resume::{a_walk_goes_on_at_its_place, a_walked_walk_is_not_walked_again, a_lost_place_keeps_who_was_seen,
                deliveries_go_on_at_the_outbox, another_configuration_drops_a_walk,
                another_configuration_goes_on_delivering, a_walk_for_keys_does_not_go_on,
                a_newer_run_drops_a_plan, a_run_for_keys_leaves_a_plan, only_what_waits_is_reopened},
            page::{the_first_sight_counts, repeats_and_requests_are_counted, references_are_replaced, references_of_the_unread_are_added,
                what_became_of_people_is_told, a_dropped_run_gives_references_back, what_waits_is_told,
                people_come_in_key_order, an_alias_means_one_person, whoever_is_gone_keeps_their_ids,
                the_unseen_are_named, the_gone_are_known_while_an_account_is_left, what_changed_is_kept,
                last_and_accounts_answer_in_order, links_come_in_key_order, a_page_of_a_released_run_is_refused},
            supersede::{a_newer_change_supersedes, what_moved_to_a_newer_run_is_told, nothing_to_do_supersedes, what_concerns_a_target_no_more_is_superseded,
                a_rejection_supersedes_nothing, a_postponement_supersedes_nothing_and_is_pending,
                what_is_in_flight_is_left_alone, a_dead_letter_is_superseded, a_dropped_plan_gives_back,
                a_dropped_plan_gives_nothing_stale_back},
            plan::{totals_count_the_walk, totals_know_who_dropped_out,
                totals_know_who_is_newly_missing, released_changes_can_be_claimed,
                a_target_is_held_back, an_action_is_held_back, only_the_gone_are_held_back,
                a_plan_releases_nothing_until_applied, approval_releases_what_was_held,
                the_watermark_moves_as_written, the_first_run_is_first},
            deliver::{each_person_in_order, one_at_a_time, limits_and_targets_are_kept, attempts_are_counted,
                what_is_not_due_waits, next_due_is_what_claim_can_take, next_due_is_of_one_target, a_delivery_links, a_removal_unlinks,
                a_dead_letter_lets_the_next_go, only_what_flies_is_settled, a_linked_account_is_known_to_the_next,
                an_account_belongs_to_one_person, an_account_that_moves_is_waited_for,
                leftovers_are_delivered_by_the_next_run, numbers_only_grow},
            unsettled::{what_was_tried_and_not_answered, what_was_surely_not_done, a_later_delivery_settles_it, what_was_found_and_not_linked,
                what_a_dead_process_had_in_flight},
            fill::{a_reference_waits_for_the_account, nothing_is_filled_while_a_change_is_open,
                a_back_fill_is_delivered_and_forgotten, newer_waits_replace,
                a_reference_follows_an_account_that_moves},
            finish::{the_balance_is_what_is_written, a_failed_walk_leaves_no_plan, a_failed_delivery_leaves_the_rest,
                a_walk_that_was_not_released_cannot_finish, a_plan_keeps_its_balance_and_waits,
                a_balance_outlives_newer_runs}
        );
    };
    (@all $bench:expr, $($group:ident::{$($case:ident),* $(,)?}),* $(,)?) => {
        $(mod $group {
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                $crate::conformance::$group::$case(&$bench).await;
            })*
        })*
    };
}
