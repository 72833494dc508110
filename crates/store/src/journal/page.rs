//! Closing a page.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use joinery_model::{
    Change, Concern, Fence, Key, LeftOut, PageClosed, PageWork, PersonWork, Place, Ref, RunId, Situation, Standing,
    Tried, Verdict, Waiting,
};

use crate::codes;
use crate::fault::Fault;
use crate::session::{Session, rows};

/// A page ready to be written: records are JSON already.
pub(super) struct Leaf {
    run: RunId,
    next: Option<Place>,
    people: Vec<Person>,
    touched: Vec<Ref>,
    repeats: u64,
    requests: u64,
}

struct Person {
    key: Key,
    how: i64,
    /// JSON; `None` when no row was read and what was known stays.
    aliases: Option<(String, Vec<String>)>,
    refs: Option<(i64, Vec<Ref>)>,
    /// What is added to what was known when no row was read.
    more: Vec<Ref>,
    standing: Option<Standing>,
    verdict: i64,
    refusal: Option<(i64, LeftOut)>,
    targets: Vec<(Arc<str>, What, Vec<Waiting>)>,
}

impl Person {
    /// Is it known where they stand: was a row read, or were they found gone? Somebody gone before who was only asked for
    /// is not judged anew.
    fn is_judged(&self) -> bool {
        self.standing.is_some() || self.how == codes::tried(Tried::Gone)
    }
}

enum What {
    Unchanged,
    Rejected(LeftOut),
    Planned(Planned),
    Postponed,
}

/// A change ready to be written.
pub(super) struct Planned {
    pub(super) person: Key,
    pub(super) target: Arc<str>,
    pub(super) attributes: Vec<Arc<str>>,
    action: i64,
    situation: i64,
    gone: bool,
    target_id: Option<Arc<str>>,
    after: String,
    diff: Option<String>,
}

impl Planned {
    pub(super) fn of(change: Change) -> Result<Self, Fault> {
        Ok(Self {
            action: codes::action(change.action),
            situation: codes::situation(change.situation),
            gone: change.situation == Situation::Gone,
            target_id: change.target_id,
            after: serde_json::to_string(&change.after)?,
            diff: if change.diff.is_empty() { None } else { Some(serde_json::to_string(&change.diff)?) },
            attributes: change.diff.into_iter().map(|diff| diff.name).collect(),
            person: change.person,
            target: change.target,
        })
    }

    /// Writes the change down under a number of its own.
    pub(super) fn insert(
        &self,
        session: &Session<'_>,
        id: i64,
        run: RunId,
        target: i64,
        person: i64,
        state: i64,
    ) -> Result<(), Fault> {
        session.execute(
            "INSERT INTO change (id, run, target, person, action, situation, state, gone, target_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (id, run.0, target, person, self.action, self.situation, state, self.gone, self.target_id.as_deref()),
        )?;
        session.execute(
            "INSERT INTO body (id, after, diff) VALUES (?1, ?2, ?3)",
            (id, &self.after, self.diff.as_deref()),
        )?;
        Ok(())
    }
}

impl Leaf {
    /// Makes a page ready to be written.
    pub(super) fn of(work: PageWork) -> Result<Self, Fault> {
        Ok(Self {
            run: work.run,
            next: work.next,
            people: work.people.into_iter().map(Person::of).collect::<Result<_, _>>()?,
            touched: work.touched,
            repeats: work.repeats,
            requests: work.requests,
        })
    }
}

impl Person {
    fn of(work: PersonWork) -> Result<Self, Fault> {
        // Somebody who is gone, or could not be read, brings no ids: what was known stays.
        let unread = work.standing.is_none() && work.aliases.is_empty();
        let gone = matches!(work.verdict, Verdict::Gone);
        let verdict = codes::verdict(&work.verdict);
        let mut targets = Vec::with_capacity(work.targets.len());
        for (target, concern, waiting) in work.targets {
            let what = match concern {
                Concern::Unchanged => What::Unchanged,
                Concern::Rejected(why) => What::Rejected(why),
                Concern::Postponed => What::Postponed,
                Concern::Planned(change) => {
                    let mut planned = Planned::of(*change)?;
                    planned.gone |= gone;
                    What::Planned(planned)
                }
            };
            targets.push((target, what, waiting));
        }
        Ok(Self {
            key: work.key,
            how: codes::tried(work.how),
            aliases: if unread { None } else { Some((serde_json::to_string(&work.aliases)?, work.aliases)) },
            more: if unread { work.refs.clone() } else { Vec::new() },
            refs: (!unread).then(|| sorted(work.refs)),
            standing: work.standing,
            verdict,
            refusal: match work.verdict {
                Verdict::LeftOut(why) => Some((codes::REFUSED_LEFT_OUT, why)),
                Verdict::Invalid(why) => Some((codes::REFUSED_INVALID, why)),
                Verdict::Mapped | Verdict::Gone => None,
            },
            targets,
        })
    }
}

/// References in order, each once, with a hash that tells whether they changed. Another release of the standard library
/// may hash otherwise; then everything is written once more, and nothing is lost.
fn sorted(mut refs: Vec<Ref>) -> (i64, Vec<Ref>) {
    refs.sort_unstable();
    refs.dedup();
    let mut hasher = DefaultHasher::new();
    refs.hash(&mut hasher);
    (hasher.finish().cast_signed(), refs)
}

/// What is counted of a page, by target (0: people) and name.
type Counts = BTreeMap<(i64, Arc<str>), u64>;

/// Closes a page.
pub(super) fn close(session: &mut Session<'_>, fence: &Fence, leaf: Leaf) -> Result<PageClosed, Fault> {
    let head = session.fenced_run(fence, leaf.run)?;
    if head.state != "walking" {
        return Err(Fault::refused(format!(
            "run {} is {}, not walking: no page can be closed",
            leaf.run.0, head.state
        )));
    }
    let mut page =
        Page { run: leaf.run, sync: head.sync, next_change: session.last_change()? + 1, counts: Counts::new() };
    let mut closed = PageClosed::default();
    for person in leaf.people {
        let gone = person.verdict == codes::GONE;
        let new = page.person(session, person)?;
        *(if new { &mut closed.people } else { &mut closed.duplicates }) += 1;
        if !gone {
            page.count(0, "rows", 1);
            page.count(0, "duplicates", u64::from(!new));
        }
    }
    page.count(0, "rows", leaf.repeats);
    page.count(0, "duplicates", leaf.repeats);
    for object in &leaf.touched {
        let object = session.object(head.sync, object)?;
        session.execute(
            "INSERT INTO touched (run, object) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            (leaf.run.0, object),
        )?;
    }
    for ((target, what), n) in &page.counts {
        session.count(leaf.run, *target, what, *n)?;
    }
    session.execute(
        "UPDATE run SET place = ?2, walked = ?3, requests = requests + ?4 WHERE id = ?1",
        (leaf.run.0, leaf.next.as_ref().map(|place| &place.0), leaf.next.is_none(), leaf.requests as i64),
    )?;
    Ok(closed)
}

/// Forgets the walk's place.
pub(super) fn restart(session: &Session<'_>, fence: &Fence, run: RunId) -> Result<(), Fault> {
    let head = session.fenced_run(fence, run)?;
    if head.state != "walking" {
        return Err(Fault::refused(format!("run {} is {}, not walking: its walk cannot restart", run.0, head.state)));
    }
    session.execute("UPDATE run SET place = NULL, walked = 0 WHERE id = ?1", [run.0])?;
    Ok(())
}

/// Lets people lean again on what a run that is dropped had them leave behind: what was to bring them back must not be
/// lost with it.
pub(super) fn lean_again(session: &Session<'_>, sync: i64, run: RunId) -> Result<(), Fault> {
    let sql = "SELECT id, key, leans, left_behind FROM person
               WHERE sync = ?1 AND seen = ?2 AND left_behind IS NOT NULL";
    let found = rows(session.conn, sql, (sync, run.0), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    })?;
    for (id, key, leans, left) in found {
        let mut leans: Vec<i64> = serde_json::from_str(&leans)?;
        let left: Vec<i64> = serde_json::from_str(&left)?;
        lean(session, &Key::new(key), &left)?;
        leans.extend(left);
        // Without the hash, the next row that is read writes them all anew.
        session.execute(
            "UPDATE person SET leans = ?2, leans_hash = 0, left_behind = NULL WHERE id = ?1",
            (id, serde_json::to_string(&leans)?),
        )?;
    }
    Ok(())
}

fn lean(session: &Session<'_>, key: &Key, objects: &[i64]) -> Result<(), Fault> {
    let mut insert = session.prepare("INSERT INTO lean (object, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for object in objects {
        insert.execute((object, key.as_str()))?;
    }
    Ok(())
}

/// A standing as its three columns.
fn dates(standing: Option<Standing>) -> (Option<i64>, Option<String>, Option<String>) {
    standing.map_or((None, None, None), |standing| {
        let text = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
        (Some(codes::standing(standing.kind)), text(standing.start), text(standing.end))
    })
}

struct Page {
    run: RunId,
    sync: i64,
    next_change: i64,
    counts: Counts,
}

/// What is known of a person before the page.
struct Known {
    id: i64,
    seen: i64,
    aliases: String,
    leans: String,
    leans_hash: i64,
}

impl Page {
    fn count(&mut self, target: i64, what: &str, n: u64) {
        if n > 0 {
            *self.counts.entry((target, what.into())).or_default() += n;
        }
    }

    /// Writes one person down; false when the run has seen them before.
    fn person(&mut self, session: &mut Session<'_>, work: Person) -> Result<bool, Fault> {
        let known = session.row(
            "SELECT id, seen, aliases, leans, leans_hash FROM person WHERE sync = ?1 AND key = ?2",
            (self.sync, work.key.as_str()),
            |row| {
                Ok(Known {
                    id: row.get(0)?,
                    seen: row.get(1)?,
                    aliases: row.get(2)?,
                    leans: row.get(3)?,
                    leans_hash: row.get(4)?,
                })
            },
        )?;
        if known.as_ref().is_some_and(|known| known.seen == self.run.0) {
            return Ok(false);
        }
        let id = if let Some(known) = &known {
            self.seen_again(session, known, &work)?;
            known.id
        } else {
            self.seen_first(session, &work)?
        };
        if let Some((kind, why)) = &work.refusal {
            self.refuse(session, id, 0, *kind, why)?;
        }
        let judged = work.is_judged();
        let mut named = Vec::with_capacity(work.targets.len());
        for (target, what, waiting) in work.targets {
            named.push(self.concern(session, id, known.is_some(), &target, &what, &waiting)?);
        }
        if judged && known.is_some() {
            self.supersede_elsewhere(session, id, &named)?;
        }
        Ok(true)
    }

    /// Writes down somebody new, in one row.
    fn seen_first(&self, session: &mut Session<'_>, work: &Person) -> Result<i64, Fault> {
        let refs: &[Ref] = work.refs.as_ref().map_or(&work.more, |(_, refs)| refs);
        let objects = refs.iter().map(|object| session.object(self.sync, object)).collect::<Result<Vec<_>, _>>()?;
        let (standing, start, end) = dates(work.standing);
        session.execute(
            "INSERT INTO person (sync, key, seen, how, verdict, was, aliases, leans, leans_hash, standing, start, \"end\")
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                self.sync,
                work.key.as_str(),
                self.run.0,
                work.how,
                work.verdict,
                work.aliases.as_ref().map_or("[]", |(json, _)| json),
                serde_json::to_string(&objects)?,
                work.refs.as_ref().map_or(0, |(hash, _)| *hash),
                standing,
                start,
                end,
            ),
        )?;
        let id = session.conn.last_insert_rowid();
        lean(session, &work.key, &objects)?;
        if let Some((_, aliases)) = &work.aliases {
            self.own(session, id, aliases)?;
        }
        Ok(id)
    }

    /// Writes down somebody known: only what differs.
    fn seen_again(&self, session: &mut Session<'_>, known: &Known, work: &Person) -> Result<(), Fault> {
        session.execute(
            "UPDATE person SET seen = ?2, how = ?3, was = verdict, verdict = ?4, left_behind = NULL WHERE id = ?1",
            (known.id, self.run.0, work.how, work.verdict),
        )?;
        if work.standing.is_some() {
            let (standing, start, end) = dates(work.standing);
            session.execute(
                "UPDATE person SET standing = ?2, start = ?3, \"end\" = ?4
                 WHERE id = ?1 AND (standing, start, \"end\") IS NOT (?2, ?3, ?4)",
                (known.id, standing, start, end),
            )?;
        }
        if let Some((json, aliases)) = work.aliases.as_ref().filter(|(json, _)| *json != known.aliases) {
            let before: Vec<String> = serde_json::from_str(&known.aliases)?;
            for old in before.iter().filter(|old| !aliases.contains(old)) {
                session.execute(
                    "DELETE FROM alias WHERE sync = ?1 AND alias = ?2 AND person = ?3",
                    (self.sync, old, known.id),
                )?;
            }
            self.own(session, known.id, aliases)?;
            session.execute("UPDATE person SET aliases = ?2 WHERE id = ?1", (known.id, json))?;
        }
        if let Some((hash, refs)) = work.refs.as_ref().filter(|(hash, _)| *hash != known.leans_hash) {
            let before: Vec<i64> = serde_json::from_str(&known.leans)?;
            let now = refs.iter().map(|object| session.object(self.sync, object)).collect::<Result<Vec<_>, _>>()?;
            let left: Vec<i64> = before.iter().copied().filter(|old| !now.contains(old)).collect();
            for old in &left {
                session.execute("DELETE FROM lean WHERE object = ?1 AND key = ?2", (old, work.key.as_str()))?;
            }
            let left = if left.is_empty() { None } else { Some(serde_json::to_string(&left)?) };
            let new: Vec<i64> = now.iter().copied().filter(|new| !before.contains(new)).collect();
            lean(session, &work.key, &new)?;
            session.execute(
                "UPDATE person SET leans = ?2, leans_hash = ?3, left_behind = ?4 WHERE id = ?1",
                (known.id, serde_json::to_string(&now)?, hash, left),
            )?;
        }
        if !work.more.is_empty() {
            let mut leans: Vec<i64> = serde_json::from_str(&known.leans)?;
            let more = work.more.iter().map(|object| session.object(self.sync, object));
            let more: Vec<i64> =
                more.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|new| !leans.contains(new)).collect();
            lean(session, &work.key, &more)?;
            leans.extend(more);
            // Without the hash, the next row that is read writes them all anew.
            session.execute(
                "UPDATE person SET leans = ?2, leans_hash = 0 WHERE id = ?1",
                (known.id, serde_json::to_string(&leans)?),
            )?;
        }
        Ok(())
    }

    /// Gives ids to a person. The last to claim an id has it.
    fn own(&self, session: &Session<'_>, person: i64, aliases: &[String]) -> Result<(), Fault> {
        for alias in aliases {
            let new = session.execute(
                "INSERT INTO alias (sync, alias, person) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                (self.sync, alias, person),
            )?;
            if new > 0 {
                continue;
            }
            // Whoever had it writes theirs again if they still claim it.
            session.execute(
                "UPDATE person SET aliases = (SELECT json_group_array(value) FROM json_each(aliases) WHERE value <> ?2)
                 WHERE id = (SELECT person FROM alias WHERE sync = ?1 AND alias = ?2 AND person <> ?3)",
                (self.sync, alias, person),
            )?;
            session
                .execute("UPDATE alias SET person = ?3 WHERE sync = ?1 AND alias = ?2", (self.sync, alias, person))?;
        }
        Ok(())
    }

    fn refuse(
        &self,
        session: &mut Session<'_>,
        person: i64,
        target: i64,
        kind: i64,
        why: &LeftOut,
    ) -> Result<(), Fault> {
        let rule = session.name(&why.rule)?;
        session.execute(
            "INSERT INTO refusal (run, person, target, kind, rule, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (self.run.0, person, target, kind, rule, &why.message),
        )?;
        Ok(())
    }

    fn concern(
        &mut self,
        session: &mut Session<'_>,
        person: i64,
        known: bool,
        target: &Arc<str>,
        what: &What,
        waiting: &[Waiting],
    ) -> Result<i64, Fault> {
        let target = session.target(self.sync, target)?;
        self.count(target, "concerned", 1);
        if matches!(what, What::Postponed) {
            self.count(target, "pending", 1);
            return Ok(target);
        }
        if known {
            session.execute("DELETE FROM wait WHERE target = ?1 AND person = ?2", (target, person))?;
            if !matches!(what, What::Rejected(_)) {
                self.supersede(session, person, target)?;
            }
        }
        for wait in waiting {
            let attribute = session.name(&wait.attribute)?;
            session.execute(
                "INSERT INTO wait (target, person, attribute, alias) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                (target, person, attribute, &*wait.alias),
            )?;
        }
        match what {
            What::Postponed => {}
            What::Unchanged => self.count(target, "unchanged", 1),
            What::Rejected(why) => {
                self.count(target, "rejected", 1);
                self.refuse(session, person, target, codes::REFUSED_REJECTED, why)?;
            }
            What::Planned(planned) => {
                planned.insert(session, self.next_change, self.run, target, person, 0)?;
                self.next_change += 1;
                for attribute in &planned.attributes {
                    self.count(target, &format!("attribute {attribute}"), 1);
                }
            }
        }
        Ok(target)
    }

    /// A target that the person does not concern any more must not get what was planned when they did: a creation that
    /// waits for another try would make an account for somebody who has left since.
    fn supersede_elsewhere(&self, session: &Session<'_>, person: i64, named: &[i64]) -> Result<(), Fault> {
        let sql = "SELECT DISTINCT target FROM change INDEXED BY change_open
                   WHERE person = ?1 AND state < 5 AND state <> 3 AND run <> ?2";
        for target in rows(session.conn, sql, (person, self.run.0), |row| row.get::<_, i64>(0))? {
            if !named.contains(&target) {
                self.supersede(session, person, target)?;
            }
        }
        Ok(())
    }

    /// Everything older of theirs that is not delivered and not in flight. By run, so that it comes back if this run
    /// is dropped.
    fn supersede(&self, session: &Session<'_>, person: i64, target: i64) -> Result<(), Fault> {
        session.execute(
            "UPDATE change SET was = state, by_run = ?3, state = 6
             WHERE person = ?1 AND target = ?2 AND state < 5 AND state <> 3",
            (person, target, self.run.0),
        )?;
        Ok(())
    }
}
