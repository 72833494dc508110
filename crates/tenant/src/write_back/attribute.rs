//! The words of a write-back mapping's left side.

/// What an attribute of a write-back mapping means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// `user_id`: the account's id. Found by, never written.
    UserId,
    /// `person_id`: personIdExternal. Found by, never written.
    PersonId,
    /// `username`, `custom01` to `custom15`: properties of User that no HRIS sync overwrites.
    User(String),
    /// `loginMethod`: `SSO` or `PWD`, of UserAccount.
    LoginMethod,
    /// `email_B`, `phone_C`, `phone_C_extension`: a record by its type, and the part of it.
    Contact {
        /// E-mails or phones.
        set: ContactSet,
        /// External code or id of the type.
        kind: String,
        /// Which part.
        part: ContactPart,
    },
    /// `email_primary`, `phone_primary`: the type of the record that is primary.
    Primary(ContactSet),
}

/// E-mails or phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactSet {
    /// PerEmail.
    Email,
    /// PerPhone.
    Phone,
}

/// A part of an e-mail or phone record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactPart {
    /// The address or number; emptying it deletes the record.
    Main,
    /// Country code of a phone.
    Country,
    /// Area code of a phone.
    Area,
    /// Extension of a phone.
    Extension,
}

/// An attribute that cannot be written back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}: cannot be written back; there are user_id, person_id, username, custom01 to custom15, loginMethod, email_TYPE, \
     email_primary, phone_TYPE (with _country, _area, _extension) and phone_primary, TYPE being an external code such as B"
)]
pub struct AttributeError(String);

impl ContactSet {
    /// The entity set.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "PerEmail",
            Self::Phone => "PerPhone",
        }
    }

    /// The key property that is the type.
    pub fn kind_property(self) -> &'static str {
        match self {
            Self::Email => "emailType",
            Self::Phone => "phoneType",
        }
    }

    /// The picklist of types.
    pub fn picklist(self) -> &'static str {
        match self {
            Self::Email => "ecEmailType",
            Self::Phone => "ecPhoneType",
        }
    }

    /// The parts of a record.
    pub fn parts(self) -> &'static [ContactPart] {
        match self {
            Self::Email => &[ContactPart::Main],
            Self::Phone => &[ContactPart::Main, ContactPart::Country, ContactPart::Area, ContactPart::Extension],
        }
    }

    /// The property of a part.
    pub fn property(self, part: ContactPart) -> &'static str {
        match (self, part) {
            (Self::Email, _) => "emailAddress",
            (Self::Phone, ContactPart::Main) => "phoneNumber",
            (Self::Phone, ContactPart::Country) => "countryCode",
            (Self::Phone, ContactPart::Area) => "areaCode",
            (Self::Phone, ContactPart::Extension) => "extension",
        }
    }
}

impl Attribute {
    /// Reads an attribute's name.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(name: &str) -> Result<Self, AttributeError> {
        let unknown = || AttributeError(name.to_owned());
        let custom = |name: &str| {
            let number = name.strip_prefix("custom").filter(|digits| digits.len() == 2)?.parse::<u8>().ok()?;
            (1..=15).contains(&number).then_some(())
        };
        Ok(match name {
            "user_id" => Self::UserId,
            "person_id" => Self::PersonId,
            "username" => Self::User(name.to_owned()),
            "loginMethod" => Self::LoginMethod,
            "email_primary" => Self::Primary(ContactSet::Email),
            "phone_primary" => Self::Primary(ContactSet::Phone),
            _ if custom(name).is_some() => Self::User(name.to_owned()),
            _ => {
                let (set, rest) = match name.split_once('_').ok_or_else(unknown)? {
                    ("email", rest) => (ContactSet::Email, rest),
                    ("phone", rest) => (ContactSet::Phone, rest),
                    _ => return Err(unknown()),
                };
                let (kind, part) = match rest.rsplit_once('_') {
                    Some((kind, "country")) if set == ContactSet::Phone => (kind, ContactPart::Country),
                    Some((kind, "area")) if set == ContactSet::Phone => (kind, ContactPart::Area),
                    Some((kind, "extension")) if set == ContactSet::Phone => (kind, ContactPart::Extension),
                    _ => (rest, ContactPart::Main),
                };
                if kind.is_empty() {
                    return Err(unknown());
                }
                Self::Contact { set, kind: kind.to_owned(), part }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_these() {
        let of = |name: &str| Attribute::parse(name).ok();
        assert_eq!(of("custom15"), Some(Attribute::User("custom15".into())));
        let contact = |set, kind: &str, part| Some(Attribute::Contact { set, kind: kind.into(), part });
        assert_eq!(of("email_B"), contact(ContactSet::Email, "B", ContactPart::Main));
        assert_eq!(of("phone_C_extension"), contact(ContactSet::Phone, "C", ContactPart::Extension));
        assert_eq!(of("phone_10606"), contact(ContactSet::Phone, "10606", ContactPart::Main));
        assert_eq!(of("phone_primary"), Some(Attribute::Primary(ContactSet::Phone)));
        for name in ["custom00", "custom16", "department", "email_", "fax_B", "phone__area", "mail"] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
