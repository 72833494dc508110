//! Cells of accounts, external users and pictures.

use super::stamp;
use crate::schema::Set;
use crate::schema::account::{
    ext_address_info, ext_email_info, ext_personal_info, ext_phone_info, external_user, person_key, photo, user_account,
};
use crate::schema::user::user;
use crate::world::{Cell, RowId, Stamp, World};

/// Added to the place of a user, so that the ids of an external user's parts look like ids.
pub(in crate::world) const PART_IDS: u32 = 30_001;

impl World {
    pub(super) fn person_key_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use person_key::P;
        let person = self.person(row)?;
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(person.external),
            P::perPersonUuid => self.str(person.uuid),
            P::personId => Cell::Int(i64::from(row.top) + 1000),
        })
    }

    pub(super) fn account_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use user_account::P;
        let user = self.users.get(row.top as usize)?;
        let person = self.people.get(user.person as usize);
        let more = self.accounts.get(&row.top);
        let active = matches!(self.user_status(row.top, user), b't' | b'T' | b'e');
        Some(match P::ALL.get(property)? {
            P::username => self.str(user.name),
            P::accountStatus => Cell::Str(if active { "ACTIVE" } else { "INACTIVE" }),
            // What the real one looks like is not published: a value that is as stable stands in for it.
            P::accountUuid => self.str(person?.uuid),
            P::personIdExternal => self.str(person?.external),
            P::email => self.of_user(row, user::P::email),
            P::locale => self.of_user(row, user::P::defaultLocale),
            P::loginMethod => self.str(more?.login_method),
            P::sapGlobalUserId => self.str(more?.global_id),
            P::userType => Cell::Str(if person.is_some() { "EMPLOYEE" } else { return None }),
            P::createdDateTime => stamp(user.audit.created),
            P::lastModifiedDateTime => stamp(user.audit.modified),
            P::lastInactivationDateTime => stamp(if active { Stamp::NEVER } else { user.audit.modified }),
            P::lastLoginFailedDateTime => return None,
        })
    }

    /// What the user of the same place has.
    fn of_user(&self, row: RowId, property: user::P) -> Cell<'_> {
        self.user_cell(RowId { set: Set::User, ..row }, property as usize).unwrap_or(Cell::Null)
    }

    pub(super) fn external_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let modified = || stamp(self.users.get(row.top as usize).map_or(Stamp::NEVER, |user| user.audit.modified));
        let of = |property| self.of_user(row, property);
        let id = || Cell::Int(i64::from(row.top + PART_IDS));
        Some(match row.set {
            Set::ExternalUser => match external_user::P::ALL.get(property)? {
                external_user::P::userId => of(user::P::userId),
                external_user::P::userName => of(user::P::username),
                external_user::P::status => of(user::P::status),
                external_user::P::defaultLocale => of(user::P::defaultLocale),
                external_user::P::timeZone => of(user::P::timeZone),
                external_user::P::loginMethod => self.str(self.accounts.get(&row.top)?.login_method),
                external_user::P::lastModifiedDateTime => modified(),
                external_user::P::is_deleted => Cell::Bool(false),
                _ => return None,
            },
            Set::ExtPersonalInfo => match ext_personal_info::P::ALL.get(property)? {
                ext_personal_info::P::personalInfoId => id(),
                ext_personal_info::P::firstName => of(user::P::firstName),
                ext_personal_info::P::lastName => of(user::P::lastName),
                ext_personal_info::P::middleName => of(user::P::mi),
                ext_personal_info::P::lastModifiedDateTime => modified(),
            },
            Set::ExtEmailInfo => match ext_email_info::P::ALL.get(property)? {
                ext_email_info::P::emailInfoId => id(),
                ext_email_info::P::emailAddress => of(user::P::email),
                ext_email_info::P::emailType => self.option(self.picks.usual.business_mail),
                ext_email_info::P::isPrimary => Cell::Str("true"),
                ext_email_info::P::lastModifiedDateTime => modified(),
            },
            Set::ExtPhoneInfo => match ext_phone_info::P::ALL.get(property)? {
                ext_phone_info::P::phoneInfoId => id(),
                ext_phone_info::P::phoneNumber => of(user::P::businessPhone),
                ext_phone_info::P::phoneType => self.option(self.picks.usual.business_phone),
                ext_phone_info::P::isPrimary => Cell::Str("true"),
                ext_phone_info::P::lastModifiedDateTime => modified(),
                _ => return None,
            },
            _ => match ext_address_info::P::ALL.get(property)? {
                ext_address_info::P::addressId => id(),
                ext_address_info::P::addressType => Cell::Str("home"),
                ext_address_info::P::address1 => of(user::P::addressLine1),
                ext_address_info::P::address2 => of(user::P::addressLine2),
                ext_address_info::P::city => of(user::P::city),
                ext_address_info::P::state => of(user::P::state),
                ext_address_info::P::zipCode => of(user::P::zipCode),
                ext_address_info::P::country => of(user::P::country),
                ext_address_info::P::lastModifiedDateTime => modified(),
                ext_address_info::P::province => return None,
            },
        })
    }

    pub(super) fn photo_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use photo::P;
        let user = self.users.get(row.top as usize)?;
        let shown = self.photo(row.top, row.child)?;
        Some(match P::ALL.get(property)? {
            P::userId => self.str(user.id),
            P::photoType => Cell::Int(i64::from(row.child)),
            P::photo => Cell::Bytes(shown.bytes),
            P::photoId => Cell::Int(i64::from(row.top) * 10 + i64::from(row.child)),
            P::photoName => self.str(shown.name),
            P::mimeType => Cell::Str(shown.mime),
            P::height => Cell::Int(i64::from(shown.height)),
            P::width => Cell::Int(i64::from(shown.width)),
            P::lastModified => self.local(shown.modified),
            P::lastModifiedDateTime | P::lastModifiedWithTZ => stamp(shown.modified),
        })
    }
}
