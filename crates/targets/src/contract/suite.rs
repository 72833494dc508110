//! The suite that every target passes.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use joinery_model::{
    Action, AttributeDiff, Change, ChangeId, Correlation, Found, Held, Key, Outcome, Record, Reference, RunId,
    Situation, Tally, Target, Value,
};

/// Which attributes of the target the suite may use; all hold text and are listed in the target's settings.
#[derive(Clone, Debug)]
pub struct Names {
    /// Holds the person's key and can be searched: `employee_id`, `userName`.
    pub key: Arc<str>,
    /// Text that can be searched: `last_name`, `name.familyName`.
    pub text: Arc<str>,
    /// Other text, may be empty: `title`, `nickName`.
    pub other: Arc<str>,
    /// More attributes, may be empty, tried for clearing and for odd text: `emails[type eq "work"].value`.
    pub more: Vec<Arc<str>>,
    /// A reference to another person: `manager`, `urn:…:User:manager.value`.
    pub reference: Arc<str>,
    /// Part of every key and text, so that the suite can run twice on the same place.
    pub salt: String,
}

/// Runs every case on handles that `make` gives.
pub async fn every<T: Target, F: Fn() -> Fut, Fut: Future<Output = T>>(names: &Names, make: F) {
    let suite = Suite { names };
    suite.a_created_account_is_found_by_id_and_by_attribute(&make().await, &make().await).await;
    suite.an_update_writes_what_it_says_keeps_the_rest_and_clears_null(&make().await).await;
    suite.disable_enable_delete(&make().await).await;
    suite.adopting_writes_nothing(&make().await).await;
    suite.a_reference_is_filled_later(&make().await).await;
    suite.applying_twice_leaves_what_once_left(&make().await).await;
    suite.a_creation_whose_answer_was_lost_makes_one_account(&make().await, &make().await).await;
    suite.looking_up_none_one_many(&make().await).await;
    suite.a_listing_shows_everybody_once(&make().await).await;
    suite.outcomes_come_in_order(&make().await).await;
    suite.odd_text_arrives_as_it_is(&make().await).await;
    suite.closing_twice_is_closing_once(&make().await).await;
}

/// A change as the engine would plan it: for the suite and for tests of a target's own.
pub fn change(action: Action, record: Record, target_id: Option<Arc<str>>) -> Change {
    Change {
        id: ChangeId(1),
        person: record.key.clone(),
        target: "target".into(),
        action,
        situation: Situation::Differs,
        target_id,
        after: record,
        diff: Vec::new(),
        attempts: 0,
    }
}

/// The same change with the difference to what was delivered before.
pub fn differing(mut change: Change, before: &Record) -> Change {
    let after = &change.after.attributes;
    let changed = after.iter().filter(|(name, value)| before.attributes.get(*name) != Some(value));
    change.diff = changed
        .map(|(name, value)| AttributeDiff {
            name: name.clone(),
            before: before.attributes.get(name).cloned(),
            after: value.clone(),
        })
        .collect();
    for (name, reference) in &change.after.references {
        if before.references.get(name) != Some(reference) {
            let id = reference.as_ref().and_then(|to| to.target_id.clone().or_else(|| Some(to.alias.clone())));
            change.diff.push(AttributeDiff {
                name: name.clone(),
                before: None,
                after: id.map_or(Value::Null, Value::Text),
            });
        }
    }
    change
}

struct Suite<'a> {
    names: &'a Names,
}

impl Suite<'_> {
    fn record(&self, who: &str, text: &str) -> Record {
        let key = format!("{}-{who}", self.names.salt);
        let mut attributes = BTreeMap::new();
        attributes.insert(self.names.key.clone(), Value::text(key.as_str()));
        attributes.insert(self.names.text.clone(), Value::text(format!("{text} {}", self.names.salt)));
        attributes.insert(self.names.other.clone(), "first".into());
        Record { key: Key::new(key), active: true, attributes, references: BTreeMap::new() }
    }

    async fn held<T: Target>(&self, target: &T, id: &Arc<str>) -> Held {
        let wanted = Correlation { person: "".into(), target_id: Some(id.clone()), by: Vec::new() };
        match one(target.find(&[wanted]).await.expect("find works")) {
            Found::One(held) => held,
            other => panic!("one account with that id, not {other:?}"),
        }
    }

    async fn create<T: Target>(&self, target: &T, record: &Record) -> Arc<str> {
        applied(target, change(Action::Create, record.clone(), None)).await
    }

    async fn a_created_account_is_found_by_id_and_by_attribute<T: Target>(&self, target: &T, another: &T) {
        let record = self.record("created", "Created");
        let id = self.create(target, &record).await;
        let held = self.held(another, &id).await;
        assert_eq!(held.target_id, id);
        assert!(held.active != Some(false), "a created account is usable");
        for name in [&self.names.key, &self.names.text, &self.names.other] {
            assert_eq!(plain(&held, name), record.attributes[name].to_plain(), "{name}");
        }
        let found = one(another.find(&[by(&record, &self.names.key)]).await.expect("find works"));
        assert!(matches!(found, Found::One(held) if held.target_id == id), "found by {}", self.names.key);
    }

    async fn an_update_writes_what_it_says_keeps_the_rest_and_clears_null<T: Target>(&self, target: &T) {
        let mut before = self.record("updated", "Before");
        for name in &self.names.more {
            before.attributes.insert(name.clone(), Value::text(format!("more.{}@example.org", self.names.salt)));
        }
        let id = self.create(target, &before).await;
        let mut after = before.clone();
        after.attributes.insert(self.names.text.clone(), "After".into());
        after.attributes.remove(&self.names.other);
        for name in &self.names.more {
            after.attributes.insert(name.clone(), Value::Null);
        }
        let update = differing(change(Action::Update, after.clone(), Some(id.clone())), &before);
        assert_eq!(applied(target, update).await, id);
        let held = self.held(target, &id).await;
        assert_eq!(plain(&held, &self.names.text), "After");
        assert_eq!(plain(&held, &self.names.other), "first", "what is missing is kept");
        for name in &self.names.more {
            assert_eq!(plain(&held, name), "", "null clears {name}");
        }
        let mut cleared = after.clone();
        cleared.attributes.insert(self.names.other.clone(), Value::Null);
        for name in &self.names.more {
            cleared.attributes.insert(name.clone(), Value::text(format!("new.{}@example.org", self.names.salt)));
        }
        let update = differing(change(Action::Update, cleared, Some(id.clone())), &after);
        applied(target, update).await;
        let held = self.held(target, &id).await;
        assert_eq!(plain(&held, &self.names.other), "", "null clears");
        for name in &self.names.more {
            assert_eq!(plain(&held, name), format!("new.{}@example.org", self.names.salt), "{name} is made again");
        }
    }

    async fn disable_enable_delete<T: Target>(&self, target: &T) {
        let can = target.can();
        let record = self.record("leaver", "Leaver");
        let id = self.create(target, &record).await;
        if can.disable {
            for (action, active) in [(Action::Disable, false), (Action::Disable, false), (Action::Enable, true)] {
                let after = Record { active, ..record.clone() };
                applied(target, change(action, after, Some(id.clone()))).await;
                let held = self.held(target, &id).await;
                assert_eq!(held.active, Some(active), "{action:?}");
                assert_eq!(plain(&held, &self.names.text), record.attributes[&self.names.text].to_plain());
            }
        }
        if can.delete {
            for _ in 0..2 {
                applied(target, change(Action::Delete, record.clone(), Some(id.clone()))).await;
                let wanted = Correlation { person: record.key.clone(), target_id: Some(id.clone()), by: Vec::new() };
                assert_eq!(one(target.find(&[wanted]).await.expect("find works")), Found::None);
            }
            if can.disable {
                let after = Record { active: false, ..record.clone() };
                applied(target, change(Action::Disable, after, Some(id))).await;
                let found = one(target.find(&[by(&record, &self.names.key)]).await.expect("find works"));
                assert_eq!(found, Found::None, "disabling somebody who is not there makes nobody");
            }
        }
    }

    async fn adopting_writes_nothing<T: Target>(&self, target: &T) {
        let record = self.record("adopted", "Adopted");
        let id = self.create(target, &record).await;
        let mut other = record.clone();
        other.attributes.insert(self.names.text.clone(), "Changed".into());
        assert_eq!(applied(target, change(Action::Adopt, other, Some(id.clone()))).await, id);
        let held = self.held(target, &id).await;
        assert_eq!(plain(&held, &self.names.text), record.attributes[&self.names.text].to_plain());
    }

    async fn a_reference_is_filled_later<T: Target>(&self, target: &T) {
        let name = &self.names.reference;
        let boss = self.record("boss", "Boss");
        let alias: Arc<str> = format!("user-{}", boss.key).into();
        let mut worker = self.record("worker", "Worker");
        worker.references.insert(name.clone(), Some(Reference { alias: alias.clone(), target_id: None }));
        let id = self.create(target, &worker).await;
        if target.can().references_by_id {
            assert_eq!(
                plain(&self.held(target, &id).await, name),
                "",
                "nothing stands for an account that is not there"
            );
        }
        let boss_id = self.create(target, &boss).await;
        let mut filled = worker.clone();
        let to_boss = Reference { alias, target_id: Some(boss_id.clone()) };
        filled.references.insert(name.clone(), Some(to_boss.clone()));
        let fill = differing(change(Action::BackFill, filled.clone(), Some(id.clone())), &worker);
        applied(target, fill).await;
        let wanted = if target.can().references_by_id { boss_id } else { to_boss.alias };
        assert_eq!(plain(&self.held(target, &id).await, name), *wanted);
        let mut without = filled.clone();
        without.references.insert(name.clone(), None);
        let update = differing(change(Action::Update, without, Some(id.clone())), &filled);
        applied(target, update).await;
        assert_eq!(plain(&self.held(target, &id).await, name), "", "a reference is cleared");
    }

    async fn applying_twice_leaves_what_once_left<T: Target>(&self, target: &T) {
        let before = self.record("twice", "Once");
        let id = self.create(target, &before).await;
        let mut after = before.clone();
        after.attributes.insert(self.names.text.clone(), "Twice".into());
        for name in &self.names.more {
            after.attributes.insert(name.clone(), "twice@example.org".into());
        }
        let mut update = differing(change(Action::Update, after, Some(id.clone())), &before);
        applied(target, update.clone()).await;
        let once = self.held(target, &id).await;
        update.attempts = 1;
        applied(target, update).await;
        assert_eq!(self.held(target, &id).await, once);
    }

    async fn a_creation_whose_answer_was_lost_makes_one_account<T: Target>(&self, target: &T, restarted: &T) {
        let record = self.record("lost", "Lost");
        let id = self.create(target, &record).await;
        let mut again = change(Action::Create, record.clone(), None);
        again.attempts = 1;
        assert_eq!(applied(restarted, again).await, id, "the account that is there is taken");
        let found = one(target.find(&[by(&record, &self.names.key)]).await.expect("find works"));
        assert!(matches!(found, Found::One(held) if held.target_id == id), "exactly one account");
    }

    async fn looking_up_none_one_many<T: Target>(&self, target: &T) {
        if !target.can().find {
            return;
        }
        let (first, second) = (self.record("many1", "Many"), self.record("many2", "Many"));
        let ids = [self.create(target, &first).await, self.create(target, &second).await];
        let nobody = self.record("nobody", "Nobody \"quoted\" \\");
        let mut later = by(&nobody, &self.names.key);
        later.by.push((self.names.text.clone(), first.attributes[&self.names.text].clone()));
        let wanted = [
            by(&nobody, &self.names.key),
            by(&nobody, &self.names.text),
            by(&second, &self.names.key),
            Correlation { person: nobody.key.clone(), ..by(&first, &self.names.text) },
            later,
        ];
        let found = target.find(&wanted).await.expect("find works");
        assert_eq!(found.len(), wanted.len());
        assert_eq!((&found[0], &found[1]), (&Found::None, &Found::None));
        assert!(matches!(&found[2], Found::One(held) if held.target_id == ids[1]));
        for many in &found[3..] {
            let Found::Many(found) = many else { panic!("two accounts fit, not {many:?}") };
            assert_eq!(found.len(), 2);
            assert!(ids.iter().all(|id| found.contains(id)));
        }
    }

    async fn a_listing_shows_everybody_once<T: Target>(&self, target: &T) {
        if !target.can().list {
            return;
        }
        let people: Vec<Record> = (0..7).map(|number| self.record(&format!("listed{number}"), "Listed")).collect();
        let mut ids = Vec::new();
        for record in &people {
            ids.push(self.create(target, record).await);
        }
        let mut seen: BTreeMap<Arc<str>, u32> = BTreeMap::new();
        let mut place = None;
        loop {
            let page = target.list(place.as_ref()).await.expect("list works");
            for held in page.held {
                *seen.entry(held.target_id).or_default() += 1;
            }
            place = page.next;
            if place.is_none() {
                break;
            }
        }
        assert!(ids.iter().all(|id| seen.get(id) == Some(&1)), "everybody is listed exactly once");
    }

    async fn outcomes_come_in_order<T: Target>(&self, target: &T) {
        let there = self.record("order0", "Order");
        let id = self.create(target, &there).await;
        let mut changes = vec![change(Action::Adopt, there.clone(), Some(id.clone()))];
        for number in 1..=5 {
            changes.push(change(Action::Create, self.record(&format!("order{number}"), "Order"), None));
        }
        changes.insert(3, change(Action::Delete, there, Some(id.clone())));
        for batch in changes.chunks(target.can().batch.max(1)) {
            let outcomes = target.apply(RunId(1), batch).await.expect("apply works");
            assert_eq!(outcomes.len(), batch.len());
            for (change, outcome) in batch.iter().zip(outcomes) {
                let got = done(outcome);
                if change.action == Action::Create {
                    let held = self.held(target, &got).await;
                    assert_eq!(plain(&held, &self.names.key), change.person.as_str(), "its own outcome");
                } else {
                    assert_eq!(got, id);
                }
            }
        }
    }

    async fn odd_text_arrives_as_it_is<T: Target>(&self, target: &T) {
        let odd = [
            "O'Hara \"Bobby\"; DROP TABLE people; --",
            "=HYPERLINK(\"http://x\")",
            "+49 30 1234",
            "@SUM(A1)",
            "Zoë Müller-Łukasiewicz 山田太郎 🦀 عمر",
            "back\\slash, comma; semicolon\ttab",
            "two\r\nlines",
            "%41 %% _ ${x} {{y}} null",
        ];
        for (number, text) in odd.iter().enumerate() {
            let mut record = self.record(&format!("odd{number}"), "Odd");
            record.attributes.insert(self.names.text.clone(), (*text).into());
            let id = self.create(target, &record).await;
            assert_eq!(plain(&self.held(target, &id).await, &self.names.text), *text);
            if target.can().find {
                let found = one(target.find(&[by(&record, &self.names.text)]).await.expect("find works"));
                let here = match found {
                    Found::One(held) => held.target_id == id,
                    Found::Many(ids) => ids.contains(&id),
                    Found::None => false,
                };
                assert!(here, "case {number} of odd text is found again");
            }
        }
    }

    async fn closing_twice_is_closing_once<T: Target>(&self, target: &T) {
        let record = self.record("closed", "Closed");
        let id = self.create(target, &record).await;
        let tally = Tally { done: BTreeMap::from([("create".to_owned(), 1)]), complete: true, full: true };
        for _ in 0..2 {
            target.close(RunId(1), &tally).await.expect("close works");
        }
        assert_eq!(plain(&self.held(target, &id).await, &self.names.key), record.key.as_str());
    }
}

fn by(record: &Record, attribute: &Arc<str>) -> Correlation {
    let value = record.attributes.get(attribute).cloned().unwrap_or_default();
    Correlation { person: record.key.clone(), target_id: None, by: vec![(attribute.clone(), value)] }
}

fn one<I>(mut items: Vec<I>) -> I {
    assert_eq!(items.len(), 1, "one answer for one question");
    items.remove(0)
}

fn plain(held: &Held, attribute: &str) -> String {
    held.attributes.get(attribute).map(Value::to_plain).unwrap_or_default()
}

fn done(outcome: Outcome) -> Arc<str> {
    match outcome {
        Outcome::Done { target_id, .. } => target_id,
        other => panic!("delivered, not {other:?}"),
    }
}

async fn applied<T: Target>(target: &T, change: Change) -> Arc<str> {
    done(one(target.apply(RunId(1), &[change]).await.expect("apply works")))
}
