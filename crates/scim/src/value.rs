//! Values against their attributes: the type must fit, names are spelled as the registry spells them, and null stays null,
//! since to clear a value is not the same as to say nothing (RFC 7643, section 2.5).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::tz::Offset;
use serde_json::Value as Json;

use crate::body::shown;
use crate::moment::instant;
use crate::place::{Resource, member};
use crate::schema::{Attribute, Kind, Mutability};
use crate::{Quirk, ScimError, Tolerance};

/// Choices that the standards leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Only canonical values are taken where an attribute has some. The standard only suggests them (RFC 7643, section 7).
    pub canonical_only: bool,
    /// PATCH: to replace a complex attribute takes away what the value does not say (the interoperability profile); the RFC
    /// leaves it (section 3.5.2.3).
    pub replace_whole: bool,
    /// PATCH: brackets must be followed by a sub-attribute, but for removals (the interoperability profile).
    pub named_parts: bool,
}

/// How values are checked in one request.
pub(crate) struct Checking<'t> {
    pub(crate) rules: Rules,
    pub(crate) tolerance: &'t mut Tolerance,
}

impl Checking<'_> {
    /// A value of an attribute as it should be. With `part`, a complex value may leave required sub-attributes out, since it
    /// is laid over what is there.
    pub(crate) fn value(
        &mut self,
        attribute: &Attribute,
        place: &str,
        json: &Json,
        part: bool,
    ) -> Result<Json, ScimError> {
        if json.is_null() {
            return Ok(Json::Null);
        }
        if !attribute.multi_valued {
            let one = match json {
                Json::Array(items) if items.len() == 1 && self.tolerance.meets(Quirk::ArrayForOne) => &items[0],
                Json::Array(items) if items.is_empty() && self.tolerance.meets(Quirk::ArrayForOne) => &Json::Null,
                one => one,
            };
            return if one.is_null() { Ok(Json::Null) } else { self.one(attribute, place, one, part) };
        }
        let items = match json {
            Json::Array(items) => items.as_slice(),
            one if self.tolerance.meets(Quirk::ArrayLeftOut) => std::slice::from_ref(one),
            _ => return Err(ScimError::value(format!("`{place}` holds several values; give an array."))),
        };
        let mut checked = Vec::with_capacity(items.len());
        for item in items {
            if item.is_null() {
                return Err(ScimError::value(format!("`{place}` has null among its values; leave it out.")));
            }
            checked.push(self.one(attribute, place, item, false)?);
        }
        one_primary(&checked, place)?;
        Ok(checked.into())
    }

    /// One value, or one element of several.
    pub(crate) fn one(
        &mut self,
        attribute: &Attribute,
        place: &str,
        json: &Json,
        part: bool,
    ) -> Result<Json, ScimError> {
        if attribute.kind != Kind::Complex {
            return self.plain(attribute, place, json);
        }
        match json {
            Json::Object(members) => self.complex(attribute, place, members, part).map(Json::Object),
            plain @ (Json::String(_) | Json::Number(_) | Json::Bool(_))
                if attribute.part("value").is_some() && self.tolerance.meets(Quirk::BareElements) =>
            {
                let members = Resource::from_iter([("value".to_owned(), plain.clone())]);
                self.complex(attribute, place, &members, part).map(Json::Object)
            }
            _ => Err(ScimError::value(format!("`{place}` has sub-attributes; give an object."))),
        }
    }

    fn complex(
        &mut self,
        attribute: &Attribute,
        place: &str,
        members: &Resource,
        part: bool,
    ) -> Result<Resource, ScimError> {
        let mut checked = Resource::new();
        for (name, value) in members {
            let Some(sub) = attribute.part(name) else {
                if self.tolerance.meets(Quirk::UnknownAttributes) {
                    continue;
                }
                return Err(ScimError::syntax(format!("`{place}.{}`: there is no such sub-attribute.", shown(name))));
            };
            // The server's own part of a value that the client may write is left out and not refused (section 3.5.1).
            if sub.mutability == Mutability::ReadOnly && attribute.mutability != Mutability::ReadOnly {
                continue;
            }
            let value = self.value(sub, &format!("{place}.{}", sub.name), value, false)?;
            if checked.insert(sub.name.to_string(), value).is_some() {
                return Err(ScimError::syntax(format!("`{place}.{}` stands twice.", sub.name)));
            }
        }
        if !part {
            for sub in attribute.sub.iter().filter(|sub| sub.required && sub.mutability != Mutability::ReadOnly) {
                if member(&checked, &sub.name).is_none_or(is_blank) {
                    return Err(ScimError::value(format!("`{place}.{}` is required.", sub.name)));
                }
            }
        }
        Ok(checked)
    }

    fn plain(&mut self, attribute: &Attribute, place: &str, json: &Json) -> Result<Json, ScimError> {
        let wrong = |what: &str| Err(ScimError::value(format!("`{place}` must be {what}.")));
        let number = |text: &str| text.parse().ok().map(Json::Number);
        let value = match (attribute.kind, json) {
            (Kind::Boolean, Json::Bool(_))
            | (Kind::Integer | Kind::Decimal, Json::Number(_))
            | (Kind::String | Kind::Reference, Json::String(_)) => json.clone(),
            (Kind::Boolean, Json::String(text)) => {
                let read = text.to_ascii_lowercase().parse::<bool>().ok();
                match read.filter(|_| self.tolerance.meets(Quirk::TextBooleans)) {
                    Some(value) => value.into(),
                    None => return wrong("true or false, without quotes"),
                }
            }
            (Kind::Boolean, _) => return wrong("true or false"),
            (Kind::Integer | Kind::Decimal, Json::String(text)) => {
                match number(text).filter(|_| self.tolerance.meets(Quirk::TextNumbers)) {
                    Some(value) => value,
                    None => return wrong("a number, without quotes"),
                }
            }
            (Kind::Integer | Kind::Decimal, _) => return wrong("a number"),
            (Kind::DateTime, Json::String(text)) if instant(text, Offset::UTC).is_some() => json.clone(),
            (Kind::DateTime, _) => return wrong("a date-time such as 2026-01-31T12:00:00Z"),
            (Kind::Binary, Json::String(text)) if is_base64(text) => json.clone(),
            (Kind::Binary, _) => return wrong("bytes in base64"),
            (Kind::String | Kind::Reference, _) => return wrong("text"),
            (Kind::Complex, _) => return wrong("an object"),
        };
        if attribute.kind == Kind::Integer && value.as_f64().is_none_or(|number| number.fract() != 0.0) {
            return wrong("a whole number");
        }
        if self.rules.canonical_only && !attribute.canonical.is_empty() {
            let fits = |wanted: &std::sync::Arc<str>| {
                let text = value.as_str().unwrap_or_default();
                if attribute.case_exact { text == &**wanted } else { text.to_lowercase() == wanted.to_lowercase() }
            };
            if !attribute.canonical.iter().any(fits) {
                return wrong(&format!("one of {}", attribute.canonical.join(", ")));
            }
        }
        Ok(value)
    }
}

/// At most one value is the primary one (RFC 7643, section 2.4).
pub(crate) fn one_primary(elements: &[Json], place: &str) -> Result<(), ScimError> {
    if elements.iter().filter(|element| is_primary(element)).count() > 1 {
        return Err(ScimError::value(format!("`{place}` has more than one primary value; there is at most one.")));
    }
    Ok(())
}

pub(crate) fn is_primary(element: &Json) -> bool {
    element.get("primary") == Some(&Json::Bool(true))
}

/// Nothing that could stand for a required value: null, empty, or blanks alone.
pub(crate) fn is_blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.values().all(is_blank),
        _ => false,
    }
}

/// Base64 in either alphabet of RFC 4648, with or without padding (RFC 7643, section 2.3.6).
fn is_base64(text: &str) -> bool {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    // White space in it is common in certificates; it means nothing.
    let text: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .into_iter()
        .any(|alphabet| GeneralPurpose::new(alphabet, config).decode(&text).is_ok())
}

/// A value without its nulls and what is empty without them; nothing when nothing is left.
pub(crate) fn without_nulls(value: Json) -> Option<Json> {
    match value {
        Json::Null => None,
        Json::Array(items) => {
            let items: Vec<Json> = items.into_iter().filter_map(without_nulls).collect();
            (!items.is_empty()).then_some(items.into())
        }
        Json::Object(members) => {
            let members = members.into_iter().filter_map(|(name, value)| Some((name, without_nulls(value)?)));
            let members: Resource = members.collect();
            (!members.is_empty()).then_some(members.into())
        }
        plain => Some(plain),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{enterprise_user, user};

    fn checked(name: &str, json: &Json, mut tolerance: Tolerance, rules: Rules) -> Result<Json, String> {
        let (user, enterprise) = (user(), enterprise_user());
        let attribute = user.named(name).or_else(|| enterprise.named(name)).unwrap();
        let mut checking = Checking { rules, tolerance: &mut tolerance };
        checking.value(attribute, name, json, false).map_err(|error| error.detail)
    }

    #[test]
    fn types_must_fit_and_the_error_names_the_place() {
        let strict = |name: &str, json: Json| checked(name, &json, Tolerance::strict(), Rules::default());
        assert_eq!(strict("active", json!(true)), Ok(json!(true)));
        assert_eq!(
            strict("emails", json!([{"VALUE": "a", "Primary": null}])),
            Ok(json!([{"value": "a", "primary": null}]))
        );
        for (name, json, named) in [
            ("active", json!("true"), "`active`"),
            ("active", json!(1), "`active`"),
            ("userName", json!(5), "`userName` must be text"),
            ("name", json!("x"), "`name`"),
            ("name", json!({"first": "x"}), "`name.first`"),
            ("name", json!({"givenName": ["x"]}), "`name.givenName`"),
            ("emails", json!({"value": "x"}), "`emails` holds several"),
            ("emails", json!(["x"]), "`emails`"),
            ("emails", json!([null]), "null among"),
            ("emails", json!([{"value": 1}]), "`emails.value`"),
            ("emails", json!([{"primary": true}, {"primary": true}]), "more than one primary"),
            ("x509Certificates", json!([{"value": "not base64!"}]), "base64"),
            ("manager", json!("7"), "`manager`"),
        ] {
            let error = strict(name, json).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn what_clients_bend_is_made_straight() {
        let lenient = |name: &str, json: Json| checked(name, &json, Tolerance::lenient(), Rules::default()).unwrap();
        assert_eq!(lenient("active", json!("False")), json!(false));
        assert_eq!(lenient("manager", json!("7")), json!({"value": "7"}));
        assert_eq!(lenient("manager", json!([{"value": "7", "displayName": "Boss"}])), json!({"value": "7"}));
        assert_eq!(lenient("emails", json!({"value": "x"})), json!([{"value": "x"}]));
        assert_eq!(lenient("emails", json!("x")), json!([{"value": "x"}]));
        assert_eq!(lenient("name", json!({"first": "x"})), json!({}));
    }

    #[test]
    fn canonical_values_bind_where_the_rules_say_so() {
        let rules = Rules { canonical_only: true, ..Rules::default() };
        let strict = |json: Json| checked("emails", &json, Tolerance::strict(), rules);
        assert!(strict(json!([{"type": "WORK"}])).is_ok());
        assert!(strict(json!([{"type": "cellar"}])).unwrap_err().contains("work, home, other"));
        assert!(checked("emails", &json!([{"type": "cellar"}]), Tolerance::strict(), Rules::default()).is_ok());
    }
}
