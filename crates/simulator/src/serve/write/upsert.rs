//! `POST upsert`: always 200, with a result for each row.

use joinery_odata::payload::{EditStatus, read_upsert_request, write_upsert_results};
use joinery_odata::{UpsertResult, UpsertRow};

use super::{options, permission, row};
use crate::schema::Set;
use crate::serve::asked::{Answer, Asked, JSON};
use crate::serve::turn::Turn;
use crate::serve::{Refusal, View, groups};
use crate::world::{Done, Purge, RowWrite, Verb, World, WriteRefused};

/// KBA 3145174.
const MOST_ROWS: usize = 1000;

const NOTHING_NEW: &str =
    "[Warning!] This record was not saved because there were no new changes compared to the existing record.";

/// Answers an upsert.
pub(crate) fn upsert(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    if asked.method != "POST" {
        return Err(Refusal::no_method(&asked.method));
    }
    let manner = options::manner(&asked.query, turn.settings(), Verb::Upsert)?;
    let rows = read_upsert_request(&asked.body)
        .map_err(|error| Refusal::new(400, "BadRequestException", format!("The payload cannot be read: {error}")))?;
    if rows.len() > MOST_ROWS {
        let message = format!("Upsert content exceeds the limitation, the maximum size is {MOST_ROWS}");
        return Err(Refusal::new(400, "BadRequestException", message));
    }
    let view = turn.view();
    let mut sets = Vec::new();
    for row in &rows {
        let set = Set::named(&row.address.set).filter(|&set| view.has_set(set)).ok_or_else(Refusal::no_entity)?;
        groups::may_read(turn, &row.address.set)?;
        if !set.table().upsertable() {
            return Err(Refusal::unsupported("upsert"));
        }
        sets.push(set);
    }
    if !turn.settings().switches.mixed_upserts && sets.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(Refusal::bad_request("The rows of an upsert must belong to the same entity."));
    }
    if manner.purge == Purge::Record && sets.iter().any(|set| !takes_record_purge(*set)) {
        return Err(Refusal::bad_request("purgeType=record is supported by User and MDF entities only."));
    }
    let read = sets.iter().zip(&rows).map(|(set, row)| read_row(*set, row, &view)).collect::<Vec<_>>();
    let pools_go = turn.settings().switches.unsent_pools_are_removed;
    let results = turn.change(|world| {
        let allowed: Vec<Result<Read<'_>, WriteRefused>> =
            read.into_iter().map(|row| row.and_then(|row| allowed(row, &view, world))).collect();
        let writable = allowed.iter().filter_map(|row| match row {
            Ok(Read::Row(row)) => Some(row.clone()),
            _ => None,
        });
        let writable: Vec<RowWrite> = writable.collect();
        let mut written = world.write(&writable, &manner).into_iter();
        let mut end = |row: Result<Read<'_>, WriteRefused>| match row {
            Ok(Read::Group(row)) => groups::write_row(world, row, pools_go),
            Ok(Read::Row(_)) => {
                let done = written.next().unwrap_or(Err(WriteRefused::Together));
                done.map(|done| (done.key, done.done)).map_err(|refused| told(&refused))
            }
            Err(refused) => Err(told(&refused)),
        };
        allowed.into_iter().enumerate().map(|(index, row)| result(index, end(row))).collect::<Vec<_>>()
    });
    Ok(Answer::new(200, JSON, write_upsert_results(&results)))
}

/// `purgeType=record` is for users and the metadata framework (KBA 2749477, 2670250): the sets that Employee Central keeps
/// in slices and lists are not among them.
fn takes_record_purge(set: Set) -> bool {
    let name = set.table().name;
    !(name.starts_with("Per") || name.starts_with("Emp"))
}

/// A row that was read: groups with their pools, roles and rules have a room of their own.
enum Read<'r> {
    Row(RowWrite),
    Group(&'r UpsertRow),
}

fn read_row<'r>(set: Set, row: &'r UpsertRow, view: &View) -> Result<Read<'r>, WriteRefused> {
    if matches!(set, Set::DynamicGroup | Set::RBPRole | Set::RBPRule) {
        Ok(Read::Group(row))
    } else {
        row::read(set, row, view).map(Read::Row)
    }
}

fn allowed<'r>(row: Read<'r>, view: &View, world: &World) -> Result<Read<'r>, WriteRefused> {
    match &row {
        Read::Row(write) => permission::may_write(write, view, world)?,
        Read::Group(row) => {
            let set = Set::named(&row.address.set).unwrap_or(Set::DynamicGroup);
            permission::may_write(&RowWrite::new(set), view, world)?;
        }
    }
    Ok(row)
}

fn told(refused: &WriteRefused) -> (u16, String) {
    (refused.http_code(), refused.to_string())
}

fn result(index: usize, ended: Result<(String, Done), (u16, String)>) -> UpsertResult {
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let base = UpsertResult {
        key: None,
        status: "ERROR".to_owned(),
        edit_status: None,
        message: None,
        index,
        http_code: 500,
        inline_results: None,
    };
    match ended {
        Ok((key, done)) => {
            let (edit, http_code) = match done {
                Done::Inserted => (EditStatus::Inserted, 201),
                Done::Updated => (EditStatus::Updated, 204),
                Done::Upserted | Done::Unchanged => (EditStatus::Upserted, 200),
            };
            let message = (done == Done::Unchanged).then(|| NOTHING_NEW.to_owned());
            UpsertResult {
                key: Some(key),
                status: "OK".to_owned(),
                edit_status: Some(edit),
                http_code,
                message,
                ..base
            }
        }
        Err((http_code, message)) => {
            UpsertResult { http_code, message: Some(format!("{message} with the index {index}")), ..base }
        }
    }
}
