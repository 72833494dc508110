//! One row to write.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use joinery_model::Value;
use joinery_odata::date::{write_civil, write_date, write_instant};
use joinery_odata::{EntityAddress, KeyPredicate, Literal, UpsertRow};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

use crate::server_clock::shown;

/// One row to write: an entity set, its key, and what shall stand in it. What is not named stays as it is.
///
/// `Debug` shows the entity set and the names of the properties, no value.
#[derive(Clone)]
pub struct WriteRow {
    set: String,
    key: Vec<(String, Literal)>,
    properties: Vec<(String, Json)>,
    secrets: Vec<(String, SecretString)>,
    together: Option<Arc<str>>,
    repeatable: bool,
}

impl WriteRow {
    /// A row of an entity set.
    pub fn new(set: &str) -> Self {
        Self {
            set: set.to_owned(),
            key: Vec::new(),
            properties: Vec::new(),
            secrets: Vec::new(),
            together: None,
            repeatable: true,
        }
    }

    /// A row of `User`.
    pub fn user(user_id: &str) -> Self {
        Self::new("User").key("userId", &Value::text(user_id))
    }

    /// Adds a part of the key whose literal is not the usual one of its value (an `Edm.Int32`).
    pub(crate) fn key_of(mut self, name: &str, literal: Literal, value: &Value) -> Self {
        self.key.push((name.to_owned(), literal));
        self.put(name, value)
    }

    /// Adds a part of the key. It stands in the address and among the properties.
    pub fn key(mut self, name: &str, value: &Value) -> Self {
        if let Some(literal) = literal(value) {
            self.key.push((name.to_owned(), literal));
        }
        self.put(name, value)
    }

    /// Sets a time stamp that the server reads by its own wall clock (`Edm.DateTime`, no calendar date): what that clock,
    /// in `zone`, shows at the instant.
    pub fn put_stamp(mut self, name: &str, instant: Timestamp, zone: &TimeZone) -> Self {
        self.properties.retain(|(known, _)| known != name);
        self.properties.push((name.to_owned(), Json::String(write_civil(shown(zone, instant)))));
        self
    }

    /// Sets a property; [`Value::Null`] clears it. Lists and objects cannot be written and are left out.
    pub fn put(mut self, name: &str, value: &Value) -> Self {
        if let Some(json) = json(value) {
            self.properties.retain(|(known, _)| known != name);
            self.properties.push((name.to_owned(), json));
        }
        self
    }

    /// Sets a property that is nobody's to see: it is opened when the request is made, and shown nowhere.
    pub fn put_secret(mut self, name: &str, value: SecretString) -> Self {
        self.secrets.push((name.to_owned(), value));
        self
    }

    /// Links a navigation to one entity of a set with one key property: `manager` to `User('x')`.
    pub fn link(mut self, navigation: &str, set: &str, id: &str) -> Self {
        self.properties.push((navigation.to_owned(), reference(set, id)));
        self
    }

    /// Links a navigation to several.
    pub fn links<'i>(mut self, navigation: &str, set: &str, ids: impl IntoIterator<Item = &'i str>) -> Self {
        let all: Vec<Json> = ids.into_iter().map(|id| reference(set, id)).collect();
        self.properties.push((navigation.to_owned(), serde_json::json!({ "results": all })));
        self
    }

    /// Deletes the record (`operation`: Employee Central has no other way). Of e-mail and phone the row must say
    /// whether it is primary. Not sent again when nobody knows whether it arrived.
    pub fn delete(mut self) -> Self {
        self.repeatable = false;
        self.put("operation", &Value::text("DELETE"))
    }

    /// Rows with the same word are never sent in different requests: records of one person of which exactly one must
    /// be primary.
    pub fn together_with(mut self, word: &str) -> Self {
        self.together = Some(word.into());
        self
    }

    /// Says that writing it twice is not writing it once: it is not sent again unless it certainly was not written.
    pub fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// The entity set.
    pub fn set(&self) -> &str {
        &self.set
    }

    /// Names of what is written, keys and secrets included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let plain = self.properties.iter().map(|(name, _)| name.as_str());
        plain.chain(self.secrets.iter().map(|(name, _)| name.as_str()))
    }

    pub(super) fn word(&self) -> Option<&str> {
        self.together.as_deref()
    }

    /// A row without a key makes a new entity each time.
    pub(super) fn is_repeatable(&self) -> bool {
        self.repeatable && !self.key.is_empty()
    }

    pub(crate) fn address(&self) -> EntityAddress {
        match KeyPredicate::new(self.key.iter().cloned()) {
            Some(key) => EntityAddress::entity(&*self.set, key),
            None => EntityAddress::set(&*self.set),
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        let mut row = UpsertRow::new(self.address());
        row.type_name = Some(format!("SFOData.{}", self.set));
        for (name, value) in &self.properties {
            row.properties.insert(name.clone(), value.clone());
        }
        for (name, secret) in &self.secrets {
            row.properties.insert(name.clone(), Json::String(secret.expose_secret().to_owned()));
        }
        row.to_json()
    }
}

impl fmt::Debug for WriteRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteRow({}: {})", self.set, self.names().collect::<Vec<_>>().join(", "))
    }
}

fn reference(set: &str, id: &str) -> Json {
    let address = KeyPredicate::new([("id", Literal::text(id))]).map(|key| EntityAddress::entity(set, key));
    let uri = address.map_or_else(|| set.to_owned(), |address| address.to_string());
    serde_json::json!({"__metadata": {"uri": uri}})
}

fn literal(value: &Value) -> Option<Literal> {
    Some(match value {
        Value::Text(text) => Literal::text(&**text),
        Value::Int(number) => Literal::Int64(*number),
        Value::Date(date) => Literal::date(*date),
        _ => return None,
    })
}

fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        Value::Text(text) | Value::Decimal(text) => Json::String(text.to_string()),
        Value::Date(date) => Json::String(write_date(*date)),
        Value::Instant(instant) => Json::String(write_instant(*instant)),
        Value::List(_) | Value::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_as_it_is_sent() {
        let row = WriteRow::new("PerEmail")
            .key("emailType", &Value::text("8448"))
            .key("personIdExternal", &Value::text("O'Neil"))
            .put("isPrimary", &Value::Bool(true));
        let expected = serde_json::json!({
            "__metadata": {"uri": "PerEmail(emailType='8448',personIdExternal='O''Neil')", "type": "SFOData.PerEmail"},
            "emailType": "8448", "personIdExternal": "O'Neil", "isPrimary": true,
        });
        assert_eq!(row.to_json(), expected);
        let user = WriteRow::user("x").link("manager", "User", "NO_MANAGER").put_secret("password", "hush".into());
        assert_eq!(user.to_json()["manager"]["__metadata"]["uri"], "User('NO_MANAGER')");
        assert_eq!(user.to_json()["password"], "hush");
        assert_eq!(format!("{user:?}"), "WriteRow(User: userId, manager, password)");
        assert!(
            user.is_repeatable() && !user.delete().is_repeatable() && !WriteRow::new("DynamicGroup").is_repeatable()
        );
    }
}
