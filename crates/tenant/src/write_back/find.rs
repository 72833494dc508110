//! Looking people up in the tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{Correlation, Failure, Found, Held, Value};

use super::WriteBack;
use super::attribute::{Attribute, ContactSet};
use super::contact::{Contact, Contacts};
use super::rows::{Row, among, text};
use crate::read::status_stated;

/// E-mails or phones by person.
pub(super) type ByPerson = BTreeMap<String, Contacts>;

impl WriteBack {
    /// The answer to each question: by the id that is known, else by the first pair that finds anybody.
    pub(super) async fn look_up(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        let mut by_name: BTreeMap<&Attribute, BTreeSet<String>> = BTreeMap::new();
        for correlation in wanted.iter().filter(|one| one.target_id.is_none()) {
            for (name, value) in &correlation.by {
                if let (Some(attribute), Some(value)) = (self.attributes.get(name), value.as_text()) {
                    by_name.entry(attribute).or_default().insert(value.to_owned());
                }
            }
        }
        let mut ids: BTreeMap<(&Attribute, String), BTreeSet<String>> = BTreeMap::new();
        for (attribute, values) in by_name {
            let (set, property, any_status) = match attribute {
                Attribute::UserId => ("User", "userId", true),
                Attribute::PersonId => ("EmpEmployment", "personIdExternal", false),
                Attribute::User(name) if name == "username" => ("User", "username", true),
                // Nothing else can stand in a filter of User.
                _ => continue,
            };
            let also = any_status.then(status_stated);
            for row in among(self.transport(), set, property, &values, &[property, "userId"], also).await? {
                if let (Some(value), Some(id)) = (text(&row, property), text(&row, "userId")) {
                    ids.entry((attribute, value.to_owned())).or_default().insert(id.to_owned());
                }
            }
        }
        let mut answers: Vec<BTreeSet<String>> = Vec::with_capacity(wanted.len());
        for correlation in wanted {
            let by_id = correlation.target_id.as_ref().map(|id| BTreeSet::from([id.to_string()]));
            let by_pair = || {
                let mut pairs = correlation.by.iter().filter_map(|(name, value)| {
                    ids.get(&(self.attributes.get(name)?, value.as_text()?.to_owned())).cloned()
                });
                pairs.next().unwrap_or_default()
            };
            answers.push(by_id.unwrap_or_else(by_pair));
        }
        let single: BTreeSet<String> =
            answers.iter().filter(|one| one.len() == 1).flat_map(|one| one.iter().cloned()).collect();
        let held = self.held(&single).await?;
        Ok(answers
            .into_iter()
            .map(|ids| match ids.len() {
                0 => Found::None,
                1 => ids.first().and_then(|id| held.get(id)).map_or(Found::None, |held| Found::One(held.clone())),
                _ => Found::Many(ids.into_iter().map(Arc::from).collect()),
            })
            .collect())
    }

    /// Users as the mapping names what they hold.
    async fn held(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Held>, Failure> {
        let mut select = vec!["userId", "username"];
        select.extend(self.attributes.values().filter_map(|one| match one {
            Attribute::User(name) if name != "username" => Some(name.as_str()),
            _ => None,
        }));
        let users = among(self.transport(), "User", "userId", ids, &select, Some(status_stated())).await?;
        let persons = self.persons_of(ids).await?;
        let all: BTreeSet<String> = persons.values().cloned().collect();
        let mut contacts = BTreeMap::new();
        for set in [ContactSet::Email, ContactSet::Phone] {
            if self.wants(set) {
                contacts.insert(set, self.contacts(set, &all).await?);
            }
        }
        let methods = self.login_methods(&users).await?;
        let mut held = BTreeMap::new();
        for user in &users {
            let Some(id) = text(user, "userId") else { continue };
            let person = persons.get(id);
            let mut attributes = BTreeMap::new();
            for (name, attribute) in &self.attributes {
                let value = match attribute {
                    Attribute::UserId => Some(id.to_owned()),
                    Attribute::PersonId => person.cloned(),
                    Attribute::User(property) => text(user, property).map(str::to_owned),
                    Attribute::LoginMethod => text(user, "username").and_then(|name| methods.get(name).cloned()),
                    Attribute::Contact { set, kind, part } => {
                        let of = |person: &String| contacts.get(set)?.get(person);
                        let kind = self.options().await?.id(*set, kind);
                        person.and_then(of).and_then(|all| all.get(kind)?.parts.get(part)).cloned()
                    }
                    Attribute::Primary(set) => {
                        let of = |person: &String| contacts.get(set)?.get(person);
                        let options = self.options().await?;
                        let primary = person.and_then(of).and_then(|all| all.iter().find(|(_, one)| one.primary));
                        primary.map(|(kind, _)| options.code(*set, kind).to_owned())
                    }
                };
                attributes.insert(Arc::clone(name), value.map_or(Value::Null, Value::text));
            }
            let target_id = Arc::from(id);
            held.insert(id.to_owned(), Held { target_id, active: None, attributes });
        }
        Ok(held)
    }

    /// The person of each user.
    async fn persons_of(&self, users: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Failure> {
        if !self.attributes.values().any(|one| *one == Attribute::PersonId) {
            return Ok(BTreeMap::new());
        }
        let select = ["userId", "personIdExternal"];
        let rows = among(self.transport(), "EmpEmployment", "userId", users, &select, None).await?;
        let pair = |row: &Row| Some((text(row, "userId")?.to_owned(), text(row, "personIdExternal")?.to_owned()));
        Ok(rows.iter().filter_map(pair).collect())
    }

    /// E-mails or phones of persons.
    pub(super) async fn contacts(&self, set: ContactSet, persons: &BTreeSet<String>) -> Result<ByPerson, Failure> {
        let mut select = vec!["personIdExternal", set.kind_property(), "isPrimary"];
        select.extend(set.parts().iter().map(|part| set.property(*part)));
        let mut found = ByPerson::new();
        for row in among(self.transport(), set.name(), "personIdExternal", persons, &select, None).await? {
            let (Some(person), Some(kind)) = (text(&row, "personIdExternal"), text(&row, set.kind_property())) else {
                continue;
            };
            let part = |part: &super::ContactPart| Some((*part, text(&row, set.property(*part))?.to_owned()));
            let contact = Contact {
                parts: set.parts().iter().filter_map(part).collect(),
                primary: row.get("isPrimary").and_then(serde_json::Value::as_bool).unwrap_or(false),
            };
            found.entry(person.to_owned()).or_default().insert(kind.to_owned(), contact);
        }
        Ok(found)
    }

    /// Log-in methods by user name.
    async fn login_methods(&self, users: &[Row]) -> Result<BTreeMap<String, String>, Failure> {
        if !self.attributes.values().any(|one| *one == Attribute::LoginMethod) {
            return Ok(BTreeMap::new());
        }
        let names: BTreeSet<String> = users.iter().filter_map(|row| Some(text(row, "username")?.to_owned())).collect();
        let select = ["username", "loginMethod"];
        let rows = among(self.transport(), "UserAccount", "username", &names, &select, None).await?;
        let pair = |row: &Row| Some((text(row, "username")?.to_owned(), text(row, "loginMethod")?.to_owned()));
        Ok(rows.iter().filter_map(pair).collect())
    }

    /// The user names of users.
    pub(super) async fn names_of(&self, users: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Failure> {
        let select = ["userId", "username"];
        let rows = among(self.transport(), "User", "userId", users, &select, Some(status_stated())).await?;
        let pair = |row: &Row| Some((text(row, "userId")?.to_owned(), text(row, "username")?.to_owned()));
        Ok(rows.iter().filter_map(pair).collect())
    }
}
