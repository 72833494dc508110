//! What writing leaves behind beside the rows: mails, links between users, users that wait for the HRIS sync.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::Set;
use crate::schema::user::user::{N, P};
use crate::world::data::{Author, NOBODY};
use crate::world::passwords::Password;
use crate::world::{Cell, RowId, Stamp, Value, World};

/// What HRIS sync writes into User from Employee Central.
pub(in crate::world) const SYNCED: [P; 24] = [
    P::firstName,
    P::lastName,
    P::mi,
    P::nickname,
    P::defaultFullName,
    P::gender,
    P::nationality,
    P::email,
    P::businessPhone,
    P::cellPhone,
    P::empId,
    P::hireDate,
    P::origHireDate,
    P::department,
    P::division,
    P::location,
    P::jobCode,
    P::title,
    P::jobTitle,
    P::city,
    P::country,
    P::timeZone,
    P::localCurrencyCode,
    P::totalTeamSize,
];

/// A mail that the tenant would have sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// userId of the receiver.
    pub user_id: String,
    /// When.
    pub at: Stamp,
}

/// See the module's own words.
#[derive(Clone, Debug, Default)]
pub(in crate::world) struct Effects {
    /// Welcome mails: the user's place, and when.
    pub mails: Vec<(u32, Stamp)>,
    /// Links from a user to others (matrix and custom managers, second manager, proxies), by navigation.
    pub links: BTreeMap<(u32, u16), Vec<u32>>,
    /// Users whose Employee Central data changed since the last sync, when syncs come on order.
    pub unsynced: BTreeSet<u32>,
    /// Passwords that were written, by user.
    pub passwords: BTreeMap<u32, Password>,
    /// A write under way leaves users as they are: its sync comes on order.
    pub sync_waits: bool,
}

/// The navigation that holds the link, for one that shows it from the other side.
fn forward(navigation: N) -> Option<N> {
    Some(match navigation {
        N::customReports => N::customManager,
        N::matrixReports => N::matrixManager,
        N::secondReports => N::secondManager,
        _ => return None,
    })
}

impl World {
    /// The welcome mails that new users would have had, in order. Who writes a user without an API option profile
    /// that says otherwise causes one.
    pub fn mails(&self) -> Vec<Mail> {
        let mail = |(user, at): &(u32, Stamp)| Mail { user_id: self.user_id(*user).to_owned(), at: *at };
        self.effects.mails.iter().map(mail).collect()
    }

    /// Users that a written link leads to, from either side.
    pub(in crate::world) fn linked_users(&self, user: u32, navigation: N) -> Vec<RowId> {
        let row = |place: u32| RowId::new(Set::User, place, 0, 0);
        if navigation == N::hrReports {
            let reports = self
                .users_order
                .iter()
                .filter(|place| self.users.get(**place as usize).is_some_and(|one| one.hr == user && !one.gone));
            return reports.map(|place| row(*place)).collect();
        }
        if let Some(forward) = forward(navigation) {
            let links = self.effects.links.iter();
            let meant = links.filter(|((_, at), to)| *at == forward as u16 && to.contains(&user));
            return meant.filter(|((from, _), _)| self.user_exists(*from)).map(|((from, _), _)| row(*from)).collect();
        }
        let to = self.effects.links.get(&(user, navigation as u16)).map_or(&[][..], Vec::as_slice);
        to.iter().filter(|place| self.user_exists(**place)).map(|place| row(*place)).collect()
    }

    /// Keeps what the users show now, so that a write to Employee Central does not reach them before the next sync.
    pub(super) fn hold_users(&mut self, users: &[u32]) {
        for &place in users {
            let held: Vec<(u16, Value)> = SYNCED
                .iter()
                .map(|property| {
                    (*property as u16, owned(self.cell(RowId::new(Set::User, place, 0, 0), *property as usize)))
                })
                .collect();
            let manager = self.manager_today(place);
            let fresh = self.written.len() as u32;
            let status = self.users.get(place as usize).map(|user| self.user_status(place, user));
            let (Some(user), Some(status)) = (self.users.get_mut(place as usize), status) else { continue };
            (user.status, user.derived, user.manager) = (status, false, Some(manager));
            if user.written == NOBODY {
                user.written = fresh;
                self.written.push(Vec::new());
            }
            if let Some(list) = self.written.get_mut(user.written as usize) {
                for (property, value) in held {
                    if !list.iter().any(|(at, _)| *at == property) {
                        list.push((property, value));
                    }
                }
            }
            self.effects.unsynced.insert(place);
        }
    }

    /// HRIS sync on order: users follow Employee Central again, whatever was written over it. How many were behind.
    pub fn hris_sync(&mut self) -> usize {
        let now = self.stamp();
        let waiting = std::mem::take(&mut self.effects.unsynced);
        for &place in &waiting {
            let employed = self.employment_of(place).is_some();
            let Some(user) = self.users.get_mut(place as usize).filter(|_| employed) else { continue };
            user.audit.touch(now, Author::Import);
            user.manager = None;
            follows_employment(user);
            if let Some(list) = self.written.get_mut(user.written as usize) {
                list.retain(|(at, _)| !SYNCED.iter().any(|one| *one as u16 == *at));
            }
        }
        waiting.len()
    }
}

/// From now on the status follows the employment; one of an onboarding user becomes that of an employee.
pub(super) fn follows_employment(user: &mut crate::world::data::User) {
    if matches!(user.status, b't' | b'f' | b'e') {
        (user.status, user.derived) = (b't', true);
    }
}

fn owned(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Str(text) => Value::Text(text.to_owned()),
        Cell::Bool(truth) => Value::Bool(truth),
        Cell::Int(number) => Value::Int(number),
        Cell::Double(number) => Value::Double(number),
        Cell::Date(day) => Value::Date(day),
        Cell::Bytes(bytes) => Value::Bytes(bytes.into()),
        Cell::Null | Cell::LocalStamp(_) | Cell::Stamp(_) => Value::Null,
    }
}
