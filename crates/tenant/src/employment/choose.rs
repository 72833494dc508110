//! The preferences of the policy, in order.

use std::cmp::Ordering;

use joinery_model::{Prefer, StandingKind};

use super::facts::Employment;

/// How alive an employment is: the smaller, the more.
pub(super) fn liveness(kind: StandingKind) -> u8 {
    match kind {
        StandingKind::Active => 0,
        StandingKind::OnLeave => 1,
        StandingKind::Future => 2,
        StandingKind::Left => 3,
        StandingKind::NoShow => 4,
    }
}

/// Which of two employments is preferred: `Less` means the first.
///
/// A mark as *primary* counts only while the employment lives: an ended employment keeps its mark in many tenants.
pub(super) fn prefer(rules: &[Prefer], a: (&Employment, StandingKind), b: (&Employment, StandingKind)) -> Ordering {
    let yes_first = |a: bool, b: bool| b.cmp(&a);
    for rule in rules {
        let order = match rule {
            Prefer::Primary => yes_first(a.0.primary && liveness(a.1) < 3, b.0.primary && liveness(b.1) < 3),
            Prefer::Active => liveness(a.1).cmp(&liveness(b.1)),
            Prefer::LatestStart => b.0.start.cmp(&a.0.start),
            // An unknown start sorts before every date; it must not win for that.
            Prefer::EarliestStart => (a.0.start.is_none(), a.0.start).cmp(&(b.0.start.is_none(), b.0.start)),
            Prefer::Standard => yes_first(class(a.0) == "ST", class(b.0) == "ST"),
            Prefer::GlobalAssignment => yes_first(class(a.0) == "GA", class(b.0) == "GA"),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.0.user_id.cmp(&b.0.user_id)
}

/// The assignment class; an employment without one is a standard one.
pub(super) fn class(employment: &Employment) -> &str {
    match employment.class.as_deref() {
        None | Some("") => "ST",
        Some(class) => class,
    }
}
