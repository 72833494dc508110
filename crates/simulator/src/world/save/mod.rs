//! A company as bytes, to be kept in a file.
//!
//! First a line that names the format and its version, then sections: the length of a name, the name, the length of
//! the content, the content as MessagePack. A section that a reader does not know is skipped, one that is missing is
//! empty. Inside a section structures are arrays of their fields in order: new fields go to the end and have a
//! default. Properties and navigations are written by name, since tables grow.

mod container;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::container::{Sections, sections};
pub(crate) use self::container::{append_section, read_section};
use self::values::{Named, NamedLink};
use super::accounts::Account;
use super::change::Effects;
use super::groups::Groups;
use super::passwords::Password;
use super::photos::Photos;
use super::text::{Text, Texts};
use super::units::UnitKind;
use super::{Clock, Stamp, World};
use crate::schema::Set;

/// Why a file is not a company.
#[derive(Debug, thiserror::Error)]
pub enum NotLoaded {
    /// Something else, or nothing.
    #[error(
        "this is no saved tenant: give a file that `joinery simulate --state` wrote, or one that does not exist yet"
    )]
    Other,
    /// Of a later version.
    #[error("the saved tenant has format {0}, and this version of joinery reads 1: use the joinery that wrote it")]
    Later(u32),
    /// Cut short.
    #[error("the saved tenant ends in the middle of section {0:?}: take a copy that is whole")]
    Short(String),
    /// A section that cannot be read.
    #[error("section {section:?} of the saved tenant cannot be read: {why}")]
    Section {
        /// Its name.
        section: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct SavedClock {
    now: Timestamp,
    tenant: String,
    server: String,
}

#[derive(Serialize, Deserialize, Default)]
struct SavedAccounts {
    accounts: BTreeMap<u32, Account>,
    assignment_ids: BTreeMap<u32, Text>,
    photos: Photos,
}

#[derive(Serialize, Deserialize, Default)]
struct SavedEffects {
    mails: Vec<(u32, Stamp)>,
    links: Vec<NamedLink>,
    unsynced: BTreeSet<u32>,
    sync_waits: bool,
    #[serde(default)]
    passwords: BTreeMap<u32, Password>,
}

#[derive(Serialize, Deserialize, Default)]
struct SavedOrder {
    people: Vec<u32>,
    users: Vec<u32>,
    reports: Vec<Vec<u32>>,
    named_by: BTreeMap<u32, Vec<u32>>,
    person_ids: u64,
}

impl World {
    /// The company as bytes: people, users, foundation objects, picklists, groups, written values, the clock.
    pub fn save(&self) -> Vec<u8> {
        let mut out = Sections::new();
        let zone = |zone: &TimeZone| zone.iana_name().map_or_else(|| fixed(zone, self.now()), str::to_owned);
        out.put(
            "clock",
            &SavedClock {
                now: self.now(),
                tenant: zone(self.clock.tenant_zone()),
                server: zone(self.clock.server_zone()),
            },
        );
        out.put("texts", &self.texts.parts());
        out.put("picklists", &(&self.picks.lists, &self.picks.choices));
        let units: BTreeMap<&str, _> =
            UnitKind::ALL.iter().map(|kind| (kind.set().table().name, self.units.of(*kind))).collect();
        out.put("units", &units);
        out.put("positions", &self.positions);
        out.put("sites", &self.sites);
        out.put("people", &self.people);
        out.put("users", &self.users);
        out.put(
            "order",
            &SavedOrder {
                people: self.people_order.clone(),
                users: self.users_order.clone(),
                reports: self.reports.clone(),
                named_by: self.named_by.clone(),
                person_ids: self.person_ids,
            },
        );
        out.put(
            "accounts",
            &SavedAccounts {
                accounts: self.accounts.clone(),
                assignment_ids: self.assignment_ids.clone(),
                photos: self.photos.clone(),
            },
        );
        let written: Vec<Named> = self.written.iter().map(|list| Named::of(Set::User, list)).collect();
        out.put("written", &written);
        out.put("more", &self.more_by_name());
        out.put(
            "effects",
            &SavedEffects {
                mails: self.effects.mails.clone(),
                links: self.effects.links.iter().map(NamedLink::of).collect(),
                unsynced: self.effects.unsynced.clone(),
                sync_waits: self.effects.sync_waits,
                passwords: self.effects.passwords.clone(),
            },
        );
        out.put("groups", &self.groups);
        out.done()
    }

    /// The company that [`World::save`] made these bytes of.
    ///
    /// # Errors
    /// [`NotLoaded`] when they are something else, of a later version, or damaged.
    pub fn load(bytes: &[u8]) -> Result<Self, NotLoaded> {
        let found = sections(bytes)?;
        let clock: SavedClock = found.need("clock")?;
        let zone = |name: &str| {
            let why = || NotLoaded::Section { section: "clock", why: format!("there is no time zone {name:?}") };
            TimeZone::get(name).or_else(|_| TimeZone::posix(name)).map_err(|_| why())
        };
        let mut world = Self::empty(Clock::new(clock.now, zone(&clock.tenant)?, zone(&clock.server)?));
        let (bytes, known): (String, Vec<Text>) = found.need("texts")?;
        world.texts = Texts::of_parts(bytes, &known);
        let (lists, choices) = found.need("picklists")?;
        let damaged = |section, why: &str| NotLoaded::Section { section, why: why.to_owned() };
        world
            .picks
            .restore(lists, choices)
            .ok_or_else(|| damaged("picklists", "a list has options that are not there"))?;
        let mut units: BTreeMap<String, Vec<_>> = found.need("units")?;
        for kind in UnitKind::ALL {
            *world.units.edit(kind) = units.remove(kind.set().table().name).unwrap_or_default();
        }
        world.units.find_late(&world.texts);
        world.positions = found.read("positions")?;
        world.sites = found.read("sites")?;
        world.people = found.need("people")?;
        world.users = found.need("users")?;
        let order: SavedOrder = found.need("order")?;
        if order.users.iter().any(|at| *at as usize >= world.users.len())
            || order.people.iter().any(|at| *at as usize >= world.people.len())
        {
            return Err(damaged("order", "it names somebody who is not there"));
        }
        (world.people_order, world.users_order) = (order.people, order.users);
        (world.reports, world.named_by, world.person_ids) = (order.reports, order.named_by, order.person_ids);
        world.reports.resize(world.users.len(), Vec::new());
        let accounts: SavedAccounts = found.read("accounts")?;
        (world.accounts, world.assignment_ids, world.photos) =
            (accounts.accounts, accounts.assignment_ids, accounts.photos);
        let written: Vec<Named> = found.read("written")?;
        world.written = written.into_iter().map(Named::into_values).collect();
        let more: Vec<Named> = found.read("more")?;
        world.more = more.into_iter().map(Named::into_values).collect();
        let effects: SavedEffects = found.read("effects")?;
        world.effects = Effects {
            mails: effects.mails,
            links: effects.links.into_iter().filter_map(NamedLink::into_link).collect(),
            unsynced: effects.unsynced,
            sync_waits: effects.sync_waits,
            passwords: effects.passwords,
        };
        world.groups = found.read::<Groups>("groups")?;
        world.unsettle();
        Ok(world)
    }
}

/// A zone that is only an offset, as POSIX writes it: hours west of Greenwich.
fn fixed(zone: &TimeZone, now: Timestamp) -> String {
    let seconds = zone.to_offset(now).seconds();
    let (sign, all) = if seconds > 0 { ('-', seconds) } else { ('+', -seconds) };
    format!("<FIX>{sign}{:02}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60)
}

#[cfg(test)]
mod tests;
