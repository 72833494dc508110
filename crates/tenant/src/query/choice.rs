//! What is known of picklist options without asking for them row by row.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::need::Need;
use super::plan::{Draft, joined, member};
use crate::catalogue::EntitySet;
use crate::picklists::is_label;
use crate::row::{Choice, Member, What};

/// What a picklist says of an option beside its labels.
const SAID: [&str; 2] = ["externalCode", "id"];

/// The entity sets of options.
const OPTIONS: [&str; 2] = ["PicklistOption", "PickListValueV2"];

impl Draft<'_> {
    /// The option that the navigation `name` leads to, when the picklist alone says everything that is read of it: its
    /// labels, or anything where the tenant has no such navigation.
    pub(super) fn choice(&self, set: &EntitySet, name: &str, need: &Need) -> Option<Choice> {
        let property = name.strip_suffix("Nav")?;
        let (property, described) = set.properties.get_key_value(property)?;
        let picklist = described.picklist.as_deref().filter(|name| !name.is_empty())?;
        if self.refused.contains(&(set.name.clone(), property.clone())) || need.whole || need.behind.is_empty() {
            return None;
        }
        let navigates = set.navigations.contains_key(name);
        let known = |name: &str| is_label(name) || (!navigates && SAID.contains(&name));
        let all = need.behind.iter().all(|(name, below)| known(name) && below.behind.is_empty());
        all.then(|| Choice {
            property: property.clone(),
            picklist: picklist.into(),
            members: need.behind.keys().cloned().collect(),
        })
    }

    /// Reads the property beside the option instead of the navigation.
    #[expect(clippy::too_many_arguments, reason = "one caller; what it passes is its own state")]
    pub(super) fn chosen(
        &mut self,
        set: &EntitySet,
        name: &Arc<str>,
        need: &Need,
        choice: Choice,
        path: &str,
        members: &mut BTreeMap<Arc<str>, Member>,
        all: bool,
    ) {
        let property = &choice.property;
        if !members.contains_key(property) {
            if !all {
                self.select(joined(path, property));
            }
            if let Some(described) = set.properties.get(property) {
                members.insert(property.clone(), member(property, false, What::Property(described.kind)));
            }
        }
        self.plan.picklists.insert(choice.picklist.clone());
        members.insert(name.clone(), member(name, need.wanted, What::Option(Arc::new(choice))));
    }

    /// Takes the labels out of what is read of an option that is expanded for something else, and reads what tells the
    /// option along.
    pub(super) fn labels(&mut self, set: &EntitySet, name: &str, target: &EntitySet, need: &mut Need) -> Vec<Member> {
        let described = name.strip_suffix("Nav").and_then(|property| set.properties.get(property));
        let Some(picklist) =
            described.and_then(|property| property.picklist.as_deref()).filter(|name| !name.is_empty())
        else {
            return Vec::new();
        };
        if !OPTIONS.contains(&&*target.name) {
            return Vec::new();
        }
        let is_ours = |name: &Arc<str>| is_label(name) && !target.properties.contains_key(name);
        let names: Vec<Arc<str>> = need.behind.keys().filter(|name| is_ours(name)).cloned().collect();
        if names.is_empty() {
            return Vec::new();
        }
        let picklist: Arc<str> = picklist.into();
        self.plan.picklists.insert(picklist.clone());
        if let Some(tells) = SAID.iter().rev().find(|name| target.properties.contains_key(**name)) {
            need.behind.entry((*tells).into()).or_default();
        }
        let label = |name: Arc<str>| {
            let wanted = need.behind.remove(&name).is_some_and(|need| need.wanted);
            member(&name, wanted, What::Label(picklist.clone()))
        };
        names.into_iter().map(label).collect()
    }
}
