//! A sync as the engine runs it: compiled, cheap to clone, shared by every run.

mod compile;
mod guard;
mod leaver;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use joinery_model::{Ask, EmploymentPolicy, Filter, Needs, Root, Scope};

use crate::cel::Expr;
use crate::mapping::Mapping;
use crate::spec::LostAccounts;

pub(crate) use guard::{Guard, Walked};
pub(crate) use leaver::{Leaver, Wish};
pub(crate) use rules::Rules;

/// A compiled sync.
#[derive(Clone, Debug)]
pub struct Sync(pub(crate) Arc<Compiled>);

#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) name: Arc<str>,
    pub(crate) connection: Arc<str>,
    pub(crate) root: Root,
    pub(crate) policy: Arc<EmploymentPolicy>,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) targets: Vec<TargetRules>,
    pub(crate) correlate: Vec<Arc<str>>,
    pub(crate) adopt_only: bool,
    pub(crate) lost_accounts: LostAccounts,
    pub(crate) only: Option<Expr>,
    pub(crate) leaver: Leaver,
    pub(crate) guard: Guard,
    pub(crate) rules: Rules,
    needs: Needs,
    config_hash: Arc<str>,
}

/// A target of the sync and which of the mappings makes its records.
#[derive(Debug)]
pub(crate) struct TargetRules {
    pub(crate) name: Arc<str>,
    pub(crate) mapping: usize,
}

impl Sync {
    /// The sync's name.
    pub fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    /// The connection that people are read from.
    pub fn connection(&self) -> &Arc<str> {
        &self.0.connection
    }

    /// Persons or users.
    pub fn root(&self) -> Root {
        self.0.root
    }

    /// The targets, in the order of the configuration.
    pub fn targets(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.targets.iter().map(|target| &target.name)
    }

    /// The attributes that the mapping gives to a target, references included.
    pub fn attributes(&self, target: &str) -> Vec<&str> {
        let found = self.0.targets.iter().find(|rules| &*rules.name == target);
        found.map(|rules| self.0.mappings[rules.mapping].names().collect()).unwrap_or_default()
    }

    /// Every path that mappings, templates, expressions, conditions and references read.
    pub fn needs(&self) -> &Needs {
        &self.0.needs
    }

    /// A hash of everything in the configuration that shapes changes: not of schedules and limits. The same in every
    /// process and on every machine.
    pub fn config_hash(&self) -> &Arc<str> {
        &self.0.config_hash
    }

    /// The question to the source.
    pub fn ask(&self, scope: Scope, as_of: Timestamp) -> Ask {
        Ask {
            root: self.0.root,
            needs: self.0.needs.clone(),
            scope,
            as_of,
            policy: Arc::clone(&self.0.policy),
            // CEL conditions are not filters: every row is judged on arrival.
            filter: Filter::All,
        }
    }

    /// Days before a future start at which the account is made.
    pub fn lead_days(&self) -> u16 {
        self.0.leaver.lead_days.try_into().unwrap_or(u16::MAX)
    }

    /// Days after somebody's last day on which their account is to be looked at again: when the grace is over, and when
    /// a disabled account is deleted.
    pub fn leaver_days(&self) -> Vec<u16> {
        let leaver = &self.0.leaver;
        let grace = leaver.grace_days.saturating_add(1);
        let days = [Some(grace), leaver.delete_after_days.map(|days| grace.saturating_add(days))];
        days.into_iter().flatten().map(|days| days.try_into().unwrap_or(u16::MAX)).collect()
    }

    /// The day that counts as today for an instant, in the policy's zone.
    pub fn today(&self, as_of: Timestamp) -> Date {
        as_of.to_zoned(self.0.policy.zone.clone()).date()
    }
}
