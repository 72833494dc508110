//! Where a person stands.

use jiff::civil::Date;
use joinery_model::{EmploymentPolicy, Standing, StandingKind};

use super::choose::{class, liveness, prefer};
use super::facts::{Employment, in_force, nearest};

/// `emplStatus` codes of an employment that is over: terminated, retired (SAP Note 2505526).
const ENDED: [&str; 2] = ["T", "R"];
/// `emplStatus` codes of somebody who never came: discarded, reported no-show.
const NO_SHOW: [&str; 3] = ["O", "RNS", "NS"];

/// What the policy decides about one person on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The employment that counts, by position; `None` when there is none that the policy looks at.
    pub chosen: Option<usize>,
    /// Where the person stands.
    pub standing: Standing,
    /// The day whose slices show the person: the day asked for, or the first day of somebody who is yet to start.
    pub shown_on: Date,
    /// For every employment the slice in force (or nearest), by position.
    pub slices: Vec<Option<usize>>,
}

/// Judges a person's employments on `today`, a day of the policy's zone.
///
/// The person counts as active through the last day of the employment and as left from the day after. Nobody has left
/// while another employment that the policy looks at is being worked: then that one decides the standing.
pub fn judge(policy: &EmploymentPolicy, today: Date, employments: &[Employment]) -> Judgement {
    let standings: Vec<Standing> = employments.iter().map(|employment| standing(policy, today, employment)).collect();
    let considered: Vec<usize> = (0..employments.len())
        .filter(|&at| policy.classes.is_empty() || policy.classes.iter().any(|c| c == class(&employments[at])))
        .collect();
    let compare = |&a: &usize, &b: &usize| {
        prefer(&policy.prefer, (&employments[a], standings[a].kind), (&employments[b], standings[b].kind))
    };
    let chosen = considered.iter().copied().min_by(|a, b| compare(a, b));
    let standing = match chosen {
        Some(at) if standings[at].kind == StandingKind::Active => standings[at],
        // On leave here and at work there is at work; left here and on leave there is on leave.
        Some(at) => considered
            .iter()
            .copied()
            .min_by(|a, b| {
                let live = |at: &usize| (liveness(standings[*at].kind), *at != chosen.unwrap_or(*at));
                live(a).cmp(&live(b)).then_with(|| compare(a, b))
            })
            .map_or(standings[at], |best| standings[best]),
        None => Standing { kind: StandingKind::Left, start: None, end: None },
    };
    let shown_on = match (standing.kind, standing.start) {
        (StandingKind::Future, Some(start)) => start,
        _ => today,
    };
    let slices = employments.iter().map(|employment| nearest(&employment.slices, shown_on)).collect();
    Judgement { chosen, standing, shown_on, slices }
}

fn standing(policy: &EmploymentPolicy, today: Date, employment: &Employment) -> Standing {
    let Employment { start, end, .. } = *employment;
    let status = in_force(&employment.slices, start.map_or(today, |start| start.max(today)))
        .and_then(|at| employment.slices[at].status.as_deref())
        .unwrap_or_default();
    let made = |kind, end| Standing { kind, start, end };
    // An employment that ends before it starts was called off.
    if NO_SHOW.contains(&status) || matches!((start, end), (Some(start), Some(end)) if end < start) {
        return made(StandingKind::NoShow, end);
    }
    if start.is_some_and(|start| start > today) {
        return made(StandingKind::Future, end);
    }
    if let Some(end) = end {
        // The declared last day governs: whatever a slice of that day says, nobody leaves a day early.
        if today > end {
            return made(StandingKind::Left, Some(end));
        }
    } else if ENDED.contains(&status) {
        // Terminated with no end date to see (field permission): the slice begins on the day after the last one.
        let last = in_force(&employment.slices, today)
            .and_then(|at| first_of_run(employment, at))
            .and_then(|start| start.yesterday().ok());
        return made(StandingKind::Left, last);
    }
    if policy.leave_codes.iter().any(|code| code == status) {
        return made(StandingKind::OnLeave, end);
    }
    made(StandingKind::Active, end)
}

/// The first day of the run of ended slices that `at` belongs to: a data change after the termination makes a new
/// slice, and the person did not leave again with it.
fn first_of_run(employment: &Employment, at: usize) -> Option<Date> {
    let mut first = employment.slices[at].start?;
    loop {
        let day_before = first.yesterday().ok()?;
        match in_force(&employment.slices, day_before).map(|at| &employment.slices[at]) {
            Some(slice) if slice.status.as_deref().is_some_and(|status| ENDED.contains(&status)) => {
                first = slice.start?;
            }
            _ => return Some(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;
    use joinery_model::Prefer;
    use proptest::prelude::*;

    use super::super::Slice;
    use super::*;

    fn job(start: Date, end: Date, sequence: i64, status: &str) -> Slice {
        Slice { start: Some(start), end: Some(end), sequence, status: Some(status.into()) }
    }

    const EVER: Date = date(9999, 12, 31);

    fn employment(user: &str, start: Date, end: Option<Date>, status: &str) -> Employment {
        let mut slices = vec![job(start, end.unwrap_or(EVER), 1, status)];
        if let Some(after) = end.and_then(|end| end.tomorrow().ok()) {
            slices.push(job(after, EVER, 1, "T"));
        }
        Employment { user_id: user.into(), start: Some(start), end, slices, ..Employment::default() }
    }

    fn kind(today: Date, employments: &[Employment]) -> StandingKind {
        judge(&EmploymentPolicy::default(), today, employments).standing.kind
    }

    #[test]
    fn a_leaver_is_active_on_the_last_day_and_left_on_the_next() {
        let leaver = [employment("u1", date(2020, 1, 1), Some(date(2026, 11, 20)), "A")];
        assert_eq!(kind(date(2026, 11, 20), &leaver), StandingKind::Active);
        let after = judge(&EmploymentPolicy::default(), date(2026, 11, 21), &leaver).standing;
        assert_eq!((after.kind, after.end), (StandingKind::Left, Some(date(2026, 11, 20))));
    }

    #[test]
    fn a_terminated_slice_on_the_last_day_does_not_end_it_early() {
        let mut leaver = employment("u1", date(2020, 1, 1), Some(date(2026, 11, 20)), "A");
        leaver.slices = vec![job(date(2026, 11, 20), EVER, 1, "T")];
        assert_eq!(kind(date(2026, 11, 20), &[leaver]), StandingKind::Active);
    }

    #[test]
    fn without_a_visible_end_date_the_terminated_slice_tells_the_last_day() {
        let mut leaver = employment("u1", date(2020, 1, 1), Some(date(2026, 11, 20)), "A");
        leaver.end = None;
        leaver.slices = vec![
            job(date(2020, 1, 1), date(2026, 11, 20), 1, "A"),
            job(date(2026, 11, 21), date(2026, 11, 30), 1, "T"),
            job(date(2026, 12, 1), EVER, 1, "T"),
        ];
        assert_eq!(kind(date(2026, 11, 20), std::slice::from_ref(&leaver)), StandingKind::Active);
        let left = judge(&EmploymentPolicy::default(), date(2026, 12, 24), &[leaver]).standing;
        assert_eq!((left.kind, left.end), (StandingKind::Left, Some(date(2026, 11, 20))));
    }

    #[test]
    fn a_rehire_with_a_new_employment_counts_by_the_new_one() {
        let old = employment("a-old", date(2010, 1, 1), Some(date(2015, 12, 31)), "A");
        let new = employment("b-new", date(2024, 3, 1), None, "A");
        for list in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
            let judged = judge(&EmploymentPolicy::default(), date(2026, 11, 21), &list);
            assert_eq!(&*list[judged.chosen.unwrap()].user_id, "b-new");
            assert_eq!(judged.standing.kind, StandingKind::Active);
        }
    }

    #[test]
    fn an_ended_employment_that_is_still_marked_primary_does_not_make_a_leaver() {
        let mut old = employment("u1", date(2010, 1, 1), Some(date(2015, 12, 31)), "A");
        old.primary = true;
        let new = employment("u2", date(2024, 3, 1), None, "A");
        let judged = judge(&EmploymentPolicy::default(), date(2026, 11, 21), &[old, new]);
        assert_eq!((judged.chosen, judged.standing.kind), (Some(1), StandingKind::Active));
    }

    #[test]
    fn a_policy_that_looks_at_an_ended_employment_still_sees_that_the_person_works_here() {
        let ended = employment("u1", date(2025, 1, 1), Some(date(2026, 1, 31)), "A");
        let works = employment("u2", date(2020, 1, 1), None, "A");
        let policy = EmploymentPolicy { prefer: vec![Prefer::LatestStart], ..EmploymentPolicy::default() };
        let judged = judge(&policy, date(2026, 11, 21), &[ended, works]);
        assert_eq!((judged.chosen, judged.standing.kind), (Some(0), StandingKind::Active));
    }

    #[test]
    fn of_a_global_assignment_and_its_home_the_policy_chooses() {
        let home = employment("home", date(2018, 1, 1), None, "D");
        let mut host = employment("host", date(2026, 1, 1), None, "A");
        host.class = Some("GA".into());
        let list = [home, host];
        let today = date(2026, 11, 21);
        let choice = |prefer: Vec<Prefer>, classes: &[&str]| {
            let classes = classes.iter().map(|c| (*c).to_owned()).collect();
            judge(&EmploymentPolicy { prefer, classes, ..EmploymentPolicy::default() }, today, &list).chosen
        };
        assert_eq!(choice(vec![Prefer::Standard], &[]), Some(0));
        assert_eq!(choice(vec![Prefer::GlobalAssignment], &[]), Some(1));
        assert_eq!(choice(vec![Prefer::GlobalAssignment], &["ST"]), Some(0));
        assert_eq!(choice(vec![], &["XX"]), None);
    }

    #[test]
    fn no_shows_future_hires_leaves_and_nobody() {
        let today = date(2026, 11, 21);
        let start = date(2026, 12, 1);
        let future = judge(&EmploymentPolicy::default(), today, &[employment("u", start, None, "A")]);
        assert_eq!(
            (future.standing.kind, future.shown_on, future.slices),
            (StandingKind::Future, start, vec![Some(0)])
        );
        assert_eq!(kind(today, &[employment("u", start, Some(date(2026, 11, 30)), "A")]), StandingKind::NoShow);
        assert_eq!(kind(today, &[employment("u", date(2026, 11, 1), None, "O")]), StandingKind::NoShow);
        assert_eq!(kind(today, &[employment("u", start, None, "RNS")]), StandingKind::NoShow);
        assert_eq!(kind(today, &[employment("u", date(2026, 1, 1), None, "P")]), StandingKind::OnLeave);
        assert_eq!(kind(today, &[]), StandingKind::Left);
    }

    #[test]
    fn the_highest_number_of_a_day_is_in_force() {
        let mut one = employment("u", date(2026, 1, 1), None, "A");
        one.slices = vec![
            job(date(2026, 1, 1), EVER, 3, "A"),
            job(date(2026, 1, 1), EVER, 10, "P"),
            job(date(2025, 1, 1), EVER, 99, "A"),
        ];
        let judged = judge(&EmploymentPolicy::default(), date(2026, 2, 1), &[one]);
        assert_eq!((judged.slices, judged.standing.kind), (vec![Some(1)], StandingKind::OnLeave));
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (2020i16..2030, 1i8..13, 1i8..29).prop_map(|(y, m, d)| date(y, m, d))
    }

    fn any_employment() -> impl Strategy<Value = Employment> {
        let status = prop::sample::select(vec!["A", "U", "T", "O", "D"]);
        (any_day(), prop::option::of(any_day()), 0u8..9, any::<bool>(), prop::sample::select(vec!["ST", "GA"]), status)
            .prop_map(|(start, end, user, primary, class, status)| Employment {
                primary,
                class: Some(class.into()),
                ..employment(&format!("u{user}"), start, end, status)
            })
    }

    proptest! {
        /// The order in which the tenant lists employments and slices decides nothing.
        #[test]
        fn position_never_matters(
            mut list in prop::collection::vec(any_employment(), 0..5),
            today in any_day(),
            rules in prop::sample::subsequence(
                vec![Prefer::Primary, Prefer::Active, Prefer::LatestStart, Prefer::EarliestStart, Prefer::Standard, Prefer::GlobalAssignment], 0..4),
            turn in 0usize..5,
        ) {
            for (at, one) in list.iter_mut().enumerate() {
                one.user_id = Arc::from(format!("{}-{at}", one.user_id));
            }
            let policy = EmploymentPolicy { prefer: rules, ..EmploymentPolicy::default() };
            let before = judge(&policy, today, &list);
            let mut turned = list.clone();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
                for one in &mut turned {
                    one.slices.reverse();
                }
            }
            let after = judge(&policy, today, &turned);
            prop_assert_eq!(before.standing, after.standing);
            prop_assert_eq!(before.chosen.map(|at| list[at].user_id.clone()), after.chosen.map(|at| turned[at].user_id.clone()));
        }

        /// Nobody is a leaver while some employment is being worked.
        #[test]
        fn who_works_somewhere_has_not_left(list in prop::collection::vec(any_employment(), 1..5), today in any_day()) {
            let policy = EmploymentPolicy::default();
            let works = list.iter().any(|one| standing(&policy, today, one).kind == StandingKind::Active);
            let judged = judge(&policy, today, &list).standing.kind;
            prop_assert_eq!(works, judged == StandingKind::Active);
        }
    }
}
