//! Writing log-in accounts, external users and photos.

use super::refused::WriteRefused;
use super::row::{Done, Manner, RowDone, RowWrite, Verb};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::account::{
    ext_address_info, ext_email_info, ext_personal_info, ext_phone_info, external_user, photo, user_account,
};
use crate::schema::user::user::P as U;
use crate::world::accounts::Account;
use crate::world::data::{Audit, Author, NOBODY};
use crate::world::photos::Photo;
use crate::world::text::Text;
use crate::world::{KeyPart, RowId, Value, World};

impl World {
    /// Log-in method and Global User ID of an account that is there: SAP's identity services write them back.
    pub(super) fn write_account(&mut self, row: &RowWrite) -> Written {
        use user_account::P;
        Self::demand(row, &[P::username as usize])?;
        let name = row.text(P::username as usize).unwrap_or_default();
        let place = self.account_named(name).ok_or(WriteRefused::Missing(Set::UserAccount))?;
        let method = method(row, P::loginMethod as usize)?;
        let mut account = self.accounts.get(&place).copied().unwrap_or(NO_ACCOUNT);
        if let Some(method) = method {
            account.login_method = self.texts.shared(method);
        }
        if let Some(id) = row.text(P::sapGlobalUserId as usize) {
            account.global_id = self.texts.add(id);
        }
        if let Some(status) = row.text(P::accountStatus as usize) {
            let letter = match status {
                "ACTIVE" => b't',
                "INACTIVE" => b'f',
                other => return Err(WriteRefused::value("accountStatus", other)),
            };
            let now = self.users.get(place as usize).map(|user| self.user_status(place, user));
            if now != Some(letter) {
                return Err(WriteRefused::rule("The status of an account follows the status of its user."));
            }
        }
        self.accounts.insert(place, account);
        let locale = row.text(P::locale as usize).map(|text| Value::Text(text.to_owned()));
        self.put_written(place, locale.map(|value| (U::defaultLocale as u16, value)));
        let row = RowId::new(Set::UserAccount, place, 0, 0);
        Ok(RowDone { done: Done::Updated, row: Some(row), key: name.to_owned() })
    }

    /// A user of status `e` or `d`: made or changed, with the parts that stand in the row.
    pub(super) fn write_external(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use external_user::P;
        Self::demand(row, &[P::userId as usize])?;
        let id = row.text(P::userId as usize).unwrap_or_default().to_owned();
        let known = self.user_by_id(&id);
        if known.is_some() && manner.verb == Verb::Insert {
            return Err(WriteRefused::Exists(Set::ExternalUser));
        }
        if known.is_none() {
            Self::demand(row, &[P::productName as usize, P::status as usize])?;
        }
        if known
            .is_some_and(|place| !self.users.get(place as usize).is_some_and(|user| matches!(user.status, b'e' | b'd')))
        {
            return Err(WriteRefused::rule("The user is not an external user. Please use the User API."));
        }
        let status = match row.text(P::status as usize) {
            None => None,
            Some("e" | "active_external_suite") => Some(b'e'),
            Some("d" | "inactive_external_suite") => Some(b'd'),
            Some(other) => return Err(WriteRefused::value("status", other)),
        };
        let name = row.text(P::userName as usize).map(str::to_owned);
        if let Some(name) = &name
            && let Some(other) = self.user_named(name)
            && Some(other.top) != known
        {
            return Err(WriteRefused::DuplicateUsername { user_id: id, username: name.clone() });
        }
        let method = method(row, P::loginMethod as usize)?;
        if let Some(password) = row.text(P::password as usize)
            && !manner.passwords.takes(password)
        {
            return Err(WriteRefused::Password(manner.passwords.text()));
        }
        let now = self.stamp();
        let place = known.unwrap_or_else(|| self.enlist(&id, now));
        let name = name.map(|name| self.texts.add(&name));
        if let Some(user) = self.users.get_mut(place as usize) {
            user.audit.touch(now, Author::Api);
            user.status = status.unwrap_or(user.status);
            user.name = name.unwrap_or(user.name);
            user.derived = false;
        }
        if let Some(password) = row.text(P::password as usize) {
            self.keep_password(place, password);
        }
        if let Some(method) = method {
            let login_method = self.texts.shared(method);
            self.accounts.entry(place).or_insert(NO_ACCOUNT).login_method = login_method;
        }
        let plain = [(P::defaultLocale as usize, U::defaultLocale), (P::timeZone as usize, U::timeZone)];
        let mut values: Vec<(u16, Value)> =
            plain.into_iter().filter_map(|(at, to)| Some((to as u16, Value::Text(row.text(at)?.to_owned())))).collect();
        for part in row.nested.iter().map(|(_, part)| part) {
            values.extend(part_of_user(part));
        }
        self.put_written(place, values);
        let done = if known.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(RowId::new(Set::ExternalUser, place, 0, 0)), key: id })
    }

    /// A part of an external user that is there, by its own key.
    pub(super) fn write_part(&mut self, row: &RowWrite) -> Written {
        let key = row.set.table().keys.first().and_then(|name| row.set.table().property(name));
        let id = key.and_then(|at| row.int(at)).ok_or_else(|| {
            WriteRefused::rule("A part of an external user is made with its user: send it below ExternalUser.")
        })?;
        let part = self.find(row.set, &[KeyPart::Int(id)]).ok_or(WriteRefused::Missing(row.set))?;
        self.put_written(part.top, part_of_user(row));
        let now = self.stamp();
        if let Some(user) = self.users.get_mut(part.top as usize) {
            user.audit.touch(now, Author::Api);
        }
        Ok(RowDone { done: Done::Updated, row: Some(part), key: self.key_of_row(part) })
    }

    /// Puts values over what follows from the person.
    fn put_written(&mut self, place: u32, values: impl IntoIterator<Item = (u16, Value)>) {
        let fresh = self.written.len() as u32;
        let Some(user) = self.users.get_mut(place as usize) else { return };
        if user.written == NOBODY {
            user.written = fresh;
            self.written.push(Vec::new());
        }
        let Some(list) = self.written.get_mut(user.written as usize) else { return };
        for (property, value) in values {
            list.retain(|(at, _)| *at != property);
            list.push((property, value));
        }
    }

    /// A picture of a type that the client names; its measures are read from the picture.
    pub(super) fn write_photo(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use photo::P;
        Self::demand(row, &[P::photoType as usize, P::userId as usize])?;
        let (user, kind) = self.photo_key(row)?;
        let known = self.photo(user, kind).is_some();
        match (manner.verb, known) {
            (Verb::Insert, true) => return Err(WriteRefused::Exists(Set::Photo)),
            (Verb::Replace | Verb::Merge, false) => return Err(WriteRefused::Missing(Set::Photo)),
            _ => {}
        }
        let sent = row.values.iter().find_map(|(at, value)| match value {
            Value::Bytes(bytes) if *at == P::photo as usize => Some(bytes.clone()),
            _ => None,
        });
        let name = row.text(P::photoName as usize).map(|name| self.texts.add(name));
        let (bytes, mime, width, height) = match sent {
            Some(bytes) => {
                let (mime, width, height) =
                    measure(&bytes).ok_or_else(|| WriteRefused::rule("The photo is not a PNG, JPEG or GIF image."))?;
                (bytes.to_vec().into_boxed_slice(), mime.to_owned(), width, height)
            }
            None => match self.photo(user, kind) {
                Some(shown) => (shown.bytes.into(), shown.mime.to_owned(), shown.width, shown.height),
                None => return Err(WriteRefused::Required(vec!["photo".to_owned()])),
            },
        };
        let audit = Audit::at(self.stamp(), Author::Api);
        let mime = self.texts.shared(&mime);
        let stored = Photo { bytes, mime, name: name.unwrap_or(Text::NONE), width, height, audit };
        self.photos.insert((user, kind), Some(stored));
        let place = RowId::new(Set::Photo, user, kind, 0);
        let done = if known { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(place), key: self.key_of_row(place) })
    }

    pub(super) fn delete_photo(&mut self, row: &RowWrite) -> Result<(), WriteRefused> {
        let (user, kind) = self.photo_key(row)?;
        self.photo(user, kind).ok_or(WriteRefused::Missing(Set::Photo))?;
        self.photos.insert((user, kind), None);
        Ok(())
    }

    fn photo_key(&self, row: &RowWrite) -> Result<(u32, u16), WriteRefused> {
        use photo::P;
        let id = row.text(P::userId as usize).unwrap_or_default();
        let user = self.user_by_id(id).filter(|place| self.user_exists(*place));
        let user = user.ok_or_else(|| WriteRefused::Order { set: "User", id: id.to_owned() })?;
        let kind = row.int(P::photoType as usize).unwrap_or(1);
        let kind = u16::try_from(kind).map_err(|_| WriteRefused::value("photoType", &kind.to_string()))?;
        Ok((user, kind))
    }
}

const NO_ACCOUNT: Account = Account { login_method: Text::NONE, global_id: Text::NONE };

/// A log-in method that was sent.
fn method(row: &RowWrite, property: usize) -> Result<Option<&str>, WriteRefused> {
    match row.text(property) {
        None => Ok(None),
        Some(method @ ("SSO" | "PWD")) => Ok(Some(method)),
        Some(other) => Err(WriteRefused::value("loginMethod", other)),
    }
}

/// What a nested part of an external user is as values of the user.
fn part_of_user(part: &RowWrite) -> Vec<(u16, Value)> {
    let pairs: &[(usize, U)] = match part.set {
        Set::ExtPersonalInfo => {
            use ext_personal_info::P;
            &[
                (P::firstName as usize, U::firstName),
                (P::lastName as usize, U::lastName),
                (P::middleName as usize, U::mi),
            ]
        }
        Set::ExtEmailInfo => &[(ext_email_info::P::emailAddress as usize, U::email)],
        Set::ExtPhoneInfo => &[(ext_phone_info::P::phoneNumber as usize, U::businessPhone)],
        Set::ExtAddressInfo => {
            use ext_address_info::P;
            &[
                (P::address1 as usize, U::addressLine1),
                (P::address2 as usize, U::addressLine2),
                (P::city as usize, U::city),
                (P::state as usize, U::state),
                (P::zipCode as usize, U::zipCode),
                (P::country as usize, U::country),
            ]
        }
        _ => &[],
    };
    pairs.iter().filter_map(|(at, to)| Some((*to as u16, Value::Text(part.text(*at)?.to_owned())))).collect()
}

/// Media type, width and height of an image, from its first bytes.
fn measure(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
    let four = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let two = |at: usize| Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(("image/png", four(16)?, four(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        let little = |at: usize| Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
        return Some(("image/gif", little(6)?, little(8)?));
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    // Segments up to the frame header (SOF0 to SOF15, less DHT, JPG and DAC), which has the measures.
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1).filter(|_| bytes.get(at) == Some(&0xff))?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some(("image/jpeg", two(at + 7)?, two(at + 5)?));
        }
        at += 2 + two(at + 2)? as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_measured() {
        // The first bytes of images as their formats define them.
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0, 0, 0, 80, 0, 0, 0, 40]].concat();
        assert_eq!(measure(&png), Some(("image/png", 80, 40)));
        assert_eq!(measure(b"GIF89a\x10\0\x20\0"), Some(("image/gif", 16, 32)));
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 40, 0, 80, 3];
        assert_eq!(measure(&jpeg), Some(("image/jpeg", 80, 40)));
        assert_eq!(measure(b"\xff\xd8\xff"), None);
        assert_eq!(measure(b"hello"), None);
    }
}
