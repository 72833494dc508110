//! A sync with its run under test: the short way to say what happens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{
    Action, AttributeDiff, Balance, Begin, Begun, Change, ChangeId, ChangeState, Concern, Failure, Fence, HoldBack,
    Journal, Key, PageClosed, PageWork, PersonWork, Place, Record, Reference, RunId, RunKind, Settled, Situation,
    Standing, Stored, Tried, Value, Verdict, Waiting, Watermark,
};

use super::Bench;

/// So many seconds after the tests' beginning of time.
pub fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-21T00:00:00Z".parse().expect("an instant");
    start + SignedDuration::from_secs(seconds)
}

/// A reference that is there.
pub fn reference(alias: &str, target_id: Option<&str>) -> Option<Reference> {
    Some(Reference { alias: alias.into(), target_id: target_id.map(Into::into) })
}

/// A person read, with a valid record and nothing said of any target. Their one alias is `u-KEY`.
pub fn person(key: &str) -> PersonWork {
    PersonWork {
        key: key.into(),
        how: Tried::Read,
        aliases: vec![format!("u-{key}")],
        refs: Vec::new(),
        standing: Some(Standing::active()),
        verdict: Verdict::Mapped,
        targets: Vec::new(),
    }
}

/// A person that is gone from the source.
pub fn gone(key: &str) -> PersonWork {
    PersonWork { how: Tried::Gone, aliases: Vec::new(), standing: None, verdict: Verdict::Gone, ..person(key) }
}

/// A change that gives the attribute `title` this value.
pub fn planned(key: &str, target: &str, action: Action, title: &str) -> Concern {
    let situation = match action {
        Action::Create => Situation::New,
        Action::Disable | Action::Delete => Situation::Left,
        _ => Situation::Differs,
    };
    Concern::Planned(Box::new(Change {
        id: ChangeId(0),
        person: key.into(),
        target: target.into(),
        action,
        situation,
        target_id: None,
        after: Record {
            key: key.into(),
            active: action != Action::Disable,
            attributes: BTreeMap::from([(Arc::from("title"), Value::text(title))]),
            references: BTreeMap::new(),
        },
        diff: vec![AttributeDiff { name: "title".into(), before: None, after: Value::text(title) }],
        attempts: 0,
    }))
}

/// Two people, `a` and `b`, each with a create for target `hr`.
pub fn two_people_planned() -> Vec<PersonWork> {
    ["a", "b"].map(|key| with(person(key), "hr", planned(key, "hr", Action::Create, "one"))).to_vec()
}

/// The person with one more concern.
pub(super) fn with(mut work: PersonWork, target: &str, concern: Concern) -> PersonWork {
    work.targets.push((target.into(), concern, Vec::new()));
    work
}

/// The person whose last concern has a reference that waits.
pub(super) fn waiting(mut work: PersonWork, attribute: &str, alias: &str) -> PersonWork {
    if let Some((_, _, waits)) = work.targets.last_mut() {
        waits.push(Waiting { attribute: attribute.into(), alias: alias.into() });
    }
    work
}

/// A journal with one sync, `people`, and its latest run.
pub struct Scene<J> {
    /// The journal.
    pub journal: J,
    /// The run under test.
    pub run: RunId,
    /// Its fence.
    pub fence: Fence,
    /// Seconds since the beginning of time.
    pub now: i64,
}

impl<J: Journal> Scene<J> {
    /// How a run of this kind is begun: configuration `c1`, holder `tests`, a lease of a minute.
    pub fn ask(&self, kind: RunKind) -> Begin {
        ask(kind, self.now)
    }

    /// A new journal in which a run of this kind has begun.
    pub async fn begun<B: Bench<Journal = J>>(bench: &B, kind: RunKind) -> Self {
        let journal = bench.fresh().await;
        let begun = journal.begin(&ask(kind, 0)).await.expect("a run begins");
        Self { journal, run: begun.run, fence: begun.fence, now: 0 }
    }

    /// A new journal in which a full run has delivered creates of these people to `hr`; account ids are `id-KEY`.
    pub async fn delivered<B: Bench<Journal = J>>(bench: &B, keys: &[&str]) -> Self {
        let scene = Self::begun(bench, RunKind::Full).await;
        let people = keys.iter().map(|key| with(person(key), "hr", planned(key, "hr", Action::Create, "one")));
        scene.last_page(people.collect()).await;
        scene.release(&[]).await;
        scene.deliver("hr").await;
        scene.finish().await;
        scene
    }

    /// Begins another run, an hour later.
    pub async fn next(&mut self, kind: RunKind) -> Begun {
        self.now += 3600;
        self.begin(&self.ask(kind)).await.expect("a run begins")
    }

    /// Begins as asked; the scene's run and fence are then the new ones.
    pub async fn begin(&mut self, begin: &Begin) -> Result<Begun, Failure> {
        let begun = self.journal.begin(begin).await?;
        (self.run, self.fence) = (begun.run, begun.fence.clone());
        Ok(begun)
    }

    /// Opens a run that waits, an hour later.
    pub async fn reopen(&mut self, run: RunId) -> Result<Begun, Failure> {
        self.now += 3600;
        let begun = self.journal.reopen(run, &self.ask(RunKind::Full)).await?;
        (self.run, self.fence) = (begun.run, begun.fence.clone());
        Ok(begun)
    }

    /// The journal's process dies and another opens it.
    pub async fn crash<B: Bench<Journal = J>>(self, bench: &B) -> Self {
        Self { journal: bench.reopen(self.journal).await, ..self }
    }

    /// A page of these people.
    pub fn page_of(&self, people: Vec<PersonWork>, next: Option<&str>) -> PageWork {
        PageWork {
            run: self.run,
            next: next.map(|place| Place(place.to_owned())),
            people,
            touched: Vec::new(),
            repeats: 0,
            requests: 1,
        }
    }

    /// Closes a page that is not the last.
    pub async fn page(&self, people: Vec<PersonWork>, next: &str) -> PageClosed {
        let work = self.page_of(people, Some(next));
        self.journal.close_page(&self.fence, work).await.expect("a page closes")
    }

    /// Closes the last page.
    pub async fn last_page(&self, people: Vec<PersonWork>) -> PageClosed {
        let work = self.page_of(people, None);
        self.journal.close_page(&self.fence, work).await.expect("a page closes")
    }

    /// Releases the run with these parts held back.
    pub async fn release(&self, held: &[HoldBack]) {
        self.journal.release(&self.fence, self.run, held, false).await.expect("a run is released");
    }

    /// Claims all that is due now.
    pub async fn claim(&self, target: &str) -> Vec<Change> {
        self.journal.claim(&self.fence, target, at(self.now), 1000).await.expect("changes are claimed")
    }

    /// Keys of all that is due now, claimed.
    pub async fn claim_keys(&self, target: &str) -> Vec<String> {
        self.claim(target).await.into_iter().map(|change| change.person.to_string()).collect()
    }

    /// Writes down how one delivery ended.
    pub async fn settle(&self, id: ChangeId, how: Settled) {
        drop(self.ended(id, how).await);
    }

    /// The same, and what ended otherwise than was said.
    pub async fn ended(&self, id: ChangeId, how: Settled) -> Vec<(ChangeId, Settled)> {
        self.journal.settle(&self.fence, &[(id, how)], at(self.now)).await.expect("a delivery is settled")
    }

    /// Claims all that is due and says that it was delivered, to accounts `id-KEY`; how many.
    pub async fn deliver(&self, target: &str) -> usize {
        let mut n = 0;
        loop {
            let claimed = self.claim(target).await;
            if claimed.is_empty() {
                return n;
            }
            n += claimed.len();
            for change in claimed {
                self.settle(change.id, done(change.person.as_str())).await;
            }
        }
    }

    /// Ends the run; its balance must balance.
    pub async fn finish(&self) -> Balance {
        let balance = self.journal.finish(&self.fence, self.run, at(self.now), None).await.expect("a run finishes");
        assert_eq!(balance.check(), Vec::new(), "the run balances");
        balance
    }

    /// A run's changes.
    pub async fn stored(&self, run: RunId) -> Vec<Stored> {
        self.journal.changes(run, None, 1000).await.expect("changes are listed")
    }

    /// A run's changes, person and state.
    pub async fn states(&self, run: RunId) -> Vec<(String, ChangeState)> {
        self.stored(run).await.into_iter().map(|stored| (stored.change.person.to_string(), stored.state)).collect()
    }

    /// The title last delivered for a person.
    pub async fn title(&self, key: &str) -> Option<String> {
        let last = self.journal.last("people", "hr", &[Key::from(key)]).await.expect("links are looked up");
        let link = last.into_iter().next().flatten()?;
        link.record.attributes.get("title").map(Value::to_plain)
    }

    /// Whom the run has not seen.
    pub async fn unseen(&self) -> Vec<String> {
        keys(self.journal.unseen(self.run, None, 1000).await.expect("the unseen are listed"))
    }

    /// The sync's watermark, in seconds.
    pub async fn watermark(&self) -> Option<i64> {
        let mark = self.journal.watermark("people").await.expect("the watermark is read");
        mark.map(|Watermark(mark)| mark.duration_since(at(0)).as_secs())
    }
}

/// Keys as text.
pub(super) fn keys(keys: Vec<Key>) -> Vec<String> {
    keys.into_iter().map(|key| key.to_string()).collect()
}

/// Delivered, to the account `id-KEY`.
pub(super) fn done(key: &str) -> Settled {
    Settled::Done { target_id: format!("id-{key}").into() }
}

/// How a run is begun at so many seconds.
pub(super) fn ask(kind: RunKind, now: i64) -> Begin {
    Begin {
        sync: "people".into(),
        kind,
        plan_only: false,
        config_hash: "c1".into(),
        until: at(now),
        now: at(now),
        holder: "tests".into(),
        lease: Duration::from_mins(1),
    }
}
