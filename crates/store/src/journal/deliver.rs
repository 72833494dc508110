//! Claiming what is due and writing down how it ended.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Action, ChangeId, Fence, Settled};
use rusqlite::Connection;
use rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE;

use super::moved;
use super::rows::{RawChange, change_columns};
use crate::codes::{action_of, instant, nanos};
use crate::fault::Fault;
use crate::session::{Session, fenced, row, rows, target_id};

/// The oldest released change of each person who has none in flight, when it is due. A change's own number stands in the
/// index, so that nobody's row is looked at who has no other.
pub(crate) const CLAIM: &str = concat!(
    "SELECT ",
    change_columns!(),
    ", l.target_id
     FROM change c INDEXED BY change_ready
     JOIN person p ON p.id = c.person
     JOIN body b ON b.id = c.id
     LEFT JOIN link l ON l.target = c.target AND l.person = c.person
     WHERE c.target = ?1 AND c.state = 2 AND c.due <= ?2
       AND NOT EXISTS (SELECT 1 FROM change o INDEXED BY change_open
                       WHERE o.person = c.person AND o.target = c.target AND o.state < 5
                         AND o.id <> c.id AND (o.state = 3 OR o.state = 2 AND o.id < c.id))
     ORDER BY c.due, c.id LIMIT ?3"
);

/// Takes changes for delivery.
pub(super) fn claim(
    session: &mut Session<'_>,
    fence: &Fence,
    target: &Arc<str>,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<RawChange>, Fault> {
    let sync = session.fenced(fence)?;
    let target = session.target(sync, target)?;
    let taken = rows(session.conn, CLAIM, (target, nanos(now), limit as i64), |row| {
        let mut change = RawChange::of(row)?;
        if change.target_id.is_none() {
            change.target_id = row.get(8)?;
        }
        Ok(change)
    })?;
    let mut fly = session.prepare("UPDATE change SET state = 3, attempts = attempts + 1 WHERE id = ?1")?;
    for change in &taken {
        fly.execute([change.id])?;
    }
    Ok(taken)
}

/// The first due of a target that a claim could take: the oldest of a person with none in flight.
pub(crate) const NEXT_DUE: &str = "SELECT c.due FROM change c INDEXED BY change_ready
     WHERE c.target = ?1 AND c.state = 2
       AND NOT EXISTS (SELECT 1 FROM change o INDEXED BY change_open
                       WHERE o.person = c.person AND o.target = c.target AND o.state < 5
                         AND o.id <> c.id AND (o.state = 3 OR o.state = 2 AND o.id < c.id))
     ORDER BY c.due LIMIT 1";

/// When the next released change for a target is due.
pub(super) fn next_due(conn: &Connection, fence: &Fence, target: &str) -> Result<Option<Timestamp>, Fault> {
    let sync = fenced(conn, fence)?;
    let Some(target) = target_id(conn, sync, target)? else { return Ok(None) };
    let mut due: Option<i64> = row(conn, NEXT_DUE, [target], |row| row.get(0))?;
    if due.is_none() {
        // All that is released waits for something in flight: it is due, though nobody can claim it yet.
        let sql = "SELECT c.due FROM change c INDEXED BY change_ready
                   WHERE c.target = ?1 AND c.state = 2 ORDER BY c.due LIMIT 1";
        due = row(conn, sql, [target], |row| row.get(0))?;
    }
    Ok(due.map(instant))
}

/// Is a change of whoever is linked to an account in flight?
pub(crate) const ON_ITS_WAY: &str = "SELECT 1 FROM link l
     JOIN change c INDEXED BY change_open ON c.person = l.person AND c.target = l.target AND c.state < 5
     WHERE l.target = ?1 AND l.target_id = ?2 AND c.state = 3";

struct Flying {
    target: i64,
    person: i64,
    action: Action,
    state: i64,
}

/// Writes down how deliveries ended.
pub(super) fn settle(
    session: &mut Session<'_>,
    fence: &Fence,
    settled: &[(ChangeId, Settled)],
    now: Timestamp,
) -> Result<Vec<(ChangeId, Settled)>, Fault> {
    let sync = session.fenced(fence)?;
    let mut otherwise = Vec::new();
    let targets: Vec<i64> = rows(session.conn, "SELECT id FROM target WHERE sync = ?1", [sync], |row| row.get(0))?;
    let find = "SELECT target, person, action, state FROM change WHERE id = ?1";
    let end = "UPDATE change SET state = ?2, due = ?3, reason = ?4, settled = ?5, target_id = coalesce(?6, target_id)
               WHERE id = ?1";
    let mut end = session.prepare(end)?;
    let mut untry = session.prepare("UPDATE change SET attempts = max(attempts - 1, 0) WHERE id = ?1")?;
    for (ChangeId(id), how) in settled {
        let flying = session
            .row(find, [id], |row| {
                Ok(Flying {
                    target: row.get(0)?,
                    person: row.get(1)?,
                    action: action_of(row.get(2)?)?,
                    state: row.get(3)?,
                })
            })?
            .filter(|flying| flying.state == 3 && targets.contains(&flying.target))
            .ok_or_else(|| {
                Fault::refused(format!("change {id} is not in flight in sync {}: it cannot be settled", fence.sync))
            })?;
        match how {
            Settled::Done { target_id } => match relink(session, sync, *id, &flying, target_id)? {
                Linked::Theirs => {
                    end.execute((id, 5, 0, None::<&str>, nanos(now), Some(&**target_id)))?;
                }
                Linked::Anothers { on_its_way: true } => {
                    let due = now + ACCOUNT_MOVES;
                    end.execute((id, 2, nanos(due), Some(MOVES), None::<i64>, None::<&str>))?;
                    otherwise.push((ChangeId(*id), Settled::Again { due, why: MOVES.to_owned() }));
                }
                Linked::Anothers { on_its_way: false } => {
                    end.execute((id, 4, 0, Some(ANOTHERS), nanos(now), None::<&str>))?;
                    otherwise.push((ChangeId(*id), Settled::Dead(ANOTHERS.to_owned())));
                }
            },
            Settled::Again { due, why } => {
                end.execute((id, 2, nanos(*due), Some(why), None::<i64>, None::<&str>))?;
            }
            Settled::NotTried { due, why } => {
                untry.execute([id])?;
                end.execute((id, 2, nanos(*due), Some(why), None::<i64>, None::<&str>))?;
            }
            Settled::Dead(why) => {
                end.execute((id, 4, 0, Some(why), nanos(now), None::<&str>))?;
            }
        }
    }
    Ok(otherwise)
}

/// Whose account a delivered change turned out to be about.
enum Linked {
    /// The person's own.
    Theirs,
    /// Another person is linked to it; a change of theirs may be on its way to another account.
    Anothers { on_its_way: bool },
}

/// How long a change waits for an account that another person's change is about to leave.
const ACCOUNT_MOVES: SignedDuration = SignedDuration::from_secs(1);
const MOVES: &str = "the account is another person's, whose own change is on its way";
const ANOTHERS: &str = "the account belongs to another person already: what tells accounts apart must differ between \
                        people; correct it in the source or in the mapping";

/// The link holds what was delivered; after a removal there is none.
fn relink(session: &mut Session<'_>, sync: i64, id: i64, flying: &Flying, target_id: &str) -> Result<Linked, Fault> {
    let whose = (flying.target, flying.person);
    let deletes = flying.action == Action::Delete;
    let link = (flying.target, flying.person, target_id, id);
    if !deletes {
        let made = "INSERT INTO link (target, person, target_id, body) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (target, person) DO NOTHING";
        match linked(session.execute(made, link))? {
            // As a rule: somebody's first account there.
            Some(1) => return Ok(Linked::Theirs),
            Some(_) => {}
            None => return anothers(session, flying.target, target_id),
        }
    }
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let before: Option<(i64, String)> =
        session.row("SELECT body, target_id FROM link WHERE target = ?1 AND person = ?2", whose, read)?;
    if deletes {
        session.execute("DELETE FROM link WHERE target = ?1 AND person = ?2", whose)?;
        session.execute("DELETE FROM wait WHERE target = ?1 AND person = ?2", whose)?;
    } else {
        let changed = "UPDATE link SET target_id = ?3, body = ?4 WHERE target = ?1 AND person = ?2";
        if linked(session.execute(changed, link))?.is_none() {
            return anothers(session, flying.target, target_id);
        }
    }
    if let Some((before, old)) = before {
        if !deletes && old != target_id {
            moved::account(session, sync, whose, &old)?;
        }
        // Retention keeps the record of a link when it removes the change; now nobody needs it any more.
        session
            .execute("DELETE FROM body WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM change WHERE id = ?1)", [before])?;
    }
    Ok(Linked::Theirs)
}

/// How many links were written; `None` when the account is another person's.
fn linked(written: Result<usize, Fault>) -> Result<Option<usize>, Fault> {
    match written {
        Err(Fault::Sql(cause))
            if cause.sqlite_error().is_some_and(|about| about.extended_code == SQLITE_CONSTRAINT_UNIQUE) =>
        {
            Ok(None)
        }
        other => other.map(Some),
    }
}

fn anothers(session: &Session<'_>, target: i64, target_id: &str) -> Result<Linked, Fault> {
    let on_its_way = session.row(ON_ITS_WAY, (target, target_id), |_| Ok(()))?.is_some();
    Ok(Linked::Anothers { on_its_way })
}
