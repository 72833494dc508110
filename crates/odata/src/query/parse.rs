//! Reading a query string.

use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use thiserror::Error;

use super::{Format, InlineCount, OrderBy, Paging, Query};
use crate::{Expr, Field, SyntaxError, date};

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

impl Query {
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
