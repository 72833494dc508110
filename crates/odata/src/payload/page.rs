//! A page of entities.

use thiserror::Error;

use super::scan::{JsonScanner, unescape};

/// An answer that is not what it should be. Holds no piece of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PayloadError {
    /// Not UTF-8.
    #[error("the answer is not UTF-8")]
    Encoding,
    /// The bytes end in the middle: the connection was cut, or a proxy gave up.
    #[error("the answer ends after {length} bytes, before it is complete")]
    Truncated {
        /// How many bytes there are.
        length: usize,
    },
    /// Not JSON.
    #[error("the answer is no JSON: at byte {position} there should be {expected}")]
    Json {
        /// Byte offset, from 0.
        position: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// JSON, but no OData answer.
    #[error("the answer is JSON but no OData v2: {0}")]
    NotOData(&'static str),
    /// An expanded navigation that was cut into pages: what is in it is not all there is.
    #[error("the expanded navigation {navigation} came in pages; read it by its own entity set, or fewer per page")]
    PartialExpansion {
        /// The name of the navigation.
        navigation: String,
    },
}

/// A page: where each entity stands in the bytes, and where the next page is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page<'a> {
    /// The JSON text of each entity, in order. Only its braces were looked at so far.
    pub entities: Vec<&'a str>,
    /// `__next`: the address of the next page; `None` on the last one.
    pub next: Option<String>,
    /// `__count`, when `$inlinecount=allpages` was asked.
    pub count: Option<u64>,
    /// True when the answer was a list, false when it was one entity (then `entities` holds that one).
    pub is_list: bool,
}

impl<'a> Page<'a> {
    /// Finds the entities of an answer: `{"d":{"results":[…]}}`, `{"d":[…]}`, `{"d":{…}}`; `{"d":null}` holds none. Of v4:
    /// `{"@odata.context":…,"value":[…]}`, `{"@odata.context":…,…}`.
    ///
    /// # Errors
    /// Bytes that are not UTF-8, end early, are no JSON, or have neither `d` nor `@odata.context`. An error body is one of the last kind: read it
    /// with [`super::ServerError::read`].
    pub fn parse(answer: &'a [u8]) -> Result<Self, PayloadError> {
        let text = std::str::from_utf8(answer).map_err(|error| match error.error_len() {
            Some(_) => PayloadError::Encoding,
            None => PayloadError::Truncated { length: answer.len() },
        })?;
        let mut scanner = JsonScanner::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut page = None;
        let start = scanner.position();
        let mut v4 = V4::default();
        scanner.expect(b'{', "an object")?;
        scanner.members(|scanner, name| {
            match name {
                "d" => page = Some(Self::parse_d(scanner)?),
                "value" if scanner.peek() == Some(b'[') => {
                    scanner.eat(b'[');
                    v4.entities = Some(scanner.elements()?);
                }
                "@odata.nextLink" => v4.next = string_value(scanner.value()?),
                "@odata.count" => v4.count = scanner.value()?.trim_matches('"').parse().ok(),
                "@odata.context" => {
                    v4.context = true;
                    scanner.value()?;
                }
                _ => {
                    scanner.value()?;
                }
            }
            Ok(())
        })?;
        let whole = scanner.slice_from(start);
        scanner.end()?;
        page.or_else(|| v4.page(whole)).ok_or(PayloadError::NotOData("it has no member d, and no @odata.context"))
    }

    fn parse_d(scanner: &mut JsonScanner<'a>) -> Result<Self, PayloadError> {
        if scanner.eat(b'[') {
            return Ok(Self { entities: scanner.elements()?, is_list: true, ..Self::default() });
        }
        if scanner.peek() != Some(b'{') {
            return match scanner.value()? {
                "null" => Ok(Self::default()),
                _ => Err(PayloadError::NotOData("d is neither an object nor an array")),
            };
        }
        let start = scanner.position();
        scanner.eat(b'{');
        let mut page = Self::default();
        let mut is_entity = false;
        scanner.members(|scanner, name| {
            match name {
                "results" if scanner.peek() == Some(b'[') => {
                    scanner.eat(b'[');
                    page.entities = scanner.elements()?;
                    page.is_list = true;
                }
                "__next" => page.next = string_value(scanner.value()?),
                "__count" => page.count = scanner.value()?.trim_matches('"').parse().ok(),
                "__metadata" => {
                    is_entity = true;
                    scanner.value()?;
                }
                _ => {
                    scanner.value()?;
                }
            }
            Ok(())
        })?;
        if !page.is_list || is_entity {
            page = Self { entities: vec![scanner.slice_from(start)], ..Self::default() };
        }
        Ok(page)
    }
}

/// What the members of a v4 answer say.
#[derive(Default)]
struct V4<'a> {
    context: bool,
    entities: Option<Vec<&'a str>>,
    next: Option<String>,
    count: Option<u64>,
}

impl<'a> V4<'a> {
    fn page(self, whole: &'a str) -> Option<Page<'a>> {
        if !self.context {
            return None;
        }
        let is_list = self.entities.is_some();
        let entities = self.entities.unwrap_or_else(|| vec![whole]);
        Some(Page { entities, next: self.next, count: self.count, is_list })
    }
}

/// The text of a JSON string; `None` for anything else.
pub(super) fn string_value(value: &str) -> Option<String> {
    unescape(value.strip_prefix('"')?.strip_suffix('"')?).map(std::borrow::Cow::into_owned)
}
