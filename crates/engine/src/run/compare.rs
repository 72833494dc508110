//! A valid record beside what the target holds or last received: a situation, hence a change, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{
    Action, AttributeDiff, Can, Change, ChangeId, Concern, Found, Held, Key, LeftOut, Link, Record, Reference,
    Situation, Value, Waiting,
};

use crate::mapping::{Mapped, Mapping};
use crate::spec::{GonePolicy, MissingReference};

/// One person and one target.
pub(crate) struct Pair<'a> {
    pub(crate) key: &'a Key,
    pub(crate) target: &'a Arc<str>,
    pub(crate) can: &'a Can,
    pub(crate) mapping: &'a Mapping,
    /// The account that is known is not there any more.
    pub(crate) lost: bool,
    /// The account of the person that a source id means, if they have one.
    pub(crate) account: &'a dyn Fn(&str) -> Option<Arc<str>>,
}

/// References by attribute.
type References = BTreeMap<Arc<str>, Option<Reference>>;

/// What one target has to do, and which references wait.
pub(crate) type Verdict = (Concern, Vec<Waiting>);

pub(crate) fn rejected(rule: &str, message: impl Into<String>) -> Concern {
    Concern::Rejected(LeftOut { rule: rule.into(), message: message.into() })
}

impl Pair<'_> {
    fn change(&self, action: Action, situation: Situation, target_id: Option<&Arc<str>>, after: Record) -> Change {
        Change {
            id: ChangeId(0),
            person: self.key.clone(),
            target: Arc::clone(self.target),
            action,
            situation,
            target_id: target_id.cloned(),
            after,
            diff: Vec::new(),
            attempts: 0,
        }
    }

    /// Nobody knows an account, and there is none: make one.
    pub(crate) fn create(&self, mut record: Record) -> Verdict {
        let waiting = self.resolve(&mut record.references, |_| false);
        // All of it is new: the record says everything, a difference would say it twice.
        let situation = if self.lost { Situation::Missing } else { Situation::New };
        (Concern::Planned(Box::new(self.change(Action::Create, situation, None, record))), waiting)
    }

    /// A known account, which should be usable or not. Where nothing differs, nothing is copied.
    pub(crate) fn linked(&self, link: &Link, mapped: &Mapped, active: bool) -> Verdict {
        let last = &link.record;
        let mut references = mapped.references.clone();
        let waiting = self.resolve(&mut references, |name| matches!(last.references.get(name), Some(Some(_))));
        let diff = difference(&last.attributes, Some(&last.references), &mapped.attributes, &references, self.can);
        let (action, situation) = match (last.active, active) {
            (true, false) if !self.can.disable => {
                let message = "the target cannot disable accounts; use leaver.action = \"delete\" or another target";
                return (rejected("cannot-disable", message), waiting);
            }
            (true, false) => (Action::Disable, Situation::Left),
            (false, true) => (Action::Enable, Situation::Returned),
            _ if diff.is_empty() => return (Concern::Unchanged, waiting),
            _ => (Action::Update, Situation::Differs),
        };
        // What the mapping leaves alone stays as it was delivered.
        let mut after = Record { active, ..last.clone() };
        after.attributes.extend(mapped.attributes.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
        after.references.extend(references);
        let mut change = self.change(action, situation, Some(&link.target_id), after);
        change.diff = diff;
        (Concern::Planned(Box::new(change)), waiting)
    }

    /// An account found by correlation: it becomes this person's, and what differs is written in the same change.
    /// With `adopt_only` nothing is written; what the target holds counts as delivered, so that a later run sees what
    /// differs.
    pub(crate) fn found(&self, held: &Held, mut record: Record, adopt_only: bool) -> Verdict {
        let holds = |name: &str| held.attributes.get(name).is_some_and(|now| !blank(now));
        let wished = if adopt_only { record.references.clone() } else { References::new() };
        let waiting = self.resolve(&mut record.references, holds);
        let active = held.active.unwrap_or(record.active);
        let mut before = BTreeMap::new();
        for (name, value) in &record.attributes {
            if let Some(now) = held.attributes.get(name) {
                before.insert(Arc::clone(name), if alike(now, value) { value.clone() } else { now.clone() });
            } else if value.is_null() {
                before.insert(Arc::clone(name), Value::Null);
            }
        }
        let mut references = BTreeMap::new();
        for (name, reference) in &record.references {
            let now = held.attributes.get(name).filter(|now| !blank(now));
            match (now, reference) {
                (None, None) => {
                    references.insert(Arc::clone(name), None);
                }
                (Some(now), Some(reference)) if alike(now, &written(reference, self.can)) => {
                    references.insert(Arc::clone(name), Some(reference.clone()));
                }
                _ => {}
            }
        }
        if adopt_only {
            // Whose account a reference means is not known while nobody is linked: the id that stands there tells the
            // next full run.
            for (name, reference) in wished {
                let now = held.attributes.get(&name).filter(|now| !blank(now) && self.can.references_by_id);
                if let (Some(reference), Some(now)) = (reference, now) {
                    let there = Reference { target_id: Some(now.to_plain().into()), ..reference };
                    references.entry(name).or_insert(Some(there));
                }
            }
            let after = Record { key: self.key.clone(), active, attributes: before, references };
            let change = self.change(Action::Adopt, Situation::Found, Some(&held.target_id), after);
            // Nothing is to be filled in later either: the next full run sees that a reference is not there.
            return (Concern::Planned(Box::new(change)), Vec::new());
        }
        let diff = difference(&before, Some(&references), &record.attributes, &record.references, self.can);
        let action = match (active, record.active) {
            (true, false) if self.can.disable => Action::Disable,
            (true, false) => {
                return (rejected("cannot-disable", "the target cannot disable accounts"), waiting);
            }
            (false, true) => Action::Enable,
            _ if diff.is_empty() => Action::Adopt,
            _ => Action::Update,
        };
        let mut change = self.change(action, Situation::Found, Some(&held.target_id), record);
        change.diff = diff;
        (Concern::Planned(Box::new(change)), waiting)
    }

    /// A known account that should not be usable, its attributes left as they were delivered: for people without a
    /// valid record.
    pub(crate) fn disable(&self, link: &Link, situation: Situation) -> Option<Concern> {
        if !link.record.active {
            return None;
        }
        if !self.can.disable {
            return Some(rejected("cannot-disable", "the target cannot disable accounts"));
        }
        let after = Record { active: false, ..link.record.clone() };
        Some(Concern::Planned(Box::new(self.change(Action::Disable, situation, Some(&link.target_id), after))))
    }

    /// A known account that should not be there; where the target cannot delete, it is disabled.
    pub(crate) fn delete(&self, link: &Link, situation: Situation) -> Concern {
        if self.can.delete {
            let change = self.change(Action::Delete, situation, Some(&link.target_id), link.record.clone());
            return Concern::Planned(Box::new(change));
        }
        self.disable(link, situation).unwrap_or(Concern::Unchanged)
    }

    /// A known account of somebody who is no longer in the source.
    pub(crate) fn gone(&self, link: &Link, policy: GonePolicy) -> Concern {
        match policy {
            GonePolicy::Hold | GonePolicy::Disable if self.lost => Concern::Unchanged,
            GonePolicy::Hold | GonePolicy::Disable => self.disable(link, Situation::Gone).unwrap_or(Concern::Unchanged),
            GonePolicy::Delete => self.delete(link, Situation::Gone),
        }
    }

    /// Fills in the accounts that references mean, as far as they are known; gives what waits. `holds` says where the
    /// account has somebody already, whom `missing = "keep"` keeps.
    fn resolve(&self, references: &mut References, holds: impl Fn(&str) -> bool) -> Vec<Waiting> {
        if !self.can.references_by_id {
            return Vec::new();
        }
        let mut waiting = Vec::new();
        let mut left_alone = Vec::new();
        for (name, reference) in &mut *references {
            let Some(wanted) = reference else { continue };
            wanted.target_id = (self.account)(&wanted.alias);
            if wanted.target_id.is_some() {
                continue;
            }
            let rule = self.mapping.missing(name);
            if rule != MissingReference::Keep || !holds(name) {
                waiting.push(Waiting { attribute: Arc::clone(name), alias: Arc::clone(&wanted.alias) });
            }
            if rule == MissingReference::Clear {
                *reference = None;
            } else {
                left_alone.push(Arc::clone(name));
            }
        }
        for name in left_alone {
            references.remove(&name);
        }
        waiting
    }
}

/// What a reference is in the target.
fn written(reference: &Reference, can: &Can) -> Value {
    match &reference.target_id {
        Some(id) => Value::Text(Arc::clone(id)),
        None if can.references_by_id => Value::Null,
        None => Value::Text(Arc::clone(&reference.alias)),
    }
}

/// The attribute of a reference as a difference shows it.
pub(crate) fn shown(reference: Option<&Reference>) -> Value {
    reference.map_or(Value::Null, |to| Value::Text(to.target_id.clone().unwrap_or_else(|| Arc::clone(&to.alias))))
}

/// What of `attributes` and `references` is not what was known before. Both maps are walked side by side: as a rule
/// they have the same names.
fn difference(
    before: &BTreeMap<Arc<str>, Value>,
    known: Option<&References>,
    attributes: &BTreeMap<Arc<str>, Value>,
    references: &References,
    can: &Can,
) -> Vec<AttributeDiff> {
    let mut diff = Vec::new();
    let mut older = before.iter().peekable();
    for (name, value) in attributes {
        while older.peek().is_some_and(|(older, _)| **older < *name) {
            older.next();
        }
        let held = older.next_if(|(older, _)| **older == *name).map(|(_, held)| held);
        if held != Some(value) {
            diff.push(AttributeDiff { name: Arc::clone(name), before: held.cloned(), after: value.clone() });
        }
    }
    for (name, reference) in references {
        let known = known.and_then(|known| known.get(name));
        let same = match (known, reference) {
            (Some(None), None) => true,
            (Some(Some(known)), Some(now)) if can.references_by_id => known.target_id == now.target_id,
            (Some(Some(known)), Some(now)) => known.alias == now.alias,
            _ => false,
        };
        if !same {
            diff.push(AttributeDiff {
                name: Arc::clone(name),
                before: known.map(|known| shown(known.as_ref())),
                after: shown(reference.as_ref()),
            });
        }
    }
    diff
}

pub(crate) fn blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.trim().is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

/// Does the target hold this value, in whatever kind it gives it back? Empty is null; texts are compared without blanks
/// at the ends, numbers and truth values as numbers and truth values.
pub(crate) fn alike(held: &Value, value: &Value) -> bool {
    if held == value || (blank(held) && blank(value)) {
        return true;
    }
    if held.compare(value).is_some_and(std::cmp::Ordering::is_eq) {
        return true;
    }
    let (a, b) = (held.to_plain(), value.to_plain());
    let (a, b) = (a.trim(), b.trim());
    if a == b {
        return true;
    }
    if let (Ok(a), Ok(b)) = (a.parse::<jiff::Timestamp>(), b.parse::<jiff::Timestamp>()) {
        return a == b;
    }
    let truth = |text: &str| match text {
        "true" | "1" | "t" => Some(true),
        "false" | "0" | "f" => Some(false),
        _ => None,
    };
    let is_truth = matches!(held, Value::Bool(_)) || matches!(value, Value::Bool(_));
    is_truth && truth(a).is_some() && truth(a) == truth(b)
}

/// What a look-up says, in the words of the comparison; a second person may not take what somebody has.
pub(crate) enum Lookup<'a> {
    None,
    One(&'a Held),
    /// Several accounts, or one that belongs to somebody else.
    Ambiguous(String),
}

impl<'a> Lookup<'a> {
    pub(crate) fn of(found: &'a Found, owner: impl Fn(&str) -> bool) -> Self {
        match found {
            Found::None => Self::None,
            Found::One(held) if owner(&held.target_id) => Self::Ambiguous(
                "the account found belongs to another person already; correct the correlating attribute in the source"
                    .to_owned(),
            ),
            Found::One(held) => Self::One(held),
            Found::Many(ids) => Self::Ambiguous(format!(
                "{} accounts fit; leave one of them, or correlate by an attribute that only one has",
                ids.len()
            )),
        }
    }
}
