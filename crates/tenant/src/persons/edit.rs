//! Writing persons: attributes become rows of their segments.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use joinery_model::{Failure, Key, Value};

use super::Persons;
use super::entity::PersonEntity;
use super::resolve::{Flat, PRIMARY, Resolved, Which};
use super::wanted::{PersonAttributes, Wanted};
use crate::row::Kind;
use crate::{RowOutcome, UpsertOptions, WriteRow};

/// Segments in the order in which the tenant wants them; others follow.
const ORDER: [&str; 5] = ["User", "PerPerson", "EmpEmployment", "EmpJob", "PerPersonal"];

/// The property without which a record of a segment is no record: emptied, the record is deleted.
const ESSENCE: [(&str, &str); 2] = [("PerEmail", "emailAddress"), ("PerPhone", "phoneNumber")];

/// What shall change of a person. `Debug` shows names and no value.
#[derive(Clone, Default)]
pub struct PersonChange {
    /// Flat attributes; [`Value::Null`] empties one. An emptied `PerEmail_emailAddress` or `PerPhone_phoneNumber` deletes
    /// the record.
    pub attributes: BTreeMap<Arc<str>, Value>,
    /// The day from which it holds, for segments with slices: a new slice begins there, and the tenant wants what it
    /// always wants of one (`EmpJob_eventReason`). `None` corrects the slice in force.
    pub from: Option<Date>,
}

impl PersonChange {
    /// Sets an attribute.
    pub fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }
}

impl std::fmt::Debug for PersonChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.attributes.keys().map(|name| &**name).collect();
        write!(f, "PersonChange({})", names.join(", "))
    }
}

/// How the write of one record ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentWritten {
    /// The segment: `PerEmail`.
    pub segment: Arc<str>,
    /// The attributes that it wrote.
    pub attributes: Vec<Arc<str>>,
    /// How it ended.
    pub outcome: RowOutcome,
}

/// The record that is written to.
type Record = (usize, Arc<str>, Which);

impl Persons {
    /// Writes attributes of a person, one record of the tenant for each segment; `None` when there is no such person.
    /// Records are written one after the other and stand for themselves: each has its outcome.
    ///
    /// # Errors
    /// Before anything is written: a read-only connection; an attribute that cannot be written, or a record that is not
    /// there and whose key is not given, named; and as [`Persons::get`].
    pub async fn update(&self, id: &str, change: &PersonChange) -> Result<Option<Vec<SegmentWritten>>, Failure> {
        self.writer.settings().may_write(&self.writer.transport().settings().name)?;
        let names = PersonAttributes::of(change.attributes.keys().map(|name| &**name));
        let resolved = self.resolve(&names.map_err(|error| Failure::refused(error.to_string()))?).await?;
        let mut records: BTreeMap<Record, Vec<&Flat>> = BTreeMap::new();
        for name in change.attributes.keys() {
            let flat = writable(name, &resolved)?;
            let order = ORDER.iter().position(|one| *one == &*flat.segment).unwrap_or(ORDER.len());
            records.entry((order, flat.segment.clone(), flat.which)).or_default().push(flat);
        }
        if records.is_empty() {
            return Ok(self
                .get(id, &PersonAttributes::of(["PerPerson_personIdExternal"]).unwrap_or_default())
                .await?
                .map(|_| Vec::new()));
        }
        let needed = self.keys_of(records.keys().map(|(_, segment, which)| (segment, *which))).await?;
        let Some(person) = self.read(&[Key::from(id)], &needed).await?.pop() else { return Ok(None) };
        let (mut rows, mut told) = (Vec::new(), Vec::new());
        for ((_, segment, which), flats) in &records {
            let zone = self.reader.server_zone();
            let now = Now { person: &person, needed: &needed, segment, which: *which, zone };
            let Some(row) = now.row(flats, change)? else { continue };
            rows.push(row.together_with(id));
            told.push((segment.clone(), flats.iter().map(|flat| flat.name.clone()).collect()));
        }
        let outcomes = self.writer.upsert(&rows, UpsertOptions::default()).await?;
        let written = told.into_iter().zip(outcomes);
        Ok(Some(
            written.map(|((segment, attributes), outcome)| SegmentWritten { segment, attributes, outcome }).collect(),
        ))
    }

    /// Keys and primary flags of the records that are written to.
    async fn keys_of<'r>(&self, records: impl Iterator<Item = (&'r Arc<str>, Which)>) -> Result<Resolved, Failure> {
        let records: Vec<_> = records.collect();
        let whole = PersonAttributes::of(records.iter().map(|(segment, _)| &***segment));
        let whole = self.resolve(&whole.map_err(|error| Failure::refused(error.to_string()))?).await?;
        let mut wanted: Vec<Wanted> = Vec::new();
        for (segment, which) in &records {
            for flat in whole.flats.iter().filter(|flat| flat.segment == **segment && is_kept(flat)) {
                let own = flat.own_name();
                let rest = match which {
                    Which::Primary => own.clone(),
                    Which::Secondary => {
                        let (first, rest) = own.split_at(own.len().min(1));
                        format!("secondary{}{rest}", first.to_ascii_uppercase()).into()
                    }
                };
                wanted.push(Wanted { segment: (*segment).clone(), rest: Some(rest) });
            }
        }
        self.resolve(&PersonAttributes::only(wanted)).await
    }
}

/// What must be known of a record to write it.
fn is_kept(flat: &Flat) -> bool {
    flat.is_key || &**flat.own_name() == PRIMARY
}

/// The attribute of that name, if it can be written.
fn writable<'r>(name: &Arc<str>, resolved: &'r Resolved) -> Result<&'r Flat, Failure> {
    let refused = |why: &str| Err(Failure::refused(format!("{name}: {why}")));
    let Some(flat) = resolved.flats.iter().find(|flat| flat.name == *name) else {
        return refused("this tenant has no such attribute of a person, or it names several; name one");
    };
    if !flat.is_own() {
        return refused("belongs to another object; write the property beside the navigation (EmpJob_location)");
    }
    if !flat.property.writable {
        return refused("the tenant's metadata says that it cannot be written");
    }
    Ok(flat)
}

/// A record as it is.
struct Now<'a> {
    person: &'a PersonEntity,
    needed: &'a Resolved,
    segment: &'a Arc<str>,
    which: Which,
    /// That of the server's wall clock.
    zone: &'a TimeZone,
}

impl Now<'_> {
    /// The row that makes the record what it shall be; `None` when there is nothing to do.
    fn row(&self, flats: &[&Flat], change: &PersonChange) -> Result<Option<WriteRow>, Failure> {
        let given = |own: &str| flats.iter().find(|flat| &**flat.own_name() == own);
        let emptied = flats.iter().any(|flat| {
            let is_essence = ESSENCE.contains(&(&**self.segment, &**flat.own_name()));
            is_essence && change.attributes.get(&flat.name).is_none_or(Value::is_null)
        });
        let mut keys = self.parts().filter(|flat| flat.is_key);
        let exists = keys.all(|flat| self.person.attributes.get(&flat.name).is_some_and(|value| !value.is_null()));
        if emptied && !exists {
            return Ok(None);
        }
        let mut row = WriteRow::new(self.segment);
        let mut begins_anew = false;
        for flat in self.parts().filter(|flat| flat.is_key) {
            let own = flat.own_name();
            let known = self.person.attributes.get(&flat.name).filter(|value| !value.is_null());
            let dated = flat.property.kind == Kind::Date;
            let value = match (known, change.from.filter(|_| dated)) {
                (known, Some(from)) => {
                    begins_anew |= known.and_then(Value::as_date) != Some(from);
                    Value::Date(from)
                }
                (Some(known), None) => known.clone(),
                (None, None) => match given(own).and_then(|flat| change.attributes.get(&flat.name)) {
                    Some(value) => typed(flat, value)?,
                    // Who is written to is known; a second slice of a day is not begun here.
                    None if &**own == "personIdExternal" => Value::text(self.person.id.as_str()),
                    None if &**own == "seqNumber" => Value::Int(1),
                    None => {
                        return Err(Failure::refused(format!(
                            "{}: the person has no such record yet; give its key as well",
                            flat.name
                        )));
                    }
                },
            };
            let value = if begins_anew && &**own == "seqNumber" { Value::Int(1) } else { value };
            if let Some(flat) = given(own)
                && known.is_some()
                && change.attributes.get(&flat.name).is_some_and(|wish| typed(flat, wish).ok().as_ref() != Some(&value))
            {
                return Err(Failure::refused(format!(
                    "{}: is part of the record's key and cannot change; delete the record and make another",
                    flat.name
                )));
            }
            row = row.key(own, &value);
        }
        if let Some(primary) = self.parts().find(|flat| &**flat.own_name() == "isPrimary") {
            let known = self.person.attributes.get(&primary.name).filter(|value| !value.is_null()).cloned();
            row = row.put("isPrimary", &known.unwrap_or(Value::Bool(self.which == Which::Primary)));
        }
        if emptied {
            return Ok(Some(row.delete()));
        }
        for flat in flats.iter().filter(|flat| !flat.is_key) {
            let value = change.attributes.get(&flat.name).map(|value| typed(flat, value)).transpose()?;
            row = match value.unwrap_or_default() {
                Value::Instant(instant) if flat.property.kind == Kind::Stamp => {
                    row.put_stamp(flat.own_name(), instant, self.zone)
                }
                value => row.put(flat.own_name(), &value),
            };
        }
        Ok(Some(row))
    }

    /// What was read of the record, dates first: a new slice is counted from one.
    fn parts(&self) -> impl Iterator<Item = &Flat> {
        let of = |flat: &&Flat| flat.segment == *self.segment && flat.which == self.which;
        let dated = |flat: &&Flat| flat.property.kind == Kind::Date;
        let flats = || self.needed.flats.iter().filter(of);
        flats().filter(dated).chain(flats().filter(move |flat| !dated(flat)))
    }
}

/// The value as the property holds it: faces may know text only.
fn typed(flat: &Flat, value: &Value) -> Result<Value, Failure> {
    let wrong = |wanted: &str| Err(Failure::refused(format!("{}: is no {wanted}", flat.name)));
    let Value::Text(text) = value else { return Ok(value.clone()) };
    match flat.property.kind {
        Kind::Text | Kind::Decimal => Ok(value.clone()),
        Kind::Bool => match &**text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => wrong("truth value (true, false)"),
        },
        Kind::Int => text.parse().map_or_else(|_| wrong("whole number"), |number| Ok(Value::Int(number))),
        Kind::Date => {
            let day = text.split(['T', ' ']).next().unwrap_or_default();
            day.parse().map_or_else(|_| wrong("date (2026-01-31)"), |date| Ok(Value::Date(date)))
        }
        Kind::Instant | Kind::Stamp => {
            text.parse().map_or_else(|_| wrong("instant (2026-01-31T10:00:00Z)"), |instant| Ok(Value::Instant(instant)))
        }
    }
}
