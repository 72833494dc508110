//! How much may change without a person's approval: judged once, on the whole walk, before the first delivery.

use std::sync::Arc;

use joinery_model::{Action, HoldBack, RunKind, Totals};

use crate::spec::{GonePolicy, GuardSpec, LimitSpec, SpecError};

/// The limits of a sync.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    create: Limit,
    update: Limit,
    disable: Limit,
    delete: Limit,
    attributes: Vec<(Arc<str>, Limit)>,
    population: Limit,
    pub(crate) gone: GonePolicy,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    Count(u64),
    /// Hundredths.
    Share(f64),
}

impl Limit {
    fn read(key: &str, spec: &LimitSpec, errors: &mut Vec<SpecError>) -> Self {
        let text = match spec {
            LimitSpec::Count(count) => return Self::Count(*count),
            LimitSpec::Text(text) => text.trim(),
        };
        let read = match text.strip_suffix('%') {
            Some(share) => share.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share)).map(Self::Share),
            None => text.parse().ok().map(Self::Count),
        };
        read.unwrap_or_else(|| {
            errors.push(SpecError::at(key, "not a limit; write a number of changes or a share such as \"10%\""));
            Self::Count(0)
        })
    }

    /// May `count` of `whole` change? A share that is not nothing always allows one; all is no limit.
    fn allows(self, count: u64, whole: u64) -> bool {
        match self {
            Self::Count(most) => count <= most,
            Self::Share(share) if share >= 100.0 => true,
            Self::Share(share) if share <= 0.0 => count == 0,
            Self::Share(share) => count as f64 <= (whole as f64 * share / 100.0).ceil().max(1.0),
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(most) => write!(f, "{most}"),
            Self::Share(share) => write!(f, "{share}%"),
        }
    }
}

/// What the guard judges besides the totals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walked {
    pub(crate) kind: RunKind,
    /// The sync never finished a full walk.
    pub(crate) first: bool,
    /// Rows without a legible key: whoever they are will look gone.
    pub(crate) unreadable: u64,
}

impl Guard {
    pub(crate) fn compile(
        key: &str,
        spec: &GuardSpec,
        known: impl Fn(&str) -> bool,
        errors: &mut Vec<SpecError>,
    ) -> Self {
        let mut limit = |name: &str, spec| Limit::read(&format!("{key}.{name}"), spec, errors);
        let create = limit("create", &spec.create);
        let update = limit("update", &spec.update);
        let disable = limit("disable", &spec.disable);
        let delete = limit("delete", &spec.delete);
        let population = limit("population", &spec.population);
        let attributes = spec.attribute.iter();
        let attributes =
            attributes.map(|(name, spec)| (name.as_str().into(), limit(&format!("attribute.{name}"), spec)));
        let attributes: Vec<(Arc<str>, Limit)> = attributes.collect();
        for (name, _) in &attributes {
            if !known(name) {
                let message = format!("no mapping of this sync gives the attribute {name}");
                errors.push(SpecError::at(format!("{key}.attribute.{name}"), message));
            }
        }
        Self { create, update, disable, delete, attributes, population, gone: spec.gone }
    }

    /// What must be held back, each part with its reason.
    pub(crate) fn judge(&self, targets: &[Arc<str>], totals: &Totals, walked: Walked) -> Vec<HoldBack> {
        let mut held = Vec::new();
        if let Some(reason) = self.shrunken(totals, walked) {
            let all = |target: &Arc<str>| HoldBack {
                target: Arc::clone(target),
                action: None,
                gone_only: false,
                reason: reason.clone(),
            };
            return targets.iter().map(all).collect();
        }
        for target in targets {
            let linked = totals.linked.get(target).copied().unwrap_or(0);
            let count = |action| totals.planned.get(&(Arc::clone(target), action)).copied().unwrap_or(0);
            let mut judge = |actions: &[Action], limit: Limit, words: &str| {
                let count: u64 = actions.iter().map(|action| count(*action)).sum();
                if count > 0 && !limit.allows(count, linked) {
                    let accounts = if count == 1 { "account" } else { "accounts" };
                    let reason = match limit {
                        Limit::Share(share) if linked == 0 && share > 0.0 => format!(
                            "{count} {accounts} that were found would be {words}, and none is linked yet of which {limit} \
                             could be taken; at most 1 without approval. To link accounts first and write nothing, set \
                             adopt_only"
                        ),
                        _ if linked == 0 => {
                            format!(
                                "{count} {accounts} would be {words}, none is linked yet; at most {limit} without approval"
                            )
                        }
                        _ => format!(
                            "{count} {accounts} would be {words}, of {linked} known; at most {limit} without approval"
                        ),
                    };
                    held.extend(actions.iter().map(|action| HoldBack {
                        target: Arc::clone(target),
                        action: Some(*action),
                        gone_only: false,
                        reason: reason.clone(),
                    }));
                }
            };
            // The first run into a target makes everybody; there is nothing to take a share of.
            if !walked.first && linked > 0 {
                judge(&[Action::Create], self.create, "created");
            }
            judge(&[Action::Update, Action::Enable], self.update, "changed");
            judge(&[Action::Disable], self.disable, "disabled");
            judge(&[Action::Delete], self.delete, "deleted");
            for (attribute, limit) in &self.attributes {
                let count = totals.attributes.get(&(Arc::clone(target), Arc::clone(attribute))).copied().unwrap_or(0);
                if linked > 0 && !limit.allows(count, linked) {
                    let reason = format!(
                        "{attribute} would change in {count} accounts, of {linked} known; at most {limit} without approval"
                    );
                    held.extend([Action::Update, Action::Enable].map(|action| HoldBack {
                        target: Arc::clone(target),
                        action: Some(action),
                        gone_only: false,
                        reason: reason.clone(),
                    }));
                }
            }
            held.extend(self.gone(target, totals, walked, linked));
        }
        held
    }

    /// A source that is empty, or much smaller than it was, is a lost permission until a person says otherwise.
    fn shrunken(&self, totals: &Totals, walked: Walked) -> Option<String> {
        if walked.kind == RunKind::Keys || totals.known == 0 {
            return None;
        }
        if walked.kind == RunKind::Full && totals.people == 0 {
            return Some(format!(
                "the source shows nobody, but {} people are known; look whether the API user may still read them",
                totals.known
            ));
        }
        // Who was found gone long ago is no news, and whoever was hired meanwhile makes up for nobody.
        let Totals { missing, .. } = totals;
        let lost = missing + totals.dropped;
        (lost > 0 && !self.population.allows(lost, totals.known)).then(|| {
            format!(
                "of {} known people {missing} are missing from the source and {} are left out or invalid now; at most {} without approval. Look whether the API user may still read them",
                totals.known, totals.dropped, self.population
            )
        })
    }

    fn gone(&self, target: &Arc<str>, totals: &Totals, walked: Walked, linked: u64) -> Option<HoldBack> {
        let gone = totals.gone.get(target).copied().unwrap_or(0);
        if gone == 0 {
            return None;
        }
        let limit = if self.gone == GonePolicy::Delete { self.delete } else { self.disable };
        let reason = if self.gone == GonePolicy::Hold {
            format!("{gone} people are no longer in the source; a lost permission and a purge look alike")
        } else if walked.unreadable > 0 {
            format!(
                "{gone} people are no longer in the source, but {} rows could not be read: they may be among them",
                walked.unreadable
            )
        } else if !limit.allows(gone, linked) {
            format!(
                "{gone} people are no longer in the source, of {linked} accounts known; at most {limit} without approval"
            )
        } else {
            return None;
        };
        Some(HoldBack { target: Arc::clone(target), action: None, gone_only: true, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        let mut errors = Vec::new();
        let spec = GuardSpec {
            attribute: [("manager".to_owned(), LimitSpec::Text("20%".to_owned()))].into(),
            ..GuardSpec::default()
        };
        let guard = Guard::compile("sync.x.guard", &spec, |_| true, &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        guard
    }

    fn totals(planned: &[(Action, u64)]) -> Totals {
        Totals {
            people: 100,
            known: 100,
            planned: planned.iter().map(|(action, count)| (("hr".into(), *action), *count)).collect(),
            linked: [("hr".into(), 100)].into(),
            ..Totals::default()
        }
    }

    fn judge(totals: &Totals, walked: Walked) -> Vec<HoldBack> {
        guard().judge(&["hr".into()], totals, walked)
    }

    const FULL: Walked = Walked { kind: RunKind::Full, first: false, unreadable: 0 };

    #[test]
    fn within_the_limits_nothing_is_held() {
        assert_eq!(judge(&totals(&[(Action::Update, 50), (Action::Disable, 10)]), FULL), []);
    }

    #[test]
    fn what_is_beyond_its_limit_is_held_and_nothing_else() {
        let held = judge(&totals(&[(Action::Update, 50), (Action::Disable, 11)]), FULL);
        assert_eq!(held.iter().map(|held| held.action).collect::<Vec<_>>(), [Some(Action::Disable)]);
        assert!(held[0].reason.contains("11 accounts"), "{}", held[0].reason);
    }

    #[test]
    fn a_first_run_may_create_but_not_disable_at_will() {
        let mut totals = totals(&[(Action::Create, 100), (Action::Disable, 50)]);
        totals.linked.clear();
        let held = judge(&totals, Walked { first: true, ..FULL });
        assert_eq!(held.iter().map(|held| held.action).collect::<Vec<_>>(), [Some(Action::Disable)]);
    }

    #[test]
    fn a_share_of_no_accounts_says_so() {
        let mut totals = totals(&[(Action::Update, 7)]);
        totals.linked.clear();
        let held = judge(&totals, Walked { first: true, ..FULL });
        let reason = &held[0].reason;
        assert!(reason.contains("none is linked yet") && reason.contains("adopt_only"), "{reason}");
        assert!(!reason.contains("of 0 known"), "{reason}");
    }

    #[test]
    fn an_empty_or_shrunken_source_holds_everything() {
        let held = judge(&Totals { people: 0, ..totals(&[(Action::Update, 1)]) }, FULL);
        assert!(held[0].action.is_none() && !held[0].gone_only && held[0].reason.contains("nobody"));
        let held = judge(&Totals { people: 160, missing: 40, ..totals(&[]) }, FULL);
        assert!(held[0].action.is_none() && held[0].reason.contains("40 are missing"), "{held:?}");
        // Fewer people than known are no news when they went long ago.
        assert_eq!(judge(&Totals { people: 60, missing: 20, ..totals(&[]) }, FULL), []);
        assert_eq!(judge(&Totals { people: 5, ..totals(&[]) }, Walked { kind: RunKind::Delta, ..FULL }), []);
    }

    #[test]
    fn gone_people_are_held_unless_told_otherwise_and_one_attribute_has_its_own_limit() {
        let mut totals = totals(&[(Action::Update, 30)]);
        totals.gone.insert("hr".into(), 1);
        totals.attributes.insert(("hr".into(), "manager".into()), 21);
        let held = judge(&totals, FULL);
        assert!(held.iter().any(|held| held.gone_only));
        assert!(held.iter().any(|held| held.action == Some(Action::Update) && held.reason.contains("manager")));
    }
}
