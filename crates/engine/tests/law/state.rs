//! What the journal in memory keeps: people, links, waits, changes, runs; and the rules between them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use joinery_model::{
    Begun, Change, ChangeId, ChangeState, Concern, Failure, Fence, Key, Link, PeopleCount, PersonWork, Place, Ref,
    Resume, RunId, RunKind, RunState, Situation, Stored, TargetCount, Tried, Verdict, Watermark, Window,
};

pub type Name = Arc<str>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Became {
    Nothing,
    Mapped,
    LeftOut,
    Gone,
}

#[derive(Debug)]
pub struct Person {
    pub aliases: Vec<String>,
    pub refs: BTreeSet<Ref>,
    /// What they leaned on before the run that saw them last.
    pub left: BTreeSet<Ref>,
    pub seen: RunId,
    pub became: Became,
    pub was: Became,
}

#[derive(Debug)]
pub struct Entry {
    pub stored: Stored,
    pub due: Option<Timestamp>,
    pub gone: bool,
    /// State before it was superseded, and by which run.
    pub was: Option<(ChangeState, RunId)>,
}

#[derive(Debug)]
pub struct RunData {
    pub kind: RunKind,
    pub plan_only: bool,
    pub state: RunState,
    pub config_hash: Name,
    pub window: Window,
    pub first: bool,
    pub place: Option<Place>,
    pub walked: bool,
    pub people: PeopleCount,
    pub targets: BTreeMap<Name, TargetCount>,
    pub touched: BTreeSet<Ref>,
}

#[derive(Debug, Default)]
pub struct State {
    pub token: i64,
    pub watermark: Option<Watermark>,
    pub full_walk: bool,
    pub runs: BTreeMap<RunId, RunData>,
    pub people: BTreeMap<Key, Person>,
    pub links: BTreeMap<(Name, Key), Link>,
    pub waits: BTreeMap<(Name, Key, Name), Name>,
    pub changes: Vec<Entry>,
}

impl State {
    pub fn fenced(&self, fence: &Fence) -> Result<(), Failure> {
        if fence.token == self.token { Ok(()) } else { Err(Failure::refused("a newer fence exists")) }
    }

    pub fn put_back_in_flight(&mut self) {
        for entry in &mut self.changes {
            if entry.stored.state == ChangeState::InFlight {
                entry.stored.state = ChangeState::Released;
            }
        }
    }

    pub fn drop_run(&mut self, run: RunId, state: RunState) {
        for entry in &mut self.changes {
            if entry.stored.run == run && matches!(entry.stored.state, ChangeState::Planned | ChangeState::Held) {
                entry.stored.state = ChangeState::Superseded;
            }
            if let Some((was, by)) = entry.was
                && by == run
            {
                entry.stored.state = was;
                entry.was = None;
            }
        }
        for person in self.people.values_mut().filter(|person| person.seen == run) {
            person.became = person.was;
            person.refs.append(&mut person.left);
        }
        if let Some(run) = self.runs.get_mut(&run) {
            run.state = state;
        }
    }

    pub fn begun(&self, run: RunId, fence: Fence, goes_on: bool) -> Begun {
        let data = &self.runs[&run];
        Begun {
            run,
            fence,
            window: data.window,
            kind: data.kind,
            plan_only: data.plan_only,
            resume: goes_on.then(|| Resume { state: data.state, place: data.place.clone(), walked: data.walked }),
            first: data.first,
        }
    }

    /// Everything older of theirs that is not delivered and not in flight, for some targets.
    fn supersede(&mut self, run: RunId, key: &Key, whose: impl Fn(&Name) -> bool) {
        use ChangeState::{Dead, Held, Planned, Released};
        let older = self.changes.iter_mut().filter(|entry| entry.stored.run != run);
        for entry in older {
            let change = &entry.stored.change;
            let open = matches!(entry.stored.state, Planned | Held | Released | Dead);
            if change.person == *key && whose(&change.target) && open {
                entry.was = Some((entry.stored.state, run));
                entry.stored.state = ChangeState::Superseded;
            }
        }
    }

    pub fn close_person(&mut self, run: RunId, work: PersonWork) -> bool {
        let unread = work.standing.is_none() && work.aliases.is_empty();
        let judged = work.standing.is_some() || work.how == Tried::Gone;
        let became = match &work.verdict {
            Verdict::Mapped => Became::Mapped,
            Verdict::LeftOut(_) | Verdict::Invalid(_) => Became::LeftOut,
            Verdict::Gone => Became::Gone,
        };
        let person = self.people.entry(work.key.clone()).or_insert(Person {
            aliases: Vec::new(),
            refs: BTreeSet::new(),
            left: BTreeSet::new(),
            seen: RunId(0),
            became: Became::Nothing,
            was: Became::Nothing,
        });
        if person.seen == run {
            return false;
        }
        person.seen = run;
        person.was = person.became;
        person.became = became;
        person.left.clear();
        if unread {
            person.refs.extend(work.refs);
        } else {
            person.aliases = work.aliases;
            person.left = std::mem::replace(&mut person.refs, work.refs.into_iter().collect());
        }
        let data = self.runs.get_mut(&run).expect("the run is there");
        match work.how {
            Tried::Read => data.people.read += 1,
            Tried::Due => data.people.due += 1,
            Tried::Touched => data.people.touched += 1,
            Tried::Gone => {}
        }
        match work.verdict {
            Verdict::Mapped => data.people.mapped += 1,
            Verdict::LeftOut(why) => *data.people.left_out.entry(why.rule.to_string()).or_default() += 1,
            Verdict::Invalid(why) => *data.people.invalid.entry(why.rule.to_string()).or_default() += 1,
            Verdict::Gone => {
                data.people.gone += 1;
                // Counted above among those who came.
                match work.how {
                    Tried::Read => data.people.read -= 1,
                    Tried::Due => data.people.due -= 1,
                    Tried::Touched => data.people.touched -= 1,
                    Tried::Gone => {}
                }
            }
        }
        // What concerns a target no more must not get there late.
        if judged {
            let named: BTreeSet<Name> = work.targets.iter().map(|(target, _, _)| target.clone()).collect();
            self.supersede(run, &work.key, |target| !named.contains(target));
        }
        for (target, concern, waiting) in work.targets {
            self.waits.retain(|(at, key, _), _| *at != target || *key != work.key);
            for wait in waiting {
                self.waits.insert((target.clone(), work.key.clone(), wait.attribute), wait.alias);
            }
            if !matches!(concern, Concern::Rejected(_)) {
                self.supersede(run, &work.key, |at| *at == target);
            }
            let count = self.runs.get_mut(&run).expect("the run is there").targets.entry(target).or_default();
            count.concerned += 1;
            if matches!(concern, Concern::Postponed) {
                count.pending += 1;
                continue;
            }
            match concern {
                Concern::Postponed => {}
                Concern::Unchanged => count.unchanged += 1,
                Concern::Rejected(_) => count.rejected += 1,
                Concern::Planned(change) => {
                    let gone = became == Became::Gone || change.situation == Situation::Gone;
                    self.changes.push(Entry {
                        stored: Stored {
                            change: Change { id: ChangeId(self.changes.len() as i64 + 1), ..*change },
                            state: ChangeState::Planned,
                            reason: None,
                            run,
                        },
                        due: None,
                        gone,
                        was: None,
                    });
                }
            }
        }
        true
    }
}

pub fn account(state: &State, target: &str, alias: &str) -> Option<Name> {
    let owner = state.people.iter().find(|(_, person)| person.aliases.iter().any(|one| one == alias))?.0;
    state.links.get(&(target.into(), owner.clone())).map(|link| link.target_id.clone())
}
