//! The part of a person's way that needs nothing but the row: standing, scope, mapping, rules. Pure, and done on
//! threads of its own.

use std::sync::Arc;

use jiff::civil::Date;
use joinery_model::{Key, LeftOut, Ref, Row, Standing, Tried, Valid};

use crate::mapping::{Mapped, Mapping};
use crate::sync::{Compiled, Wish};

/// The kind of reference by which the journal finds people whose standing means something else on a day to come.
pub(super) const DUE: &str = "joinery:due";

/// A person up to the comparison.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) key: Key,
    pub(crate) how: Tried,
    pub(crate) aliases: Vec<String>,
    pub(crate) refs: Vec<Ref>,
    pub(crate) standing: Standing,
    pub(crate) wish: Wish,
    /// A condition or a rule of the whole person that leaves them out.
    pub(crate) left_out: Option<LeftOut>,
    /// By mapping: a valid record, or why there is none. Empty when left out.
    pub(crate) records: Vec<Result<Valid<Mapped>, LeftOut>>,
}

/// The reference that brings somebody back with the next delta run, whatever the day.
pub(super) fn again() -> Ref {
    Ref::new(DUE, "again")
}

/// The reference that brings somebody back on a day.
pub(super) fn due_on(day: Date) -> Ref {
    Ref::new(DUE, day.to_string())
}

/// Prepares one row for a day.
pub(crate) fn prepare(sync: &Compiled, mut row: Row, how: Tried, today: Date) -> Prepared {
    let wish = sync.leaver.wish(&row.standing, today);
    let mut refs = std::mem::take(&mut row.refs);
    refs.extend(sync.leaver.due(&row.standing, today).into_iter().map(due_on));
    let left_out = left_out(sync, &row, wish, today);
    let records = if left_out.is_some() {
        Vec::new()
    } else {
        sync.mappings.iter().map(|mapping| record(sync, mapping, &row, today)).collect()
    };
    Prepared { key: row.key, how, aliases: row.aliases, refs, standing: row.standing, wish, left_out, records }
}

/// One mapping's record. A rule about what the source does not say now says nothing; but no account is made without
/// what a rule demands, or without what would find the account that is there already.
fn record(sync: &Compiled, mapping: &Mapping, row: &Row, today: Date) -> Result<Valid<Mapped>, LeftOut> {
    let mut mapped = mapping.map(row, today)?;
    let unsaid: Vec<&Arc<str>> = mapping.unsaid(&row.unsaid).collect();
    if unsaid.is_empty() {
        return sync.rules.validate(mapped, |name| mapping.has(name));
    }
    mapped.lacks = unsaid.iter().find_map(|name| {
        let rule = sync.rules.requiring(name);
        let rule = rule.or_else(|| sync.correlate.contains(name).then_some("correlate"))?;
        let message = format!("the source does not say {name} now, and no account is made without it");
        Some(LeftOut { rule: rule.into(), message })
    });
    sync.rules.validate(mapped, |name| mapping.has(name) && !unsaid.iter().any(|unsaid| &***unsaid == name))
}

fn left_out(sync: &Compiled, row: &Row, wish: Wish, today: Date) -> Option<LeftOut> {
    let because = |rule: &str, message: &str| Some(LeftOut { rule: rule.into(), message: message.to_owned() });
    if let Some(only) = &sync.only {
        match only.holds(&row.data, today) {
            Ok(true) => {}
            Ok(false) => return because("only", "the condition `only` leaves this person out"),
            Err(error) => return because("only", &format!("the condition `only` could not be judged: {error}")),
        }
    }
    if wish == Wish::NotStarted {
        return because("not-started", "the person starts later; the account is made lead_days before");
    }
    None
}

/// Prepares a page's rows, in order, on as many threads as pay off.
pub(super) async fn prepare_all(
    sync: &Arc<Compiled>,
    rows: Vec<(Row, Tried)>,
    today: Date,
) -> Result<Vec<Prepared>, String> {
    /// Fewer rows than this are not worth a second thread.
    const WORTH: usize = 64;
    let parts = if rows.len() < WORTH { 1 } else { 2 };
    let size = rows.len().div_ceil(parts).max(1);
    let mut rows = rows.into_iter();
    let mut under_way = Vec::with_capacity(parts);
    loop {
        let part: Vec<(Row, Tried)> = rows.by_ref().take(size).collect();
        if part.is_empty() {
            break;
        }
        let sync = Arc::clone(sync);
        under_way.push(tokio::task::spawn_blocking(move || {
            part.into_iter().map(|(row, how)| prepare(&sync, row, how, today)).collect::<Vec<_>>()
        }));
    }
    let mut prepared = Vec::new();
    for part in under_way {
        prepared.extend(part.await.map_err(|error| format!("mapping a page: {error}"))?);
    }
    Ok(prepared)
}
