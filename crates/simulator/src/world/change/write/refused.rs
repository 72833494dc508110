//! Why a row was not written.

use crate::schema::Set;

/// Why a row was not written. The text is what the row's `message` says, less ` with the index n`. Where no public
/// evidence of the wording was found, the sentence is ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteRefused {
    /// Required properties are not in the payload (KBA 3307746).
    #[error(
        "Please add required properties in payload. Required properties {} are missing. You can check which properties \
         are required for an entity in Admin Center > OData API Data Dictionary or the entity metadata.", .0.join(", ")
    )]
    Required(Vec<String>),
    /// The user is inactive and the request does not ask for such users (KBA 2430160).
    #[error("Cannot upsert an inactive user.. ")]
    Inactive,
    /// External users of the suite are written through ExternalUser (KBA 2994898).
    #[error(
        "You're not allowed to add or update external users (status e and d) with the User API. Please use the \
         ExternalUser API instead."
    )]
    External,
    /// A value that the property does not take (KBA 3580349).
    #[error("[COE0019]Invalid property value. Property name:{name}. Property value:{value}.")]
    Value {
        /// Property.
        name: String,
        /// What was sent, cut short.
        value: String,
    },
    /// A value longer than metadata allows.
    #[error("[COE0019]Property {name} exceeds the maximum length of {limit}.")]
    Length {
        /// Property.
        name: &'static str,
        /// Characters allowed.
        limit: u32,
    },
    /// A property that does not exist, is not in this company's data model, or that the API user may not see.
    #[error(
        "[COE0021]Invalid property names: {0}. Please check the property name in Admin Center > OData API Data \
         Dictionary or entity metadata."
    )]
    Unknown(String),
    /// A property that cannot be written.
    #[error("[COE0019]Property {0} is read only.")]
    ReadOnly(&'static str),
    /// The password breaks the policy. Neither is told what was sent.
    #[error("The password does not comply with the password policy. {0}")]
    Password(String),
    /// Another user has that name (KBA 3550451).
    #[error(
        "DUPLICATE_USERNAME : Failed to add/update user [{user_id}] \"\" (N/A;N/A;N/A): Duplicate Username - \"{username}\"."
    )]
    DuplicateUsername {
        /// The row's userId.
        user_id: String,
        /// The name that is taken.
        username: String,
    },
    /// The user or object that a link names does not exist or is not active.
    #[error("Invalid {role}: user \"{user_id}\" does not exist or is inactive.")]
    Link {
        /// Navigation or property.
        role: &'static str,
        /// What was sent.
        user_id: String,
    },
    /// The API user may see the row or the set and not write it.
    #[error("[COE0020]The API user does not have the permission to edit {0}.")]
    Forbidden(String),
    /// The person is not there, or the user belongs to another (KBA 3075524).
    #[error("ServiceCreateFailedException: can not get personId.")]
    NoPerson,
    /// Deleting an e-mail or phone without saying whether it is primary (KBA 3386831).
    #[error(
        "isPrimary contains an invalid flag for boolean field. Only ‘Y’, ‘N’, ‘YES’, ‘NO’, ‘T’, ‘F’, ‘TRUE’, ‘FALSE’, ‘0’, ‘1’ are allowed."
    )]
    Flag,
    /// A person must have exactly one primary e-mail and phone.
    #[error("{}: there must be exactly one primary record. Send the record that is no longer primary in the same request.", .0.table().name)]
    Primary(Set),
    /// What the row stands on is not there: the documented order was not kept.
    #[error("{set} {id} does not exist. Please create it first.")]
    Order {
        /// The set that must be written first.
        set: &'static str,
        /// Key of what is missing.
        id: String,
    },
    /// A rule of Employee Central.
    #[error("{0}")]
    Rule(String),
    /// Another row of the same person in the request was refused, and rows of one person are written together.
    #[error("The record was not saved because another record of the same person in this request could not be saved.")]
    Together,
    /// The row is there already.
    #[error("Record for entity {} with this key already exists.", .0.table().name)]
    Exists(Set),
    /// The row is not there.
    #[error("[COE0028]Record for entity {} with specific key does not exist. Please check the key value.", .0.table().name)]
    Missing(Set),
    /// The set takes no such write.
    #[error("[COE0025]Unsupported feature: {0}")]
    Unsupported(&'static str),
}

impl WriteRefused {
    pub(in crate::world) fn rule(text: impl Into<String>) -> Self {
        Self::Rule(text.into())
    }

    pub(in crate::world) fn value(name: &str, value: &str) -> Self {
        Self::Value { name: name.to_owned(), value: value.chars().take(40).collect() }
    }

    /// `httpCode` of a row of an upsert.
    pub fn http_code(&self) -> u16 {
        match self {
            Self::Forbidden(_) => 403,
            Self::Missing(_) => 404,
            Self::Length { .. } | Self::Unknown(_) | Self::ReadOnly(_) | Self::Link { .. } | Self::Unsupported(_) => {
                400
            }
            _ => 500,
        }
    }

    /// Status and code of the whole answer, where a request writes one row.
    pub fn answer(&self) -> (u16, &'static str) {
        match self {
            Self::Required(_) => (400, "COE_MISSING_REQUIRED_PROPERTIES"),
            Self::Unknown(_) => (400, "COE_PROPERTY_NOT_FOUND"),
            Self::Forbidden(_) => (403, "COE_GENERAL_FORBIDDEN"),
            Self::Missing(_) => (404, "COE_RECORD_NOT_FOUND"),
            Self::Value { .. } => (500, "COE_GENERAL_SERVER_FAILURE"),
            _ => (400, "COE_GENERAL_BAD_REQUEST"),
        }
    }

    /// The sentence of the whole answer: with its number in front.
    pub fn sentence(&self) -> String {
        let text = self.to_string();
        if text.starts_with("[COE") {
            return text;
        }
        let number = if matches!(self, Self::Required(_)) { "COE0027" } else { "COE0018" };
        format!("[{number}]{}", text.trim_end())
    }
}
