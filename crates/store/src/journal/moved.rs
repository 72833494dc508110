//! An account that got another id: where the key of a table is something that changes (an e-mail address), whoever
//! refers to it is to be told.

use joinery_model::Record;

use crate::fault::Fault;
use crate::session::{Session, rows};

/// The people who lean on an object of that id, whatever its kind: among them are all who refer to a person.
pub(crate) const LEANING: &str = "SELECT DISTINCT p.id FROM name n
     CROSS JOIN object o ON o.sync = ?1 AND o.kind = n.id AND o.ref = ?2
     CROSS JOIN lean d ON d.object = o.id
     CROSS JOIN person p ON p.sync = ?1 AND p.key = d.key";

/// What a target holds for a person, and what is on its way there.
pub(crate) const HELD_AND_COMING: &str = "SELECT b.after FROM link l JOIN body b ON b.id = l.body
     WHERE l.target = ?1 AND l.person = ?2
     UNION ALL
     SELECT b.after FROM change c INDEXED BY change_open JOIN body b ON b.id = c.id
     WHERE c.target = ?1 AND c.person = ?2 AND c.state < 5 AND c.state <> 4";

/// The account of the person was `old` until now: every reference to it waits to be filled anew.
pub(super) fn account(
    session: &mut Session<'_>,
    sync: i64,
    (target, person): (i64, i64),
    old: &str,
) -> Result<(), Fault> {
    let aliases = session.row("SELECT aliases FROM person WHERE id = ?1", [person], |row| row.get::<_, String>(0))?;
    let aliases: Vec<String> = serde_json::from_str(&aliases.unwrap_or_else(|| "[]".to_owned()))?;
    for alias in aliases {
        for leaning in rows(session.conn, LEANING, (sync, &alias), |row| row.get::<_, i64>(0))? {
            for after in rows(session.conn, HELD_AND_COMING, (target, leaning), |row| row.get::<_, String>(0))? {
                let record: Record = serde_json::from_str(&after)?;
                let stale = record.references.into_iter().filter_map(|(attribute, to)| Some((attribute, to?)));
                for (attribute, to) in stale.filter(|(_, to)| *to.alias == *alias) {
                    if to.target_id.as_deref() == Some(old) {
                        let attribute = session.name(&attribute)?;
                        session.execute(
                            "INSERT INTO wait (target, person, attribute, alias) VALUES (?1, ?2, ?3, ?4)
                             ON CONFLICT DO NOTHING",
                            (target, leaning, attribute, &alias),
                        )?;
                    }
                }
            }
        }
    }
    Ok(())
}
