//! Rows read back as the model's nouns.

use std::sync::Arc;

use joinery_model::{AttributeDiff, Change, ChangeId, Key, Record, RunId, RunRow, Stored, Watermark, Window};
use rusqlite::Row;

use crate::codes::{action_of, instant, kind_of, run_state_of, situation_of, state_of};
use crate::fault::Fault;

/// A change as its row has it, its record still JSON: read where nobody waits.
pub(crate) struct RawChange {
    pub(crate) id: i64,
    pub(crate) person: String,
    pub(crate) action: i64,
    pub(crate) situation: i64,
    pub(crate) target_id: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) after: String,
    pub(crate) diff: Option<String>,
}

/// The columns of [`RawChange::of`], from `change c`, `person p` and `body b`.
macro_rules! change_columns {
    () => {
        "c.id, p.key, c.action, c.situation, c.target_id, c.attempts, b.after, b.diff"
    };
}
pub(crate) use change_columns;

impl RawChange {
    /// Reads [`change_columns`], which come first in the row.
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            person: row.get(1)?,
            action: row.get(2)?,
            situation: row.get(3)?,
            target_id: row.get(4)?,
            attempts: row.get(5)?,
            after: row.get(6)?,
            diff: row.get(7)?,
        })
    }

    /// The change, its record parsed.
    pub(crate) fn read(self, target: &Arc<str>) -> Result<Change, Fault> {
        let diff: Vec<AttributeDiff> = self.diff.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))?;
        Ok(Change {
            id: ChangeId(self.id),
            person: Key::new(self.person),
            target: target.clone(),
            action: action_of(self.action)?,
            situation: situation_of(self.situation)?,
            target_id: self.target_id.map(Into::into),
            after: serde_json::from_str::<Record>(&self.after)?,
            diff,
            attempts: self.attempts,
        })
    }
}

/// The rest of a stored change, with its target's name.
pub(crate) struct RawStored {
    change: RawChange,
    target: String,
    state: i64,
    reason: Option<String>,
    run: i64,
}

/// The columns of [`RawStored::of`] and where they come from; a condition follows.
pub(crate) const STORED: &str = concat!(
    "SELECT ",
    change_columns!(),
    ", t.name, c.state, c.reason, c.run
     FROM change c
     JOIN person p ON p.id = c.person
     JOIN body b ON b.id = c.id
     JOIN target t ON t.id = c.target "
);

impl RawStored {
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            change: RawChange::of(row)?,
            target: row.get(8)?,
            state: row.get(9)?,
            reason: row.get(10)?,
            run: row.get(11)?,
        })
    }

    pub(crate) fn read(self) -> Result<Stored, Fault> {
        Ok(Stored {
            change: self.change.read(&self.target.into())?,
            state: state_of(self.state)?,
            reason: self.reason,
            run: RunId(self.run),
        })
    }
}

/// The columns of [`run_row`] and where they come from; a condition follows.
pub(crate) const RUN: &str =
    "SELECT r.id, s.name, r.kind, r.plan_only, r.state, r.config_hash, r.since, r.until, r.began,
    r.ended, r.requests, r.note, r.balance FROM run r JOIN sync s ON s.id = r.sync ";

/// A run as history shows it, its balance still JSON.
pub(crate) fn run_row(row: &Row<'_>) -> rusqlite::Result<(RunRow, Option<String>)> {
    Ok((
        RunRow {
            run: RunId(row.get(0)?),
            sync: row.get::<_, String>(1)?.into(),
            kind: kind_of(row.get_ref(2)?.as_str()?)?,
            plan_only: row.get(3)?,
            state: run_state_of(row.get_ref(4)?.as_str()?)?,
            config_hash: row.get::<_, String>(5)?.into(),
            window: window(row.get(6)?, row.get(7)?),
            began: instant(row.get(8)?),
            ended: row.get::<_, Option<i64>>(9)?.map(instant),
            requests: row.get::<_, i64>(10)? as u64,
            note: row.get(11)?,
            balance: None,
        },
        row.get(12)?,
    ))
}

/// The walk's window from its two columns.
pub(crate) fn window(since: Option<i64>, until: i64) -> Window {
    Window { since: since.map(|since| Watermark(instant(since))), until: instant(until) }
}
