//! One entity by its key, and what lies behind it on a path.

use bytes::Bytes;
use joinery_odata::{EntityAddress, KeyPredicate, Literal};
use serde_json::{Value as Json, json};

use super::asked::Shape;
use super::list::{Desk, Source, Written};
use super::refusal::Refusal;
use super::{plan, render};
use crate::schema::{Edm, EntitySet, Set};
use crate::world::{Day, KeyPart, Related, RowId};

/// What a request for data answers with.
#[derive(Debug)]
pub(crate) enum Reply {
    Json(Written, Shape),
    /// `$count` and `$value`: bare text.
    Text(String),
}

impl Desk<'_> {
    /// Answers a request for an address below `/odata/v2`.
    pub(crate) fn answer(&self, address: &EntityAddress) -> Result<Reply, Refusal> {
        let set = Set::named(&address.set).filter(|&set| self.view.has_set(set)).ok_or_else(Refusal::no_entity)?;
        let Some(key) = &address.key else {
            if !set.listable() {
                let name = set.table().name;
                return Err(Refusal::bad_request(&format!("{name} needs a key value in GET operation.")));
            }
            let source = Source::Whole(set);
            return match address.rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                [] => self.list(&source, false).map(data),
                ["$count"] => self.count(&source).map(|count| Reply::Text(count.to_string())),
                _ => Err(Refusal::bad_request("A path below an entity set needs a key.")),
            };
        };
        let parts = key_parts(key, set.table()).ok_or_else(|| {
            Refusal::bad_request(&format!("The key of {} is not complete or not valid.", set.table().name))
        })?;
        let row = self.world.find(set, &parts).filter(|&row| self.view.sees(self.world, row));
        let row = row.ok_or_else(|| Refusal::no_record(set))?;
        let only_active_users = set == Set::User && self.settings.switches.active_users_below_user_key;
        self.below(row, &address.rest, only_active_users)
    }

    fn below(&self, row: RowId, rest: &[String], only_active_users: bool) -> Result<Reply, Refusal> {
        let set = row.set();
        let table = set.table();
        let Some((name, rest)) = rest.split_first() else {
            return self.single(row, only_active_users).map(data);
        };
        if name == "$links" {
            return self.links(row, rest);
        }
        let unknown = || Refusal::unknown_properties(&[format!("{}/{name}", table.name)]);
        if !self.view.has_field(set, name) {
            return Err(unknown());
        }
        if let Some(property) = table.property(name).filter(|&at| table.properties[at].flags.visible()) {
            let cell = self.view.cell(self.world, row, property);
            let mut out = Vec::new();
            let numbers = self.settings.switches.doubles_are_numbers;
            render::value(&mut out, cell, plan::written_as(table.properties[property].edm, numbers));
            return match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                [] => {
                    let body = [format!("{{\"d\":{{\"{name}\":").as_bytes(), &out, b"}}"].concat();
                    let written = Written { pieces: vec![Bytes::from(body)], rows: 1, is_page: false };
                    Ok(Reply::Json(written, Shape::Property(set, property)))
                }
                ["$value"] => {
                    let json = serde_json::from_slice(&out).unwrap_or_default();
                    Ok(Reply::Text(match json {
                        serde_json::Value::String(text) => text,
                        serde_json::Value::Null => String::new(),
                        other => other.to_string(),
                    }))
                }
                _ => Err(Refusal::bad_request("Nothing lies below a property.")),
            };
        }
        let navigation = table.navigation(name).ok_or_else(unknown)?;
        let target = table.navigations[navigation].target;
        if !self.view.has_set(target) {
            return Err(unknown());
        }
        let below = self.world.below(row, self.as_of()?, self.settings.switches.range_reaches_down);
        match self.world.related(row, navigation, below) {
            Related::One(found) => {
                let found = found.filter(|&row| self.view.sees(self.world, row));
                self.below(found.ok_or_else(|| Refusal::no_record(target))?, rest, only_active_users)
            }
            Related::Many(mut rows) => {
                if only_active_users && target == Set::User {
                    let status = crate::schema::user::user::P::status as usize;
                    rows.retain(|&row| matches!(self.world.cell(row, status), crate::world::Cell::Str("t" | "T")));
                }
                let source = Source::Related(target, rows);
                match rest.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    [] => self.list(&source, only_active_users).map(data),
                    ["$count"] => self.count(&source).map(|count| Reply::Text(count.to_string())),
                    _ => Err(Refusal::bad_request("A path behind a navigation to many is not supported.")),
                }
            }
        }
    }

    /// The addresses behind a navigation: `User('x')/$links/manager`.
    fn links(&self, row: RowId, rest: &[String]) -> Result<Reply, Refusal> {
        let table = row.set().table();
        let [name] = rest else { return Err(Refusal::bad_request("$links is followed by one navigation.")) };
        let seen = table
            .navigation(name)
            .filter(|&at| self.view.has_field(row.set(), name) && self.view.has_set(table.navigations[at].target));
        let at = seen.ok_or_else(|| Refusal::unknown_properties(&[format!("{}/{name}", table.name)]))?;
        let target = table.navigations[at].target;
        let below = self.world.below(row, self.as_of()?, self.settings.switches.range_reaches_down);
        let sees = |row: &RowId| self.view.sees(self.world, *row);
        let plan = self.plan_of_keys(target)?;
        let mut renderer = self.renderer();
        let mut address = |row: RowId| renderer.address(&plan, row);
        let (d, rows) = match self.world.related(row, at, below) {
            Related::One(found) => {
                let found = found.filter(sees).ok_or_else(|| Refusal::no_record(target))?;
                (json!({ "uri": address(found) }), 1)
            }
            Related::Many(found) => {
                let links: Vec<Json> =
                    found.into_iter().filter(sees).map(|row| json!({ "uri": address(row) })).collect();
                let rows = links.len() as u64;
                (json!({ "results": links }), rows)
            }
        };
        let body = json!({ "d": d }).to_string();
        Ok(Reply::Json(Written { pieces: vec![Bytes::from(body)], rows, is_page: false }, Shape::Links))
    }

    /// One entity; a filter beside a key is not looked at (KBA 2736579).
    fn single(&self, row: RowId, only_active_users: bool) -> Result<Written, Refusal> {
        let plan = self.plan(row.set())?;
        let mut renderer = self.renderer();
        renderer.only_active_users = only_active_users;
        renderer.out.extend_from_slice(b"{\"d\":");
        renderer.entity(&plan, row, self.as_of()?)?;
        renderer.out.push(b'}');
        Ok(Written { pieces: vec![Bytes::from(renderer.out)], rows: 1, is_page: false })
    }
}

fn data(written: Written) -> Reply {
    Reply::Json(written, Shape::Data)
}

/// The parts of a key in the table's order; `None` when one is missing or of another type.
pub(crate) fn key_parts<'k>(key: &'k KeyPredicate, table: &EntitySet) -> Option<Vec<KeyPart<'k>>> {
    let values = key.values(table.keys)?;
    table
        .keys
        .iter()
        .zip(values)
        .map(|(name, value)| {
            let property = &table.properties[table.property(name)?];
            match (property.edm, value) {
                (Edm::String, Literal::Text(text)) => Some(KeyPart::Str(text)),
                (Edm::Int32 | Edm::Int64 | Edm::Decimal, Literal::Int(number) | Literal::Int64(number)) => {
                    Some(KeyPart::Int(*number))
                }
                (Edm::Decimal, Literal::Decimal(digits)) => digits.parse().ok().map(KeyPart::Int),
                (Edm::DateTime, Literal::DateTime(civil)) => Some(KeyPart::Day(Day::from(civil.date()))),
                _ => None,
            }
        })
        .collect()
}
