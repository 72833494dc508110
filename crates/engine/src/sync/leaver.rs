//! What a person's standing means for an account: the leaver rules.

use jiff::ToSpan;
use jiff::civil::Date;
use joinery_model::{Standing, StandingKind};

use crate::spec::{LeaverAction, LeaverSpec, OnLeave, OutOfScope};

/// Days for which a day that passed is remembered; a watermark older than that is nobody's.
const LATELY: u32 = 400;

/// The leaver rules of a sync.
#[derive(Clone, Debug)]
pub(crate) struct Leaver {
    pub(crate) action: LeaverAction,
    pub(crate) grace_days: u32,
    pub(crate) delete_after_days: Option<u32>,
    pub(crate) on_leave: OnLeave,
    pub(crate) out_of_scope: OutOfScope,
    pub(crate) lead_days: u32,
}

/// How an account should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Usable.
    Active,
    /// Usable if it is there; nobody gets a new account, and none that was removed is made again.
    Grace,
    /// Kept, not usable; nobody gets a new account for that.
    Inactive,
    /// Not there.
    Deleted,
    /// Not made yet; if it is there already, not usable.
    NotStarted,
}

impl Leaver {
    pub(crate) fn new(spec: &LeaverSpec, lead_days: u32) -> Self {
        Self {
            action: spec.action,
            grace_days: spec.grace_days,
            delete_after_days: spec.delete_after_days,
            on_leave: spec.on_leave,
            out_of_scope: spec.out_of_scope,
            lead_days,
        }
    }

    /// What a standing means today.
    pub(crate) fn wish(&self, standing: &Standing, today: Date) -> Wish {
        match standing.kind {
            StandingKind::Active => Wish::Active,
            StandingKind::OnLeave => match self.on_leave {
                OnLeave::Active => Wish::Active,
                OnLeave::Disable => Wish::Inactive,
            },
            StandingKind::Future => match standing.start {
                Some(start) if after(today, self.lead_days) >= start => Wish::Active,
                _ => Wish::NotStarted,
            },
            // A last day that lies back as far as the grace acts at once: a retroactive termination is no exception.
            StandingKind::Left if standing.end.is_some_and(|end| today <= end) => Wish::Active,
            StandingKind::Left if standing.end.is_some_and(|end| today <= after(end, self.grace_days)) => Wish::Grace,
            StandingKind::Left | StandingKind::NoShow => match self.delete_day(standing) {
                _ if self.action == LeaverAction::Delete => Wish::Deleted,
                Some(day) if today >= day => Wish::Deleted,
                _ => Wish::Inactive,
            },
        }
    }

    /// Days on which this standing means something else, so that a delta run looks at the person again even when
    /// nothing changed in the source. Days that passed lately stay: a plan that is dropped leaves the watermark before
    /// them.
    pub(crate) fn due(&self, standing: &Standing, today: Date) -> Vec<Date> {
        let mut days = Vec::new();
        if let Some(start) = standing.start {
            days.push(before(start, self.lead_days));
            days.push(start);
        }
        if let Some(end) = standing.end {
            days.push(after(end, 1));
            days.push(after(end, self.grace_days.saturating_add(1)));
        }
        days.extend(self.delete_day(standing));
        let oldest = before(today, LATELY);
        days.retain(|day| *day > oldest);
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The first day on which a disabled account is deleted.
    fn delete_day(&self, standing: &Standing) -> Option<Date> {
        let days = self.delete_after_days?;
        let no_show = standing.kind == StandingKind::NoShow;
        let last = standing.end.or(standing.start.filter(|_| no_show))?;
        let grace = if no_show { 0 } else { self.grace_days };
        Some(after(last, grace.saturating_add(days).saturating_add(1)))
    }
}

fn after(date: Date, days: u32) -> Date {
    date.checked_add(i64::from(days).days()).unwrap_or(Date::MAX)
}

fn before(date: Date, days: u32) -> Date {
    date.checked_sub(i64::from(days).days()).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn rules(grace_days: u32, delete_after_days: Option<u32>, lead_days: u32) -> Leaver {
        Leaver::new(&LeaverSpec { grace_days, delete_after_days, ..LeaverSpec::default() }, lead_days)
    }

    fn left(end: Date) -> Standing {
        Standing { kind: StandingKind::Left, start: None, end: Some(end) }
    }

    #[test]
    fn a_leaver_is_disabled_the_day_after_and_deleted_when_the_time_is_over() {
        let rules = rules(0, Some(30), 0);
        let end = date(2026, 11, 20);
        assert_eq!(rules.wish(&left(end), end), Wish::Active);
        assert_eq!(rules.wish(&left(end), date(2026, 11, 21)), Wish::Inactive);
        assert_eq!(rules.wish(&left(end), date(2026, 12, 20)), Wish::Inactive);
        assert_eq!(rules.wish(&left(end), date(2026, 12, 21)), Wish::Deleted);
    }

    #[test]
    fn in_the_grace_days_nobody_gets_a_new_account_and_a_retroactive_termination_acts_at_once() {
        let rules = rules(3, None, 0);
        assert_eq!(rules.wish(&left(date(2026, 11, 20)), date(2026, 11, 20)), Wish::Active);
        assert_eq!(rules.wish(&left(date(2026, 11, 20)), date(2026, 11, 21)), Wish::Grace);
        assert_eq!(rules.wish(&left(date(2026, 11, 20)), date(2026, 11, 23)), Wish::Grace);
        assert_eq!(rules.wish(&left(date(2026, 11, 20)), date(2026, 11, 24)), Wish::Inactive);
        assert_eq!(rules.wish(&left(date(2020, 1, 1)), date(2026, 11, 24)), Wish::Inactive);
    }

    #[test]
    fn a_no_show_is_a_leaver_without_grace() {
        let standing = Standing { kind: StandingKind::NoShow, start: Some(date(2026, 11, 1)), end: None };
        assert_eq!(rules(30, None, 0).wish(&standing, date(2026, 11, 2)), Wish::Inactive);
    }

    proptest! {
        /// Between two due days nothing changes: a delta run that looks only on due days misses nothing.
        #[test]
        fn every_change_of_mind_is_due(grace in 0u32..5, delete in proptest::option::of(0u32..5), lead in 0u32..5,
                                       kind in 0..3, end in 0i32..20, start in 0i32..20) {
            let rules = rules(grace, delete, lead);
            let day = |n: i32| date(2026, 11, 1).checked_add(i64::from(n).days()).unwrap();
            let kind = [StandingKind::Left, StandingKind::Future, StandingKind::NoShow][kind as usize];
            let standing = Standing { kind, start: Some(day(start)), end: (kind == StandingKind::Left).then(|| day(end)) };
            for n in 0..40 {
                let (today, tomorrow) = (day(n), day(n + 1));
                if rules.wish(&standing, today) != rules.wish(&standing, tomorrow) {
                    prop_assert!(rules.due(&standing, today).contains(&tomorrow));
                }
            }
        }
    }
}
