//! The books of a run: what came in equals what went out, or the run is an error.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the people of a run ended up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleCount {
    /// Rows that arrived, repeats included.
    pub rows: u64,
    /// Rows that repeated a person already seen in this run.
    pub duplicates: u64,
    /// People seen by the walk itself.
    pub read: u64,
    /// People seen because a date came due.
    pub due: u64,
    /// People seen because something they lean on changed.
    pub touched: u64,
    /// People no longer in the source.
    pub gone: u64,
    /// People for whom a valid record was made.
    pub mapped: u64,
    /// People that a condition left out, by the condition's name.
    pub left_out: BTreeMap<String, u64>,
    /// People whose record broke a rule or whose data could not be mapped, by the rule's name.
    pub invalid: BTreeMap<String, u64>,
}

/// Where the records for one target ended up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetCount {
    /// Valid records plus gone people that concern this target.
    pub concerned: u64,
    /// Nothing to do.
    pub unchanged: u64,
    /// Delivered.
    pub delivered: u64,
    /// Held for approval, or planned and not released.
    pub held: u64,
    /// Released, not yet delivered.
    pub pending: u64,
    /// Dead letters.
    pub dead: u64,
    /// Replaced by a newer change before delivery.
    pub superseded: u64,
    /// Rejected at comparison: several accounts fit.
    pub rejected: u64,
    /// References filled in later; a line of its own, outside the equation.
    pub back_filled: u64,
    /// References that still wait for the other account; a line of its own.
    pub waiting: u64,
}

/// The balance of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// People.
    pub people: PeopleCount,
    /// Each target by name.
    pub targets: BTreeMap<String, TargetCount>,
}

/// An equation that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imbalance {
    /// The equation, in words.
    pub equation: String,
    /// Left side.
    pub left: u64,
    /// Right side.
    pub right: u64,
}

impl fmt::Display for Imbalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} is not {}", self.equation, self.left, self.right)
    }
}

impl Balance {
    /// Every equation that does not hold; empty when the run balances.
    ///
    /// rows = people + duplicates, where people are those read, due and touched;
    /// people + gone = mapped + left out + invalid + gone;
    /// for each target, concerned = unchanged + delivered + held + pending + dead + superseded + rejected.
    pub fn check(&self) -> Vec<Imbalance> {
        let mut wrong = Vec::new();
        let mut equal = |equation: String, left: u64, right: u64| {
            if left != right {
                wrong.push(Imbalance { equation, left, right });
            }
        };
        let people = &self.people;
        let came = people.read + people.due + people.touched;
        equal("rows = people + duplicates".into(), people.rows, came + people.duplicates);
        let ended = people.mapped + people.left_out.values().sum::<u64>() + people.invalid.values().sum::<u64>();
        equal("people = mapped + left out + invalid".into(), came, ended);
        for (name, target) in &self.targets {
            equal(
                format!("{name}: concerned = unchanged + delivered + held + pending + dead + superseded + rejected"),
                target.concerned,
                target.unchanged
                    + target.delivered
                    + target.held
                    + target.pending
                    + target.dead
                    + target.superseded
                    + target.rejected,
            );
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_person_is_named_by_the_equation_that_misses_them() {
        let mut balance = Balance::default();
        balance.people.rows = 3;
        balance.people.read = 3;
        balance.people.mapped = 2;
        let wrong = balance.check();
        assert_eq!(wrong.len(), 1);
        assert_eq!((wrong[0].left, wrong[0].right), (3, 2));
    }
}
