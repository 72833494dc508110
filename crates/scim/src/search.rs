//! What a request asks for: in the address (RFC 7644, section 3.4.2) or in the body of `.search` (section 3.4.3), paged by index
//! (section 3.4.2.4) or by cursor (RFC 9865).

use serde_json::Value as Json;

use crate::place::{Resource, member};
use crate::{Quirk, ScimError, ScimType, Tolerance, urn};

/// How many resources a page holds, and how pages are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// When no count is given.
    pub default: usize,
    /// At the most.
    pub most: usize,
    /// Are cursors served?
    pub cursors: bool,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By index.
    Index {
        /// Of the first resource, from 1.
        start: usize,
        /// Resources at the most; 0 asks for the total alone.
        count: usize,
    },
    /// By cursor.
    Cursor {
        /// Where the last page said; none for the first.
        cursor: Option<String>,
        /// Resources at the most; 0 asks for the total alone.
        count: usize,
    },
}

impl Paging {
    /// Resources at the most.
    pub fn count(&self) -> usize {
        match self {
            Self::Index { count, .. } | Self::Cursor { count, .. } => *count,
        }
    }
}

/// A question. Its texts are as they came; [`crate::Filter::read`], [`crate::Shape::projection`] and [`crate::Shape::sort_by`] read them.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Which resources; blank counts as none.
    pub filter: Option<String>,
    /// Attributes to show.
    pub attributes: Vec<String>,
    /// Attributes to hide.
    pub excluded: Vec<String>,
    /// The attribute to sort by.
    pub sort_by: Option<String>,
    /// `ascending` or `descending`.
    pub sort_order: Option<String>,
    /// Which page.
    pub paging: Paging,
}

/// What the two forms have in common, before it is made sense of.
#[derive(Default)]
struct Said {
    filter: Option<String>,
    attributes: Vec<String>,
    excluded: Vec<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    cursor: Option<String>,
}

impl Search {
    /// Of the pairs of an address, decoded. Names are read in any case; those that nobody knows are passed over, since clients
    /// carry settings of their own in them (Entra's `aadOptscim062020`).
    ///
    /// # Errors
    /// `invalidValue` for a number that is none, or for both ways of paging; `invalidCount` beside a cursor.
    pub fn of_query<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        limits: PageLimits,
    ) -> Result<Self, ScimError> {
        let mut said = Said::default();
        let mut count = None;
        for (name, value) in pairs {
            let text = || Some(value.to_owned());
            let names = || value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
            match name.to_ascii_lowercase().as_str() {
                "filter" => said.filter = text(),
                "attributes" => said.attributes.extend(names()),
                "excludedattributes" => said.excluded.extend(names()),
                "sortby" => said.sort_by = text(),
                "sortorder" => said.sort_order = text(),
                "startindex" => said.start_index = Some(number("startIndex", value, ScimType::InvalidValue)?),
                "count" => count = Some(value),
                "cursor" => said.cursor = text(),
                _ => {}
            }
        }
        let wrong = if said.cursor.is_some() { ScimType::InvalidCount } else { ScimType::InvalidValue };
        said.count = count.map(|count| number("count", count, wrong)).transpose()?;
        said.search(limits)
    }

    /// Of the body of `.search`.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no search request, `invalidValue` for a member of the wrong type.
    pub fn of_body(body: &Resource, limits: PageLimits, tolerance: &mut Tolerance) -> Result<Self, ScimError> {
        let schemas = member(body, "schemas").and_then(Json::as_array).into_iter().flatten();
        let named = schemas.filter_map(Json::as_str).any(|schema| schema.eq_ignore_ascii_case(urn::SEARCH_REQUEST));
        if !named && !tolerance.meets(Quirk::SchemasLeftOut) {
            return Err(ScimError::syntax(format!("`schemas` must name {}.", urn::SEARCH_REQUEST)));
        }
        let mut names = |name: &str| match member(body, name) {
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(Json::Array(items)) => {
                let names = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
                names.ok_or_else(|| ScimError::value(format!("`{name}` must be an array of names.")))
            }
            Some(Json::String(list)) if tolerance.meets(Quirk::ArrayLeftOut) => {
                Ok(list.split(',').map(|name| name.trim().to_owned()).collect())
            }
            Some(_) => Err(ScimError::value(format!("`{name}` must be an array of names."))),
        };
        let (attributes, excluded) = (names("attributes")?, names("excludedAttributes")?);
        let text = |name: &str| match member(body, name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ScimError::value(format!("`{name}` must be text."))),
        };
        let mut whole = |name: &str| match member(body, name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Number(value)) if value.as_f64().is_some_and(|value| value.fract() == 0.0) => {
                // What is beyond 64 bits is more than anybody has.
                Ok(Some(value.as_i64().unwrap_or(i64::MAX)))
            }
            Some(Json::String(value)) if tolerance.meets(Quirk::TextNumbers) => {
                number(name, value, ScimType::InvalidValue).map(Some)
            }
            Some(_) => Err(ScimError::value(format!("`{name}` must be a whole number."))),
        };
        let (start_index, count) = (whole("startIndex")?, whole("count")?);
        let said = Said {
            filter: text("filter")?,
            attributes,
            excluded,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            start_index,
            count,
            cursor: text("cursor")?,
        };
        said.search(limits)
    }
}

impl Said {
    fn search(self, limits: PageLimits) -> Result<Search, ScimError> {
        // A negative count is none, one that is too high gets less than it asks for (section 3.4.2.4).
        let count = match self.count {
            Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX).min(limits.most),
            None => limits.default.min(limits.most),
        };
        let paging = match (self.cursor, self.start_index) {
            (Some(_), Some(_)) => {
                return Err(ScimError::value("`startIndex` and `cursor` exclude each other; give one."));
            }
            (Some(_), None) if !limits.cursors => {
                return Err(ScimError::new(ScimType::InvalidCursor, "Pages are asked for by startIndex here."));
            }
            (Some(cursor), None) => Paging::Cursor { cursor: Some(cursor).filter(|cursor| !cursor.is_empty()), count },
            (None, start) => {
                Paging::Index { start: usize::try_from(start.unwrap_or(1).max(1)).unwrap_or(usize::MAX), count }
            }
        };
        Ok(Search {
            filter: self.filter.filter(|filter| !filter.trim().is_empty()),
            attributes: self.attributes,
            excluded: self.excluded,
            sort_by: self.sort_by.filter(|name| !name.trim().is_empty()),
            sort_order: self.sort_order.filter(|order| !order.trim().is_empty()),
            paging,
        })
    }
}

fn number(name: &str, text: &str, wrong: ScimType) -> Result<i64, ScimError> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(ScimError::new(wrong, format!("`{name}` must be a whole number.")));
    }
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LIMITS: PageLimits = PageLimits { default: 100, most: 200, cursors: true };

    fn query(text: &str) -> Result<Search, ScimError> {
        let pairs =
            text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Search::of_query(pairs, LIMITS)
    }

    /// RFC 7644, table 6.
    #[test]
    fn indexes_and_counts_have_bounds() {
        for (text, start, count) in [
            ("", 1, 100),
            ("startIndex=1&count=10", 1, 10),
            ("startIndex=0&count=-5", 1, 0),
            ("STARTINDEX=-7&count=0", 1, 0),
            ("startIndex=11&count=5000", 11, 200),
            ("startIndex=99999999999999999999&count=99999999999999999999", i64::MAX as usize, 200),
            ("aadOptscim062020&x=y", 1, 100),
        ] {
            assert_eq!(query(text).unwrap().paging, Paging::Index { start, count }, "{text}");
        }
        for text in ["startIndex=x", "count=1.5", "count=", "startIndex=1&cursor"] {
            assert_eq!(query(text).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{text}");
        }
    }

    /// RFC 9865, section 2.
    #[test]
    fn a_bare_cursor_asks_for_the_first_page() {
        let first = query("filter=userName sw \"J\"&cursor&count=10").unwrap();
        assert_eq!(first.paging, Paging::Cursor { cursor: None, count: 10 });
        assert_eq!(first.filter.as_deref(), Some("userName sw \"J\""));
        let next = query("cursor=VZUTiyhEQJ94IR&count=10").unwrap();
        assert_eq!(next.paging, Paging::Cursor { cursor: Some("VZUTiyhEQJ94IR".into()), count: 10 });
        assert_eq!(query("cursor=a&count=x").unwrap_err().scim_type, Some(ScimType::InvalidCount));
        let none = Search::of_query([("cursor", "")], PageLimits { cursors: false, ..LIMITS });
        assert_eq!(none.unwrap_err().scim_type, Some(ScimType::InvalidCursor));
    }

    #[test]
    fn lists_and_orders_are_taken_as_they_are() {
        let search = query(
            "attributes=userName, name.givenName,&excludedAttributes=&sortBy=userName&sortOrder=descending&filter= ",
        )
        .unwrap();
        assert_eq!(search.attributes, ["userName", "name.givenName"]);
        assert_eq!((search.excluded.len(), search.filter, search.sort_by.as_deref()), (0, None, Some("userName")));
    }

    /// RFC 7644, section 3.4.3, and RFC 9865, section 3.
    #[test]
    fn a_search_in_a_body_says_the_same() {
        let of =
            |body: Json, mut tolerance: Tolerance| Search::of_body(body.as_object().unwrap(), LIMITS, &mut tolerance);
        let search = of(
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "attributes": ["displayName", "userName"],
                "filter": "displayName sw \"smith\"", "startIndex": 1, "count": 10}),
            Tolerance::strict(),
        )
        .unwrap();
        assert_eq!(search.attributes, ["displayName", "userName"]);
        assert_eq!(search.paging, Paging::Index { start: 1, count: 10 });
        let cursor =
            of(json!({"schemas": [urn::SEARCH_REQUEST], "cursor": "", "count": 10}), Tolerance::strict()).unwrap();
        assert_eq!(cursor.paging, Paging::Cursor { cursor: None, count: 10 });
        for body in [
            json!({}),
            json!({"schemas": [urn::SEARCH_REQUEST], "count": "5"}),
            json!({"schemas": [urn::SEARCH_REQUEST], "filter": 5}),
            json!({"schemas": [urn::SEARCH_REQUEST], "attributes": "a"}),
            json!({"schemas": [urn::SEARCH_REQUEST], "attributes": [1]}),
            json!({"schemas": [urn::SEARCH_REQUEST], "count": 1.5}),
        ] {
            assert!(of(body.clone(), Tolerance::strict()).is_err(), "{body}");
        }
        let lenient = of(json!({"count": "5", "attributes": "a, b"}), Tolerance::lenient()).unwrap();
        assert_eq!((lenient.attributes.len(), lenient.paging.count()), (2, 5));
    }
}
