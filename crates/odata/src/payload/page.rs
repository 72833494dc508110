//! A page of entities.

use thiserror::Error;

use super::read::select_or_skip;
use super::scan::{JsonScanner, unescape};
use super::{Selection, Tree};

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
        let Found { entities, next, count, is_list } = Found::of(answer, JsonScanner::value)?;
        Ok(Self { entities, next, count, is_list })
    }

    /// Reads the entities of an answer one by one as they come, each as [`read_selected`](super::read_selected) does;
    /// gives the address of the next page. The bytes are gone through once.
    ///
    /// # Errors
    /// As [`Page::parse`]. Only the end of the bytes says that they are a page: what `each` was given before an error
    /// does not count.
    pub fn each(
        answer: &'a [u8],
        selection: &Selection,
        mut each: impl FnMut(Result<Tree<'a>, PayloadError>),
    ) -> Result<Option<String>, PayloadError> {
        let found = Found::of(answer, |scanner| {
            each(select_or_skip(scanner, selection)?);
            Ok(())
        })?;
        Ok(found.next)
    }
}

/// A page with its entities as they were read.
struct Found<E> {
    entities: Vec<E>,
    next: Option<String>,
    count: Option<u64>,
    is_list: bool,
}

impl<E> Found<E> {
    fn none() -> Self {
        Self { entities: Vec::new(), next: None, count: None, is_list: false }
    }

    fn of<'a>(
        answer: &'a [u8],
        mut read: impl FnMut(&mut JsonScanner<'a>) -> Result<E, PayloadError>,
    ) -> Result<Self, PayloadError> {
        let text = std::str::from_utf8(answer).map_err(|error| match error.error_len() {
            Some(_) => PayloadError::Encoding,
            None => PayloadError::Truncated { length: answer.len() },
        })?;
        let mut scanner = JsonScanner::new(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut found = None;
        let start = scanner.position();
        let mut v4 = V4 { context: false, entities: None, next: None, count: None };
        scanner.expect(b'{', "an object")?;
        scanner.members(|scanner, name| {
            match name {
                "d" if found.is_none() => found = Some(Self::of_d(scanner, &mut read)?),
                "value" if v4.entities.is_none() && scanner.peek() == Some(b'[') => {
                    scanner.eat(b'[');
                    v4.entities = Some(scanner.elements(&mut read)?);
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
        match found {
            Some(found) => Ok(found),
            None if v4.context => v4.found(|| read(&mut JsonScanner::new(whole))),
            None => Err(PayloadError::NotOData("it has no member d, and no @odata.context")),
        }
    }

    fn of_d<'a>(
        scanner: &mut JsonScanner<'a>,
        mut read: impl FnMut(&mut JsonScanner<'a>) -> Result<E, PayloadError>,
    ) -> Result<Self, PayloadError> {
        let mut found = Self::none();
        if scanner.eat(b'[') {
            found.is_list = true;
            found.entities = scanner.elements(read)?;
            return Ok(found);
        }
        if scanner.peek() != Some(b'{') {
            return match scanner.value()? {
                "null" => Ok(found),
                _ => Err(PayloadError::NotOData("d is neither an object nor an array")),
            };
        }
        let start = scanner.position();
        scanner.eat(b'{');
        let mut is_entity = false;
        scanner.members(|scanner, name| {
            match name {
                "results" if !is_entity && !found.is_list && scanner.peek() == Some(b'[') => {
                    scanner.eat(b'[');
                    found.entities = scanner.elements(&mut read)?;
                    found.is_list = true;
                }
                "__next" => found.next = string_value(scanner.value()?),
                "__count" => found.count = scanner.value()?.trim_matches('"').parse().ok(),
                "__metadata" if found.is_list => {
                    return Err(PayloadError::NotOData("it is both a list and an entity"));
                }
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
        if !found.is_list {
            let entity = read(&mut JsonScanner::new(scanner.slice_from(start)))?;
            found = Self { entities: vec![entity], ..Self::none() };
        }
        Ok(found)
    }
}

/// What the members of a v4 answer say.
struct V4<E> {
    context: bool,
    entities: Option<Vec<E>>,
    next: Option<String>,
    count: Option<u64>,
}

impl<E> V4<E> {
    fn found(self, alone: impl FnOnce() -> Result<E, PayloadError>) -> Result<Found<E>, PayloadError> {
        let is_list = self.entities.is_some();
        let entities = self.entities.map_or_else(|| Ok(vec![alone()?]), Ok)?;
        Ok(Found { entities, next: self.next, count: self.count, is_list })
    }
}

/// The text of a JSON string; `None` for anything else.
pub(super) fn string_value(value: &str) -> Option<String> {
    unescape(value.strip_prefix('"')?.strip_suffix('"')?).map(std::borrow::Cow::into_owned)
}
