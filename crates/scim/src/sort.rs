//! The order of resources (RFC 7644, section 3.4.2.3).

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Number, Value as Json};

use crate::condition::numbers;
use crate::moment::instant;
use crate::place::{Resource, member};
use crate::schema::Kind;
use crate::value::is_primary;
use crate::{AttrPath, ScimError, Shape, Tolerance};

/// How resources are ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct SortBy {
    /// By which attribute, as the registry spells it.
    pub path: AttrPath,
    /// The last first?
    pub descending: bool,
    kind: Kind,
    exact: bool,
}

/// Where a resource stands: its value, ready to compare. A resource without the value comes last, and first when the last comes
/// first.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// Text, folded where case does not matter.
    Text(String),
    /// A number.
    Number(Number),
    /// A date-time.
    Instant(Timestamp),
    /// True or false.
    Bool(bool),
    /// No value.
    Missing,
}

impl Eq for SortKey {}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |key: &Self| match key {
            Self::Bool(_) => 0,
            Self::Number(_) => 1,
            Self::Instant(_) => 2,
            Self::Text(_) => 3,
            Self::Missing => 4,
        };
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            // Numbers of JSON are never NaN.
            (Self::Number(a), Self::Number(b)) => numbers(a, b).unwrap_or(Ordering::Equal),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }
}

impl Shape {
    /// The order by `sortBy` and `sortOrder`. A complex attribute without a sub-attribute means its `value`.
    ///
    /// # Errors
    /// `invalidPath` when there is no such attribute, `invalidValue` for an order that is none or an attribute that has none.
    pub fn sort_by(&self, name: &str, order: Option<&str>, tolerance: &mut Tolerance) -> Result<SortBy, ScimError> {
        let unknown = || {
            let name = crate::body::shown(name);
            ScimError::new(
                crate::ScimType::InvalidPath,
                format!("sortBy: `{name}` is no attribute of {}.", self.kind.name),
            )
        };
        let path: AttrPath = name.trim().parse().map_err(|_| unknown())?;
        let found = self.find(&path, tolerance).ok_or_else(unknown)?.valued();
        let target = found.target();
        if target.kind == Kind::Complex || found.is_hidden() {
            return Err(ScimError::value(format!("sortBy: `{}` has no order; name a sub-attribute.", found.path())));
        }
        let descending = match order {
            None => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(ScimError::value("sortOrder must be ascending or descending.")),
        };
        Ok(SortBy { path: found.path(), descending, kind: target.kind, exact: target.case_exact })
    }
}

impl SortBy {
    /// Where a resource stands. Of several values the primary one counts, or else the first.
    pub fn key(&self, resource: &Resource) -> SortKey {
        let top = match &self.path.urn {
            Some(urn) => member(resource, urn).and_then(Json::as_object),
            None => Some(resource),
        };
        let one = match top.and_then(|top| member(top, &self.path.name)) {
            Some(Json::Array(items)) => items.iter().find(|item| is_primary(item)).or_else(|| items.first()),
            one => one,
        };
        let value = match (&self.path.sub, one) {
            (Some(sub), Some(Json::Object(members))) => member(members, sub),
            (None, one) => one,
            _ => None,
        };
        match value {
            Some(Json::String(text)) if self.kind == Kind::DateTime => {
                instant(text, Offset::UTC).map_or(SortKey::Missing, SortKey::Instant)
            }
            Some(Json::String(text)) if text.is_empty() => SortKey::Missing,
            Some(Json::String(text)) if self.exact => SortKey::Text(text.clone()),
            Some(Json::String(text)) => SortKey::Text(text.to_lowercase()),
            Some(Json::Number(number)) => SortKey::Number(number.clone()),
            Some(Json::Bool(flag)) => SortKey::Bool(*flag),
            _ => SortKey::Missing,
        }
    }

    /// The order of two keys.
    pub fn compare(&self, a: &SortKey, b: &SortKey) -> Ordering {
        if self.descending { b.cmp(a) } else { a.cmp(b) }
    }

    /// Puts resources in order; equal ones stay as they are.
    pub fn sort(&self, resources: &mut [Resource]) {
        resources.sort_by(|a, b| self.compare(&self.key(a), &self.key(b)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Registry, ScimType};

    fn sorted(by: &str, order: Option<&str>) -> Vec<String> {
        let registry = Registry::standard();
        let people = json!([
            {"id": "1", "userName": "b", "emails": [{"value": "z"}, {"value": "a", "primary": true}], "active": true,
                "meta": {"created": "2020-01-01T00:00:00Z"}},
            {"id": "2", "userName": "A", "emails": [{"value": "b"}, {"value": "0"}], "active": false,
                "meta": {"created": "2020-01-01T00:30:00+01:00"}},
            {"id": "3", "userName": "Ä", "title": "T", "emails": []},
        ]);
        let mut people: Vec<Resource> = serde_json::from_value(people).unwrap();
        let by = registry.shape("User").unwrap().sort_by(by, order, &mut Tolerance::strict()).unwrap();
        by.sort(&mut people);
        people.iter().map(|person| person["id"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn by_case_by_the_primary_value_and_what_is_missing_last() {
        assert_eq!(sorted("userName", None), ["2", "1", "3"]);
        assert_eq!(sorted("USERNAME", Some("Descending")), ["3", "1", "2"]);
        assert_eq!(sorted("emails.value", None), ["1", "2", "3"]);
        assert_eq!(sorted("emails", Some("ascending")), ["1", "2", "3"]);
        assert_eq!(sorted("title", None), ["3", "1", "2"]);
        assert_eq!(sorted("title", Some("descending")), ["1", "2", "3"]);
        assert_eq!(sorted("active", None), ["2", "1", "3"]);
        assert_eq!(sorted("meta.created", None), ["2", "1", "3"]);
        assert_eq!(sorted("meta.created", Some("descending")), ["3", "1", "2"]);
    }

    #[test]
    fn what_cannot_be_sorted_by_is_refused() {
        let registry = Registry::standard();
        let by = |name: &str, order| registry.shape("User").unwrap().sort_by(name, order, &mut Tolerance::strict());
        assert_eq!(by("nothing", None).unwrap_err().scim_type, Some(ScimType::InvalidPath));
        for (name, order) in [("name", None), ("password", None), ("userName", Some("up"))] {
            assert_eq!(by(name, order).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{name}");
        }
    }
}
