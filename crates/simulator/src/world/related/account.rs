//! Navigations of accounts and of external users.

use super::option_row;
use crate::schema::Set;
use crate::schema::account::{ext_phone_info, external_user};
use crate::schema::user::user;
use crate::world::{Cell, RowId, World};

impl World {
    /// The account of a person.
    pub(super) fn account_row(&self, person: u32) -> Option<RowId> {
        Some(RowId::new(Set::UserAccount, self.account_of(person)?, 0, 0))
    }

    pub(super) fn external_to(&self, row: RowId, navigation: usize) -> Option<RowId> {
        match row.set {
            Set::ExternalUser => match external_user::N::ALL.get(navigation)? {
                external_user::N::extPersonalInfo => Some(RowId { set: Set::ExtPersonalInfo, ..row }),
                _ => None,
            },
            Set::ExtEmailInfo => option_row(self.picks.usual.business_mail),
            Set::ExtPhoneInfo => match ext_phone_info::N::ALL.get(navigation)? {
                ext_phone_info::N::phoneTypeNav => option_row(self.picks.usual.business_phone),
            },
            _ => None,
        }
    }

    pub(super) fn external_parts(&self, row: RowId, navigation: usize) -> Vec<RowId> {
        let set = match external_user::N::ALL.get(navigation) {
            Some(external_user::N::extEmailInfo) => Set::ExtEmailInfo,
            Some(external_user::N::extPhoneInfo) => Set::ExtPhoneInfo,
            Some(external_user::N::extAddressInfo) => Set::ExtAddressInfo,
            _ => return Vec::new(),
        };
        if self.external_has(row.top, set) { vec![RowId { set, ..row }] } else { Vec::new() }
    }

    /// Whether a user is external and has the part that the set is of.
    pub(in crate::world) fn external_has(&self, place: u32, set: Set) -> bool {
        let external =
            self.users.get(place as usize).is_some_and(|user| !user.gone && matches!(user.status, b'e' | b'd'));
        let proof = match set {
            Set::ExternalUser | Set::ExtPersonalInfo => return external,
            Set::ExtEmailInfo => user::P::email,
            Set::ExtPhoneInfo => user::P::businessPhone,
            _ => user::P::addressLine1,
        };
        external && self.cell(RowId::new(Set::User, place, 0, 0), proof as usize) != Cell::Null
    }

    pub(super) fn values_of_list(&self, row: RowId) -> Vec<RowId> {
        let Some(list) = self.picks.lists.get(row.top as usize) else { return Vec::new() };
        self.picks.options(list).map(|at| RowId::new(Set::PickListValueV2, u32::from(at), 0, 0)).collect()
    }
}
