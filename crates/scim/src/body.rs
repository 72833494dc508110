//! A request's body: JSON of bounded depth in which no name stands twice.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::place::Resource;
use crate::{ScimError, ScimType};

/// Levels of objects and arrays in a body. A bulk request needs nine.
const DEEPEST: usize = 20;

/// Reads a body that must be an object. Names compare without regard to case (RFC 7643, section 2.1), so `userName` beside
/// `USERNAME` is the same name twice, which JSON readers settle by chance; it is refused at every level.
///
/// # Errors
/// `invalidSyntax`: no JSON, no object, too deep, or a name twice.
pub fn read_body(bytes: &[u8]) -> Result<Resource, ScimError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Level(DEEPEST).deserialize(&mut reader).and_then(|body| reader.end().map(|()| body));
    match read {
        Ok(Json::Object(body)) => Ok(body),
        Ok(_) => Err(ScimError::new(ScimType::InvalidSyntax, "The body must be a JSON object.")),
        Err(error) => Err(ScimError::new(ScimType::InvalidSyntax, format!("The body cannot be read: {error}."))),
    }
}

/// A name from outside, short enough for a message.
pub(crate) fn shown(name: &str) -> String {
    if name.chars().count() <= 80 {
        name.to_owned()
    } else {
        format!("{}…", name.chars().take(80).collect::<String>())
    }
}

/// How many more levels there may be.
struct Level(usize);

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Json;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let deeper = self.0.checked_sub(1).ok_or_else(|| A::Error::custom("it is nested too deep"))?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Level(deeper))? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let deeper = self.0.checked_sub(1).ok_or_else(|| A::Error::custom("it is nested too deep"))?;
        let mut seen = HashSet::new();
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.to_ascii_lowercase()) {
                let name = shown(&name);
                return Err(A::Error::custom(format!("`{name}` stands twice; names differ in more than their case")));
            }
            members.insert(name, map.next_value_seed(Level(deeper))?);
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_twice_is_refused_at_every_level() {
        for text in [
            r#"{"userName": "a", "USERNAME": "b"}"#,
            r#"{"a": 1, "a": 1}"#,
            r#"{"emails": [{"value": "a", "Value": "b"}]}"#,
            r#"{"x": {"y": {"z": 1, "Z": 2}}}"#,
        ] {
            let error = read_body(text.as_bytes()).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
            assert!(error.detail.contains("stands twice"), "{error}");
        }
    }

    #[test]
    fn what_is_no_object_or_too_deep_is_refused() {
        for text in ["", "[]", "1", "{", "{} {}", "{\"a\": NaN}", "\u{feff}{}"] {
            assert!(read_body(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read_body(&[b'{', 0xff, b'}']).is_err());
        let deep = |levels: usize| format!("{{\"a\": {}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_body(deep(DEEPEST - 1).as_bytes()).is_ok());
        assert!(read_body(deep(DEEPEST).as_bytes()).unwrap_err().detail.contains("too deep"));
        assert!(read_body(deep(100_000).as_bytes()).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_read_is_what_serde_reads(text in r#"\{"a": (1|-2\.5|"x\\u00e4"|null|\[true, \{"b": \[\]\}\])\}"#) {
            prop_assert_eq!(Json::Object(read_body(text.as_bytes()).unwrap()), serde_json::from_str::<Json>(&text).unwrap());
        }
    }
}
