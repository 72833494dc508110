//! A journal in memory: the smallest thing that keeps the promises of `model::Journal`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use joinery_model::{
    Action, Balance, Begin, Begun, Change, ChangeId, ChangeState, Failure, Fence, Fillable, HoldBack, Journal, Key,
    Link, PageClosed, PageWork, PeopleCount, Ref, RunId, RunKind, RunState, Settled, Situation, Stored, Totals,
    Verdict, Waiting, Watermark, Window,
};

use crate::state::{Became, Entry, Name, Person, RunData, State, account};

/// One journal, however often it is cloned.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal(Arc<Mutex<State>>);

impl MemoryJournal {
    pub fn state_of(&self, run: RunId) -> RunState {
        self.lock().runs[&run].state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call<R>(&self, effect: impl FnOnce(&mut State) -> Result<R, Failure>) -> Result<R, Failure> {
        effect(&mut self.lock())
    }
}

impl Journal for MemoryJournal {
    async fn watermark(&self, _: &str) -> Result<Option<Watermark>, Failure> {
        self.call(|state| Ok(state.watermark))
    }

    async fn begin(&self, begin: &Begin) -> Result<Begun, Failure> {
        self.call(|state| {
            state.token += 1;
            state.put_back_in_flight();
            let fence = Fence { sync: begin.sync.clone(), token: state.token };
            let open = |state: &State, wanted: RunState| {
                state.runs.iter().find(|(_, run)| run.state == wanted).map(|(id, _)| *id)
            };
            if let Some(run) = open(state, RunState::Delivering) {
                return Ok(state.begun(run, fence, true));
            }
            if let Some(run) = open(state, RunState::Walking) {
                let data = &state.runs[&run];
                if data.config_hash == begin.config_hash && data.kind != RunKind::Keys {
                    return Ok(state.begun(run, fence, true));
                }
                state.drop_run(run, RunState::Dropped);
            }
            if begin.kind != RunKind::Keys
                && let Some(plan) = open(state, RunState::Planned)
            {
                state.drop_run(plan, RunState::Dropped);
            }
            let run = RunId(state.runs.len() as i64 + 1);
            let since = state.watermark.filter(|_| begin.kind != RunKind::Full);
            state.runs.insert(
                run,
                RunData {
                    kind: begin.kind,
                    plan_only: begin.plan_only,
                    state: RunState::Walking,
                    config_hash: begin.config_hash.clone(),
                    window: Window { since, until: begin.until },
                    first: !state.full_walk,
                    place: None,
                    walked: false,
                    people: PeopleCount::default(),
                    targets: BTreeMap::new(),
                    touched: BTreeSet::new(),
                },
            );
            Ok(state.begun(run, fence, false))
        })
    }

    async fn reopen(&self, run: RunId, begin: &Begin) -> Result<Begun, Failure> {
        self.call(|state| {
            state.token += 1;
            state.put_back_in_flight();
            let fence = Fence { sync: begin.sync.clone(), token: state.token };
            match state.runs[&run].state {
                RunState::Planned | RunState::Finished => Ok(state.begun(run, fence, false)),
                RunState::Delivering => Ok(state.begun(run, fence, true)),
                other => Err(Failure::refused(format!("{other:?} cannot be applied"))),
            }
        })
    }

    async fn renew(&self, fence: &Fence, _: Timestamp) -> Result<(), Failure> {
        self.call(|state| state.fenced(fence))
    }

    async fn restart_walk(&self, fence: &Fence, run: RunId) -> Result<(), Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            let data = state.runs.get_mut(&run).expect("the run is there");
            (data.place, data.walked) = (None, false);
            Ok(())
        })
    }

    async fn close_page(&self, fence: &Fence, work: PageWork) -> Result<PageClosed, Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            assert_eq!(state.runs[&work.run].state, RunState::Walking, "a page closes only while walking");
            let keys: BTreeSet<&Key> = work.people.iter().map(|person| &person.key).collect();
            assert_eq!(keys.len(), work.people.len(), "at most one entry each");
            let mut closed = PageClosed::default();
            for person in work.people {
                let gone = person.verdict == Verdict::Gone;
                let new = state.close_person(work.run, person);
                *(if new { &mut closed.people } else { &mut closed.duplicates }) += 1;
                if !gone {
                    let data = state.runs.get_mut(&work.run).expect("the run is there");
                    data.people.rows += 1;
                    data.people.duplicates += u64::from(!new);
                }
            }
            let data = state.runs.get_mut(&work.run).expect("the run is there");
            data.people.rows += work.repeats;
            data.people.duplicates += work.repeats;
            data.walked = work.next.is_none();
            data.place = work.next;
            data.touched.extend(work.touched);
            Ok(closed)
        })
    }

    async fn last(&self, _: &str, target: &str, keys: &[Key]) -> Result<Vec<Option<Link>>, Failure> {
        self.call(|state| Ok(keys.iter().map(|key| state.links.get(&(target.into(), key.clone())).cloned()).collect()))
    }

    async fn unsettled(&self, _: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Change>>, Failure> {
        self.call(|state| {
            let of = |key: &Key| {
                let delivered = |entry: &&Entry| {
                    let change = &entry.stored.change;
                    change.person == *key && *change.target == *target && entry.stored.state == ChangeState::Done
                };
                let linked = state.links.contains_key(&(target.into(), key.clone()));
                let last = state.changes.iter().filter(delivered).map(|entry| entry.stored.change.id).max();
                let unsettled = state.changes.iter().rev().filter(|entry| {
                    let Stored { change, state, .. } = &entry.stored;
                    change.person == *key
                        && *change.target == *target
                        && (change.attempts > 0 || change.situation == Situation::Found)
                        && *state != ChangeState::Done
                        && (!linked || last.is_none_or(|last| last < change.id))
                });
                unsettled.map(|entry| entry.stored.change.clone()).collect()
            };
            Ok(keys.iter().map(of).collect())
        })
    }

    async fn waiting(&self, _: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Waiting>>, Failure> {
        self.call(|state| {
            let of = |key: &Key| {
                let waits = state.waits.iter().filter(|((at, person, _), _)| **at == *target && person == key);
                waits
                    .map(|((_, _, attribute), alias)| Waiting { attribute: attribute.clone(), alias: alias.clone() })
                    .collect()
            };
            Ok(keys.iter().map(of).collect())
        })
    }

    async fn links(&self, _: &str, target: &str, after: Option<&Key>, limit: usize) -> Result<Vec<Link>, Failure> {
        self.call(|state| {
            let links =
                state.links.iter().filter(|((at, key), _)| **at == *target && after.is_none_or(|after| key > after));
            Ok(links.map(|(_, link)| link.clone()).take(limit).collect())
        })
    }

    async fn accounts(&self, _: &str, target: &str, aliases: &[Name]) -> Result<Vec<Option<Name>>, Failure> {
        self.call(|state| Ok(aliases.iter().map(|alias| account(state, target, alias)).collect()))
    }

    async fn became(&self, _: &str, keys: &[Key]) -> Result<Vec<Option<joinery_model::Became>>, Failure> {
        let told = |person: &Person| match person.became {
            Became::Nothing => None,
            Became::Mapped => Some(joinery_model::Became::Mapped),
            Became::LeftOut => Some(joinery_model::Became::LeftOut),
            Became::Gone => Some(joinery_model::Became::Gone),
        };
        self.call(|state| Ok(keys.iter().map(|key| state.people.get(key).and_then(told)).collect()))
    }

    async fn touched(&self, run: RunId) -> Result<Vec<Ref>, Failure> {
        self.call(|state| Ok(state.runs[&run].touched.iter().cloned().collect()))
    }

    async fn people_with(
        &self,
        run: RunId,
        refs: &[Ref],
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, Failure> {
        self.call(|state| {
            let leans = |person: &Person| refs.iter().any(|reference| person.refs.contains(reference));
            let people = state
                .people
                .iter()
                .filter(|(key, person)| person.seen != run && after.is_none_or(|after| *key > after) && leans(person));
            Ok(people.map(|(key, _)| key.clone()).take(limit).collect())
        })
    }

    async fn unseen(&self, run: RunId, after: Option<&Key>, limit: usize) -> Result<Vec<Key>, Failure> {
        self.call(|state| {
            let left = |key: &Key| {
                let over = [ChangeState::Done, ChangeState::Superseded];
                let open = |entry: &Entry| entry.stored.change.person == *key && !over.contains(&entry.stored.state);
                state.links.keys().any(|(_, person)| person == key) || state.changes.iter().any(open)
            };
            let people = state.people.iter().filter(|(key, person)| {
                let known = person.became != Became::Gone || left(key);
                person.seen != run && known && after.is_none_or(|after| *key > after)
            });
            Ok(people.map(|(key, _)| key.clone()).take(limit).collect())
        })
    }

    async fn totals(&self, run: RunId) -> Result<Totals, Failure> {
        self.call(|state| {
            let mut totals = Totals::default();
            for (key, person) in &state.people {
                let seen = person.seen == run;
                totals.people += u64::from(seen && person.became != Became::Gone);
                let before = if seen { person.was } else { person.became };
                let unapproved = state.changes.iter().any(|entry| {
                    entry.gone && entry.was == Some((ChangeState::Held, run)) && entry.stored.change.person == *key
                });
                let known = matches!(before, Became::Mapped | Became::LeftOut) || unapproved;
                totals.known += u64::from(known);
                totals.missing += u64::from(known && seen && person.became == Became::Gone);
                totals.dropped += u64::from(seen && person.became == Became::LeftOut && person.was == Became::Mapped);
            }
            for entry in state.changes.iter().filter(|entry| entry.stored.run == run) {
                let change = &entry.stored.change;
                if entry.gone {
                    *totals.gone.entry(change.target.clone()).or_default() += 1;
                } else {
                    *totals.planned.entry((change.target.clone(), change.action)).or_default() += 1;
                }
                for diff in &change.diff {
                    *totals.attributes.entry((change.target.clone(), diff.name.clone())).or_default() += 1;
                }
            }
            for (target, _) in state.links.keys() {
                *totals.linked.entry(target.clone()).or_default() += 1;
            }
            Ok(totals)
        })
    }

    async fn release(&self, fence: &Fence, run: RunId, held: &[HoldBack], approve: bool) -> Result<(), Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            let data = state.runs.get_mut(&run).expect("the run is there");
            if data.plan_only && !approve {
                data.state = RunState::Planned;
                return Ok(());
            }
            data.state = RunState::Delivering;
            if data.kind != RunKind::Keys {
                state.watermark = state.watermark.max(Some(Watermark(data.window.until)));
                state.full_walk |= data.kind == RunKind::Full;
            }
            for entry in state.changes.iter_mut().filter(|entry| entry.stored.run == run) {
                let change = &entry.stored.change;
                let back = |held: &HoldBack| {
                    held.target == change.target
                        && held.action.is_none_or(|action| action == change.action)
                        && (!held.gone_only || entry.gone)
                };
                match entry.stored.state {
                    ChangeState::Planned if held.iter().any(back) => entry.stored.state = ChangeState::Held,
                    ChangeState::Planned => entry.stored.state = ChangeState::Released,
                    ChangeState::Held if approve => entry.stored.state = ChangeState::Released,
                    _ => {}
                }
            }
            Ok(())
        })
    }

    async fn claim(&self, fence: &Fence, target: &str, now: Timestamp, limit: usize) -> Result<Vec<Change>, Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            let ours = |entry: &Entry| *entry.stored.change.target == *target;
            let mut busy: BTreeSet<Key> = state
                .changes
                .iter()
                .filter(|entry| ours(entry) && entry.stored.state == ChangeState::InFlight)
                .map(|entry| entry.stored.change.person.clone())
                .collect();
            let mut claimed = Vec::new();
            for entry in &mut state.changes {
                if claimed.len() >= limit {
                    break;
                }
                let free = ours(entry) && entry.stored.state == ChangeState::Released;
                if !free || !busy.insert(entry.stored.change.person.clone()) || entry.due.is_some_and(|due| due > now) {
                    continue;
                }
                claimed.push(entry.stored.change.clone());
                entry.stored.state = ChangeState::InFlight;
                entry.stored.change.attempts += 1;
            }
            Ok(claimed)
        })
    }

    async fn next_due(&self, fence: &Fence, target: &str) -> Result<Option<Timestamp>, Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            let released = state
                .changes
                .iter()
                .filter(|entry| entry.stored.state == ChangeState::Released && *entry.stored.change.target == *target);
            Ok(released.map(|entry| entry.due.unwrap_or(Timestamp::MIN)).min())
        })
    }

    async fn settle(
        &self,
        fence: &Fence,
        settled: &[(ChangeId, Settled)],
        _: Timestamp,
    ) -> Result<Vec<(ChangeId, Settled)>, Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            for (id, end) in settled {
                let entry = &mut state.changes[id.0 as usize - 1];
                assert_eq!(entry.stored.state, ChangeState::InFlight, "only what is in flight is settled");
                let change = &entry.stored.change;
                match end {
                    Settled::Done { target_id } => {
                        entry.stored.state = ChangeState::Done;
                        let at = (change.target.clone(), change.person.clone());
                        if change.action == Action::Delete {
                            state.links.remove(&at);
                        } else {
                            let link = Link {
                                person: change.person.clone(),
                                target_id: target_id.clone(),
                                record: change.after.clone(),
                            };
                            state.links.insert(at, link);
                        }
                    }
                    Settled::Again { due, why } => {
                        entry.stored.state = ChangeState::Released;
                        entry.due = Some(*due);
                        entry.stored.reason = Some(why.clone());
                    }
                    Settled::NotTried { due, why } => {
                        entry.stored.state = ChangeState::Released;
                        entry.stored.change.attempts -= 1;
                        entry.due = Some(*due);
                        entry.stored.reason = Some(why.clone());
                    }
                    Settled::Dead(why) => {
                        entry.stored.state = ChangeState::Dead;
                        entry.stored.reason = Some(why.clone());
                    }
                }
            }
            Ok(Vec::new())
        })
    }

    async fn fillable(&self, fence: &Fence, limit: usize) -> Result<Vec<Fillable>, Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            // A back-fill says all that the account should hold, so it must not overtake what is under way.
            let under_way = |target: &str, key: &Key| {
                state.changes.iter().any(|entry| {
                    let change = &entry.stored.change;
                    let open = [ChangeState::Planned, ChangeState::Held, ChangeState::Released, ChangeState::InFlight];
                    change.person == *key && *change.target == *target && open.contains(&entry.stored.state)
                })
            };
            let fillable = state.waits.iter().filter_map(|((target, key, attribute), alias)| {
                if under_way(target, key) {
                    return None;
                }
                Some(Fillable {
                    link: state.links.get(&(target.clone(), key.clone()))?.clone(),
                    target: target.clone(),
                    attribute: attribute.clone(),
                    alias: alias.clone(),
                    account: account(state, target, alias)?,
                })
            });
            Ok(fillable.take(limit).collect())
        })
    }

    async fn back_fill(&self, fence: &Fence, run: RunId, changes: Vec<Change>) -> Result<(), Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            for change in changes {
                for diff in &change.diff {
                    state.waits.remove(&(change.target.clone(), change.person.clone(), diff.name.clone()));
                }
                let id = ChangeId(state.changes.len() as i64 + 1);
                state.changes.push(Entry {
                    stored: Stored { change: Change { id, ..change }, state: ChangeState::Released, reason: None, run },
                    due: None,
                    gone: false,
                    was: None,
                });
            }
            Ok(())
        })
    }

    async fn note(&self, fence: &Fence, _: RunId, _: &str) -> Result<(), Failure> {
        self.call(|state| state.fenced(fence))
    }

    async fn changes(&self, run: RunId, after: Option<ChangeId>, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.call(|state| {
            let changes = state.changes.iter().map(|entry| &entry.stored);
            let ours = changes.filter(|stored| stored.run == run && after.is_none_or(|after| stored.change.id > after));
            Ok(ours.take(limit).cloned().collect())
        })
    }

    async fn moved_to(&self, run: RunId) -> Result<Vec<RunId>, Failure> {
        self.call(|state| {
            let ours = |entry: &&Entry| entry.stored.run == run && entry.stored.state == ChangeState::Superseded;
            let waits = |entry: &&Entry| matches!(entry.stored.state, ChangeState::Planned | ChangeState::Held);
            let mut runs = BTreeSet::new();
            for old in state.changes.iter().filter(ours).map(|entry| &entry.stored.change) {
                let newer = state.changes.iter().filter(waits).filter(|entry| {
                    let new = &entry.stored.change;
                    new.person == old.person && new.target == old.target && new.id > old.id
                });
                runs.extend(newer.map(|entry| entry.stored.run));
            }
            Ok(runs.into_iter().collect())
        })
    }

    async fn finish(&self, fence: &Fence, run: RunId, _: Timestamp, failed: Option<&str>) -> Result<Balance, Failure> {
        self.call(|state| {
            state.fenced(fence)?;
            if failed.is_some() {
                state.drop_run(run, RunState::Failed);
                return Ok(Balance::default());
            }
            let data = state.runs.get_mut(&run).expect("the run is there");
            if data.state == RunState::Delivering {
                data.state = RunState::Finished;
            }
            let mut balance = Balance { people: data.people.clone(), targets: BTreeMap::new() };
            for (target, count) in &data.targets {
                balance.targets.insert(target.to_string(), count.clone());
            }
            for entry in state.changes.iter().filter(|entry| entry.stored.run == run) {
                let count = balance.targets.entry(entry.stored.change.target.to_string()).or_default();
                if entry.stored.change.action == Action::BackFill {
                    count.back_filled += 1;
                    continue;
                }
                *match entry.stored.state {
                    ChangeState::Planned | ChangeState::Held => &mut count.held,
                    ChangeState::Released | ChangeState::InFlight => &mut count.pending,
                    ChangeState::Done => &mut count.delivered,
                    ChangeState::Dead => &mut count.dead,
                    ChangeState::Superseded => &mut count.superseded,
                } += 1;
            }
            Ok(balance)
        })
    }
}
