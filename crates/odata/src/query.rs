//! Query strings.

use std::fmt;

use jiff::civil::Date;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use thiserror::Error;

use crate::{Expr, Field, SyntaxError, date};

/// `$orderby`: one property and a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBy {
    /// What is ordered by.
    pub field: Field,
    /// True for `desc`.
    pub descending: bool,
}

/// `$inlinecount`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InlineCount {
    /// `allpages`: the answer carries `__count`.
    AllPages,
    /// `none`.
    None,
}

/// `$format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `json`.
    Json,
    /// `atom`.
    Atom,
    /// `xml`.
    Xml,
    /// Anything else, as it was.
    Other(String),
}

/// `paging`: who keeps the place of a walk (KBA 2489065).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `snapshot`: the server stores the keys of the whole result at the first call.
    Snapshot,
    /// `cursor`: the server goes on after the last key.
    Cursor,
}

/// The options of a query string. `Display` prints them percent-encoded, without the `?`, in a fixed order; unknown
/// ones follow in the order they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// `$format`.
    pub format: Option<Format>,
    /// `$filter`.
    pub filter: Option<Expr>,
    /// `$select`: property and navigation paths; `*` stands as it is.
    pub select: Vec<String>,
    /// `$expand`: navigation paths.
    pub expand: Vec<String>,
    /// `$orderby`, first counts most.
    pub order_by: Vec<OrderBy>,
    /// `$top`.
    pub top: Option<u64>,
    /// `$skip`.
    pub skip: Option<u64>,
    /// `$inlinecount`.
    pub inline_count: Option<InlineCount>,
    /// `$skiptoken`, opaque.
    pub skip_token: Option<String>,
    /// `customPageSize`.
    pub page_size: Option<u32>,
    /// `paging`.
    pub paging: Option<Paging>,
    /// `asOfDate`: the day whose slices are wanted.
    pub as_of: Option<Date>,
    /// `fromDate`: first day of the range whose slices are wanted.
    pub from: Option<Date>,
    /// `toDate`: last day of that range.
    pub to: Option<Date>,
    /// Everything else, decoded, in order, repeats kept.
    pub other: Vec<(String, String)>,
}

/// An option that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// The value is not what the option takes.
    #[error("{option}: {source}")]
    Value {
        /// Which option.
        option: &'static str,
        /// What is wrong, and where in the decoded value.
        source: SyntaxError,
    },
    /// The option stands there twice.
    #[error("{option} is given twice")]
    Twice {
        /// Which option.
        option: &'static str,
    },
    /// The percent-encoding is not UTF-8.
    #[error("the query string is not UTF-8 when percent-decoded")]
    Encoding,
}

/// What must not stand raw in the value of a query option. `+` is there because servers read it as a space (KBA
/// 3278751).
const RAW_UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'=')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b';');

impl Query {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds to `$select`.
    pub fn select(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.select.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Adds to `$expand`.
    pub fn expand(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.expand.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Sets `$filter`, or narrows it with `and`.
    pub fn filter(mut self, filter: Expr) -> Self {
        self.filter = Some(match self.filter {
            Some(before) => before.and(filter),
            None => filter,
        });
        self
    }

    /// Adds an ascending `$orderby`.
    pub fn order_by(mut self, field: Field) -> Self {
        self.order_by.push(OrderBy { field, descending: false });
        self
    }

    /// Sets `$top`.
    pub fn top(mut self, top: u64) -> Self {
        self.top = Some(top);
        self
    }

    /// Sets `$skip`.
    pub fn skip(mut self, skip: u64) -> Self {
        self.skip = Some(skip);
        self
    }

    /// Sets `$format=json`.
    pub fn json(mut self) -> Self {
        self.format = Some(Format::Json);
        self
    }

    /// Sets `$inlinecount=allpages`.
    pub fn count(mut self) -> Self {
        self.inline_count = Some(InlineCount::AllPages);
        self
    }

    /// Sets `customPageSize`.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = Some(rows);
        self
    }

    /// Sets `paging`.
    pub fn paging(mut self, paging: Paging) -> Self {
        self.paging = Some(paging);
        self
    }

    /// Sets `asOfDate`.
    pub fn as_of(mut self, day: Date) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Sets `fromDate` and `toDate`.
    pub fn between(mut self, from: Date, to: Date) -> Self {
        (self.from, self.to) = (Some(from), Some(to));
        self
    }

    /// Adds an option that this type does not know.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.other.push((name.into(), value.into()));
        self
    }

    /// The value of an option that this type does not know; the first one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.other.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads a query string, percent-encoded, without the `?`. `+` reads as a space. Empty parts are passed over.
    ///
    /// # Errors
    /// A known option whose value cannot be read or that stands there twice; bytes that are not UTF-8.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let mut query = Self::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            query.put(decode(name)?, decode(value)?)?;
        }
        Ok(query)
    }

    fn put(&mut self, name: String, value: String) -> Result<(), QueryError> {
        let Some(option) = OPTIONS.into_iter().find(|option| *option == name) else {
            self.other.push((name, value));
            return Ok(());
        };
        let trimmed = value.trim();
        let bad = |source| QueryError::Value { option, source };
        match option {
            "$filter" => once(option, &mut self.filter, Expr::parse(trimmed).map_err(bad)?),
            "$select" => once_list(option, &mut self.select, paths(trimmed, true).map_err(bad)?),
            "$expand" => once_list(option, &mut self.expand, paths(trimmed, false).map_err(bad)?),
            "$orderby" => once_list(option, &mut self.order_by, orders(trimmed).map_err(bad)?),
            "$top" => once(option, &mut self.top, number(trimmed).map_err(bad)?),
            "$skip" => once(option, &mut self.skip, number(trimmed).map_err(bad)?),
            "$skiptoken" => once(option, &mut self.skip_token, value),
            "$format" => once(option, &mut self.format, Format::from_word(trimmed)),
            "$inlinecount" => once(option, &mut self.inline_count, inline_count(trimmed).map_err(bad)?),
            "customPageSize" => once(option, &mut self.page_size, number(trimmed).map_err(bad)?),
            "paging" => once(option, &mut self.paging, paging(trimmed).map_err(bad)?),
            "asOfDate" => once(option, &mut self.as_of, day(trimmed).map_err(bad)?),
            "fromDate" => once(option, &mut self.from, day(trimmed).map_err(bad)?),
            _ => once(option, &mut self.to, day(trimmed).map_err(bad)?),
        }
    }

    /// Names and values, decoded, in the order they are printed.
    fn parts(&self) -> Vec<(&str, String)> {
        let mut parts = Vec::new();
        let mut put = |name, value: Option<String>| parts.extend(value.map(|value| (name, value)));
        put("$format", self.format.as_ref().map(|format| format.word().to_owned()));
        put("$filter", self.filter.as_ref().map(ToString::to_string));
        put("$select", joined(self.select.iter()));
        put("$expand", joined(self.expand.iter()));
        put("$orderby", joined(self.order_by.iter()));
        put("$top", self.top.map(|number| number.to_string()));
        put("$skip", self.skip.map(|number| number.to_string()));
        put(
            "$inlinecount",
            self.inline_count.map(|count| match count {
                InlineCount::AllPages => "allpages".to_owned(),
                InlineCount::None => "none".to_owned(),
            }),
        );
        put("$skiptoken", self.skip_token.clone());
        put("customPageSize", self.page_size.map(|number| number.to_string()));
        put(
            "paging",
            self.paging.map(|paging| match paging {
                Paging::Snapshot => "snapshot".to_owned(),
                Paging::Cursor => "cursor".to_owned(),
            }),
        );
        put("asOfDate", self.as_of.map(|day| day.to_string()));
        put("fromDate", self.from.map(|day| day.to_string()));
        put("toDate", self.to.map(|day| day.to_string()));
        parts.extend(self.other.iter().map(|(name, value)| (name.as_str(), value.clone())));
        parts
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.parts().iter().enumerate() {
            if at > 0 {
                f.write_str("&")?;
            }
            let encode = |text| utf8_percent_encode(text, RAW_UNSAFE);
            write!(f, "{}={}", encode(name), encode(value))?;
        }
        Ok(())
    }
}

impl fmt::Display for OrderBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.field, if self.descending { " desc" } else { "" })
    }
}

impl Format {
    fn from_word(word: &str) -> Self {
        match word {
            "json" => Self::Json,
            "atom" => Self::Atom,
            "xml" => Self::Xml,
            other => Self::Other(other.to_owned()),
        }
    }

    fn word(&self) -> &str {
        match self {
            Self::Json => "json",
            Self::Atom => "atom",
            Self::Xml => "xml",
            Self::Other(word) => word,
        }
    }
}

const OPTIONS: [&str; 14] = [
    "$format",
    "$filter",
    "$select",
    "$expand",
    "$orderby",
    "$top",
    "$skip",
    "$inlinecount",
    "$skiptoken",
    "customPageSize",
    "paging",
    "asOfDate",
    "fromDate",
    "toDate",
];

fn once<T>(option: &'static str, slot: &mut Option<T>, value: T) -> Result<(), QueryError> {
    match slot.replace(value) {
        Some(_) => Err(QueryError::Twice { option }),
        None => Ok(()),
    }
}

fn once_list<T>(option: &'static str, slot: &mut Vec<T>, values: Vec<T>) -> Result<(), QueryError> {
    if !slot.is_empty() {
        return Err(QueryError::Twice { option });
    }
    *slot = values;
    Ok(())
}

fn joined(items: impl ExactSizeIterator<Item = impl ToString>) -> Option<String> {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    (!items.is_empty()).then(|| items.join(","))
}

/// Percent-decodes, `+` as a space.
pub(crate) fn decode(text: &str) -> Result<String, QueryError> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| QueryError::Encoding)
}

fn paths(text: &str, star: bool) -> Result<Vec<String>, SyntaxError> {
    let mut position = 0;
    let mut found = Vec::new();
    for part in text.split(',') {
        let path = part.trim();
        // `*` and `a/b/*` mean every property of the entity and of a navigation.
        let named =
            if star && path == "*" { None } else { Some(path.strip_suffix("/*").filter(|_| star).unwrap_or(path)) };
        if let Some(named) = named {
            Field::parse(named).map_err(|error| SyntaxError::new(position + error.position, error.reason))?;
        }
        found.push(path.to_owned());
        position += part.len() + 1;
    }
    Ok(found)
}

fn orders(text: &str) -> Result<Vec<OrderBy>, SyntaxError> {
    let mut position = 0;
    let mut found = Vec::new();
    for part in text.split(',') {
        let mut words = part.split_whitespace();
        let field = Field::parse(words.next().unwrap_or_default())
            .map_err(|error| SyntaxError::new(position + error.position, error.reason))?;
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => return Err(SyntaxError::new(position, "expected asc or desc after the property")),
        };
        found.push(OrderBy { field, descending });
        position += part.len() + 1;
    }
    Ok(found)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, SyntaxError> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| SyntaxError::new(0, "expected a whole number"))
}

fn inline_count(text: &str) -> Result<InlineCount, SyntaxError> {
    match text {
        "allpages" => Ok(InlineCount::AllPages),
        "none" => Ok(InlineCount::None),
        _ => Err(SyntaxError::new(0, "expected allpages or none")),
    }
}

fn paging(text: &str) -> Result<Paging, SyntaxError> {
    match text {
        "snapshot" => Ok(Paging::Snapshot),
        "cursor" => Ok(Paging::Cursor),
        _ => Err(SyntaxError::new(0, "expected snapshot or cursor")),
    }
}

fn day(text: &str) -> Result<Date, SyntaxError> {
    match date::parse_civil(text) {
        Some(civil) if text.len() == 10 => Ok(civil.date()),
        _ => Err(SyntaxError::new(0, "expected a day, yyyy-MM-dd")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Literal;
    use jiff::civil::date;

    #[test]
    fn a_query_is_printed_percent_encoded() {
        let query = Query::new()
            .json()
            .filter(Field::new("username").tolower().eq("a+b & o'hara"))
            .filter(Field::new("status").is_in(["t", "f"]))
            .select(["userId", "manager/userId"])
            .expand(["manager"])
            .order_by(Field::new("userId"))
            .paging(Paging::Snapshot)
            .page_size(200)
            .as_of(date(2026, 11, 21));
        assert_eq!(
            query.to_string(),
            "$format=json&$filter=tolower(username)%20eq%20'a%2Bb%20%26%20o''hara'%20and%20status%20in%20't','f'\
             &$select=userId,manager/userId&$expand=manager&$orderby=userId&customPageSize=200&paging=snapshot\
             &asOfDate=2026-11-21"
        );
        assert_eq!(Query::parse(&query.to_string()), Ok(query));
    }

    #[test]
    fn a_plus_sign_is_a_space_unless_it_is_encoded() {
        let query = Query::parse("$filter=username+eq+'a%2Bb'").unwrap();
        assert_eq!(query.filter, Some(Field::new("username").eq("a+b")));
    }

    #[test]
    fn every_option_is_read() {
        let query = Query::parse(
            "$top=5&$skip=10&$inlinecount=allpages&$skiptoken=eyJzdGFydFJvdyI6MTAwMH0%3D&paging=cursor\
             &fromDate=2026-01-01&toDate=9999-12-31&$orderby=lastName%20desc,userId%20asc&$select=*,manager/*",
        )
        .unwrap();
        assert_eq!((query.top, query.skip, query.inline_count), (Some(5), Some(10), Some(InlineCount::AllPages)));
        assert_eq!(query.skip_token.as_deref(), Some("eyJzdGFydFJvdyI6MTAwMH0="));
        assert_eq!(query.paging, Some(Paging::Cursor));
        assert_eq!((query.from, query.to), (Some(date(2026, 1, 1)), Some(date(9999, 12, 31))));
        assert_eq!(query.order_by.iter().map(|order| order.descending).collect::<Vec<_>>(), [true, false]);
        assert_eq!(query.select, ["*", "manager/*"]);
    }

    #[test]
    fn unknown_options_are_kept() {
        let query = Query::parse("purgeType=full&groupId=123L&userId='x'&groupId=2&flag&=v&&").unwrap();
        assert_eq!(query.get("groupId"), Some("123L"));
        assert_eq!(Literal::parse(query.get("userId").unwrap()), Ok("x".into()));
        assert_eq!(query.to_string(), "purgeType=full&groupId=123L&userId='x'&groupId=2&flag=&=v");
    }

    #[test]
    fn what_cannot_be_read_names_its_option() {
        for (text, told) in [
            ("$top=-1", "$top: at position 0: expected a whole number"),
            ("$top=1&$top=2", "$top is given twice"),
            ("$inlinecount=some", "$inlinecount: at position 0: expected allpages or none"),
            ("paging=offset", "paging: at position 0: expected snapshot or cursor"),
            ("asOfDate=21.11.2026", "asOfDate: at position 0: expected a day, yyyy-MM-dd"),
            ("$select=a,,b", "$select: at position 2: expected the name of a property"),
            ("$orderby=a%20down", "$orderby: at position 0: expected asc or desc after the property"),
            ("x=%FF", "the query string is not UTF-8 when percent-decoded"),
        ] {
            assert_eq!(Query::parse(text).unwrap_err().to_string(), told);
        }
        let error = Query::parse("$filter=a%20eq%20'Jane").unwrap_err().to_string();
        assert!(error.starts_with("$filter: at position 5"), "{error}");
        assert!(!error.contains("Jane"));
    }
}
