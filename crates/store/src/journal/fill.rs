//! References that waited for the other person's account.

use std::sync::Arc;

use joinery_model::{Fence, Fillable, Key, Link, RunId};
use rusqlite::Connection;

use super::page::Planned;
use crate::fault::Fault;
use crate::session::{Session, fenced, rows};

/// What can be filled: both have accounts, and nothing of the waiting one's is under way.
pub(crate) const FILLABLE: &str = "SELECT p.key, mine.target_id, b.after, t.name, n.text, w.alias, theirs.target_id
     FROM target t
     CROSS JOIN wait w ON w.target = t.id
     CROSS JOIN alias a ON a.sync = t.sync AND a.alias = w.alias
     CROSS JOIN link theirs ON theirs.target = w.target AND theirs.person = a.person
     CROSS JOIN link mine ON mine.target = w.target AND mine.person = w.person
     JOIN person p ON p.id = w.person
     JOIN body b ON b.id = mine.body
     JOIN name n ON n.id = w.attribute
     WHERE t.sync = ?1
       AND NOT EXISTS (SELECT 1 FROM change o INDEXED BY change_open
                       WHERE o.person = w.person AND o.target = w.target AND o.state < 5 AND o.state <> 4)
     LIMIT ?2";

/// References that can be filled now.
pub(super) fn fillable(conn: &Connection, fence: &Fence, limit: usize) -> Result<Vec<Fillable>, Fault> {
    let sync = fenced(conn, fence)?;
    let found = rows(conn, FILLABLE, (sync, limit as i64), |row| {
        Ok((
            (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?),
            (row.get::<_, String>(3)?, row.get::<_, String>(4)?),
            (row.get::<_, String>(5)?, row.get::<_, String>(6)?),
        ))
    })?;
    found
        .into_iter()
        .map(|((person, target_id, after), (target, attribute), (alias, account))| {
            Ok(Fillable {
                link: Link {
                    person: Key::new(person),
                    target_id: target_id.into(),
                    record: serde_json::from_str(&after)?,
                },
                target: target.into(),
                attribute: attribute.into(),
                alias: alias.into(),
                account: account.into(),
            })
        })
        .collect()
}

/// Adds back-fills to the run, free to be delivered.
pub(super) fn back_fill(session: &mut Session<'_>, fence: &Fence, run: RunId, fills: &[Planned]) -> Result<(), Fault> {
    let head = session.fenced_run(fence, run)?;
    if head.state != "delivering" {
        return Err(Fault::refused(format!(
            "run {} is {}, not delivering: no back-fill can be added",
            run.0, head.state
        )));
    }
    let mut id = session.last_change()?;
    for fill in fills {
        let sql = "SELECT id FROM person WHERE sync = ?1 AND key = ?2";
        let Some(person) = session.row(sql, (head.sync, fill.person.as_str()), |row| row.get(0))? else {
            // Forgotten since they were named as fillable: nobody waits any more.
            continue;
        };
        let target = session.target(head.sync, &fill.target)?;
        id += 1;
        fill.insert(session, id, run, target, person, 2)?;
        filled(session, target, person, &fill.attributes)?;
    }
    Ok(())
}

fn filled(session: &mut Session<'_>, target: i64, person: i64, attributes: &[Arc<str>]) -> Result<(), Fault> {
    if attributes.is_empty() {
        session.execute("DELETE FROM wait WHERE target = ?1 AND person = ?2", (target, person))?;
    }
    for attribute in attributes {
        let attribute = session.name(attribute)?;
        session.execute(
            "DELETE FROM wait WHERE target = ?1 AND person = ?2 AND attribute = ?3",
            (target, person, attribute),
        )?;
    }
    Ok(())
}
