//! Delivering changes: users first, then accounts, e-mails, phones, each in as few requests as they take.

use std::collections::{BTreeMap, BTreeSet};

use joinery_model::{Action, Change, Failure, Outcome, Value};

use super::WriteBack;
use super::attribute::{Attribute, ContactSet};
use super::contact::{Wish, after, rows};
use crate::{RowOutcome, UpsertOptions, WriteRow};

/// A row, and which change it belongs to.
type Owned = (usize, WriteRow);

impl WriteBack {
    /// One outcome for each change, in order.
    pub(super) async fn write(&self, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes: Vec<Option<Outcome>> = changes.iter().map(early).collect();
        let open: Vec<usize> = (0..changes.len()).filter(|at| outcomes[*at].is_none()).collect();
        let mut batches: Vec<Vec<Owned>> = vec![self.user_rows(changes, &open)];
        batches.push(self.account_rows(changes, &open).await?);
        for set in [ContactSet::Email, ContactSet::Phone] {
            if self.wants(set) {
                batches.push(self.contact_rows(set, changes, &open, &mut outcomes).await?);
            }
        }
        for batch in batches {
            // Whoever was refused is left alone from there on.
            let batch: Vec<Owned> = batch.into_iter().filter(|(at, _)| outcomes[*at].is_none()).collect();
            if batch.is_empty() {
                continue;
            }
            let (owners, rows): (Vec<usize>, Vec<WriteRow>) = batch.into_iter().unzip();
            let options = UpsertOptions { process_inactive: true, ..UpsertOptions::default() };
            for (at, outcome) in owners.into_iter().zip(self.writer.upsert(&rows, options).await?) {
                outcomes[at] = worse(outcomes[at].take(), outcome);
            }
        }
        Ok(outcomes.into_iter().zip(changes).map(|(outcome, change)| outcome.unwrap_or_else(|| done(change))).collect())
    }

    /// What of a change is to be written: what differs, or all of it.
    fn values<'c>(&self, change: &'c Change) -> Vec<(&Attribute, &'c Value)> {
        let known = |name: &str| self.attributes.get(name);
        let differs: BTreeSet<&str> = change.diff.iter().map(|diff| &*diff.name).collect();
        let all = change.after.attributes.iter();
        let wanted = all.filter(|(name, _)| differs.is_empty() || differs.contains(&***name));
        wanted.filter_map(|(name, value)| Some((known(name)?, value))).collect()
    }

    fn user_rows(&self, changes: &[Change], open: &[usize]) -> Vec<Owned> {
        let mut rows = Vec::new();
        for &at in open {
            let Some(id) = changes[at].target_id.as_deref() else { continue };
            let mut row = WriteRow::user(id);
            let mut any = false;
            for (attribute, value) in self.values(&changes[at]) {
                if let Attribute::User(property) = attribute {
                    row = row.put(property, value);
                    any = true;
                }
            }
            if any {
                rows.push((at, row));
            }
        }
        rows
    }

    async fn account_rows(&self, changes: &[Change], open: &[usize]) -> Result<Vec<Owned>, Failure> {
        let mut wanted: BTreeMap<usize, (&str, &Value)> = BTreeMap::new();
        for &at in open {
            let method = self.values(&changes[at]).into_iter().find(|(one, _)| **one == Attribute::LoginMethod);
            if let (Some((_, method)), Some(id)) = (method, changes[at].target_id.as_deref()) {
                wanted.insert(at, (id, method));
            }
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let ids = wanted.values().map(|(id, _)| (*id).to_owned()).collect();
        let names = self.names_of(&ids).await?;
        let rows = wanted.into_iter().filter_map(|(at, (id, method))| {
            // A name that this change gives is in force by then.
            let given = changes[at].after.attributes.get("username").and_then(Value::as_text);
            let name = given.or_else(|| names.get(id).map(String::as_str))?;
            let row = WriteRow::new("UserAccount").key("username", &Value::text(name)).put("loginMethod", method);
            Some((at, row))
        });
        Ok(rows.collect())
    }

    async fn contact_rows(
        &self,
        set: ContactSet,
        changes: &[Change],
        open: &[usize],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<Vec<Owned>, Failure> {
        let options = self.options().await?;
        let mut wishes: BTreeMap<usize, (String, Wish)> = BTreeMap::new();
        for &at in open {
            let mut wish = Wish::default();
            for (attribute, value) in self.values(&changes[at]) {
                let text = value.as_text().filter(|text| !text.is_empty()).map(str::to_owned);
                match attribute {
                    Attribute::Contact { set: of, kind, part } if *of == set => {
                        wish.parts.insert((options.id(set, kind).to_owned(), *part), text);
                    }
                    Attribute::Primary(of) if *of == set => {
                        wish.primary = text.map(|kind| options.id(set, &kind).to_owned());
                    }
                    _ => {}
                }
            }
            if wish == Wish::default() {
                continue;
            }
            match self.person_of(&changes[at]) {
                Some(person) => {
                    wishes.insert(at, (person, wish));
                }
                None => {
                    outcomes[at] = Some(Outcome::Refused(
                        "person_id: is empty, so nobody's e-mails or phones are meant".to_owned(),
                    ));
                }
            }
        }
        let persons: BTreeSet<String> = wishes.values().map(|(person, _)| person.clone()).collect();
        let now = self.contacts(set, &persons).await?;
        let mut all = Vec::new();
        for (at, (person, wish)) in wishes {
            let now = now.get(&person).cloned().unwrap_or_default();
            let then = after(&now, &wish);
            all.extend(rows(set, &person, &now, &then).into_iter().map(|row| (at, row)));
        }
        Ok(all)
    }

    fn person_of(&self, change: &Change) -> Option<String> {
        let name = self.attributes.iter().find(|(_, one)| **one == Attribute::PersonId).map(|(name, _)| name)?;
        change.after.attributes.get(name)?.as_text().filter(|id| !id.is_empty()).map(str::to_owned)
    }
}

/// What can be said without asking.
fn early(change: &Change) -> Option<Outcome> {
    match change.action {
        Action::Create => Some(Outcome::Refused(
            "write-back makes nobody: no user was found by `correlate`; hires come from HR".to_owned(),
        )),
        Action::Delete => Some(Outcome::Refused("the tenant deletes no users".to_owned())),
        // Who may log in is HR's to say; the tenant has already said it.
        Action::Disable | Action::Adopt => Some(done(change)),
        Action::Update | Action::Enable | Action::BackFill if change.target_id.is_none() => {
            Some(Outcome::Refused("the userId is not known".to_owned()))
        }
        Action::Update | Action::Enable | Action::BackFill => None,
    }
}

fn done(change: &Change) -> Outcome {
    let target_id = change.target_id.clone().unwrap_or_else(|| change.person.to_string().into());
    Outcome::Done { target_id, echo: None }
}

/// The worst of a change's rows: refused, then again; nothing when all are written.
fn worse(known: Option<Outcome>, row: RowOutcome) -> Option<Outcome> {
    match (known, row) {
        (Some(Outcome::Refused(why)), _) => Some(Outcome::Refused(why)),
        (_, RowOutcome::Refused(refusal)) => Some(Outcome::Refused(refusal.message)),
        (Some(again @ Outcome::Again(..)), _) => Some(again),
        (_, RowOutcome::Again(wait, why)) => Some(Outcome::Again(wait, why)),
        // What is written twice is written once here: it is tried again.
        (_, RowOutcome::Unknown(why)) => Some(Outcome::Again(None, why)),
        (known, RowOutcome::Written(_)) => known,
    }
}
