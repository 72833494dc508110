//! Query options of v4 (OData v4.01 Part 2, URL Conventions, section 5), those inside `$expand` too.

use thiserror::Error;

use crate::query::decode;
use crate::scan::{Scanner, is_word};
use crate::{Expr, Field, OrderBy, SyntaxError};

/// How deep `$expand` may nest.
const MAX_NESTING: usize = 16;

/// The options of a query string, or of one expanded navigation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// `$filter`.
    pub filter: Option<Expr>,
    /// `$select`: names, `*` as it stands.
    pub select: Vec<String>,
    /// `$expand`.
    pub expand: Vec<Expand>,
    /// `$orderby`.
    pub order_by: Vec<OrderBy>,
    /// `$top`.
    pub top: Option<u64>,
    /// `$skip`.
    pub skip: Option<u64>,
    /// `$count=true`.
    pub count: bool,
    /// `$skiptoken`, opaque.
    pub skip_token: Option<String>,
    /// `$format`, as it was.
    pub format: Option<String>,
    /// What is no system option, decoded.
    pub other: Vec<(String, String)>,
}

/// One navigation of `$expand` and its own options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expand {
    /// The navigation, or a path of them: `employmentNav/jobInfoNav`.
    pub path: String,
    /// What stands in its parentheses.
    pub options: Options,
}

/// An option that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OptionsError {
    /// The value is not what the option takes.
    #[error("{option}: {source}")]
    Value {
        /// Which option.
        option: String,
        /// What is wrong, and where in the decoded value.
        source: SyntaxError,
    },
    /// A system option that is not known, or not at this place.
    #[error("the option {0} is not supported here")]
    Unknown(String),
    /// The option stands there twice.
    #[error("{0} is given twice")]
    Twice(String),
    /// The percent-encoding is not UTF-8.
    #[error("the query string is not UTF-8 when percent-decoded")]
    Encoding,
}

const KNOWN: [&str; 9] =
    ["$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$count", "$skiptoken", "$format"];

impl Options {
    /// Reads a query string, percent-encoded, without the `?`. System options may stand without their `$`, as 4.01
    /// allows.
    ///
    /// # Errors
    /// See [`OptionsError`].
    pub fn parse(text: &str) -> Result<Self, OptionsError> {
        let mut options = Self::default();
        let mut given = Vec::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) =
                (decode(name).map_err(|_| OptionsError::Encoding)?, decode(value).map_err(|_| OptionsError::Encoding)?);
            options.put(&name, &value, 0, &mut given)?;
        }
        Ok(options)
    }

    fn put(&mut self, name: &str, value: &str, depth: usize, given: &mut Vec<String>) -> Result<(), OptionsError> {
        let full = if name.starts_with('$') { name.to_owned() } else { format!("${name}") };
        if !KNOWN.contains(&full.as_str()) {
            if name.starts_with('$') || depth > 0 {
                return Err(OptionsError::Unknown(name.to_owned()));
            }
            self.other.push((name.to_owned(), value.to_owned()));
            return Ok(());
        }
        if depth > 0 && matches!(full.as_str(), "$format" | "$skiptoken") {
            return Err(OptionsError::Unknown(full));
        }
        if given.contains(&full) {
            return Err(OptionsError::Twice(full));
        }
        let bad = |source| OptionsError::Value { option: full.clone(), source };
        let text = value.trim();
        match full.as_str() {
            "$filter" => self.filter = Some(Expr::parse_v4(text).map_err(bad)?),
            "$select" => self.select = names(text).map_err(bad)?,
            "$expand" => {
                if depth >= MAX_NESTING {
                    return Err(bad(SyntaxError::new(0, "this nests too deeply")));
                }
                self.expand = expands(text, depth, &full)?;
            }
            "$orderby" => self.order_by = orders(text).map_err(bad)?,
            "$top" => self.top = Some(number(text).map_err(bad)?),
            "$skip" => self.skip = Some(number(text).map_err(bad)?),
            "$count" => {
                self.count = match text {
                    "true" => true,
                    "false" => false,
                    _ => return Err(bad(SyntaxError::new(0, "expected true or false"))),
                }
            }
            "$skiptoken" => self.skip_token = Some(value.to_owned()),
            _ => self.format = Some(text.to_owned()),
        }
        given.push(full);
        Ok(())
    }
}

/// The comma-separated parts; commas in parentheses and quotes are theirs.
fn split(text: &str, separator: char) -> Vec<(usize, &str)> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            other if other == separator && !quoted && depth == 0 => {
                parts.push((start, text.get(start..at).unwrap_or_default()));
                start = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push((start, text.get(start..).unwrap_or_default()));
    parts
}

fn names(text: &str) -> Result<Vec<String>, SyntaxError> {
    let mut found = Vec::new();
    for (at, part) in split(text, ',') {
        let name = part.trim();
        if name != "*" {
            let named = name.strip_suffix("/*").unwrap_or(name);
            Field::parse(named).map_err(|error| SyntaxError::new(at + error.position, error.reason))?;
        }
        found.push(name.to_owned());
    }
    Ok(found)
}

fn expands(text: &str, depth: usize, option: &str) -> Result<Vec<Expand>, OptionsError> {
    let bad = |at: usize, reason: &str| OptionsError::Value {
        option: option.to_owned(),
        source: SyntaxError::new(at, reason),
    };
    let mut found = Vec::new();
    for (start, part) in split(text, ',') {
        let part = part.trim();
        let mut scanner = Scanner::new(part);
        let end = part.find(|c: char| !(is_word(c) || c == '/')).unwrap_or(part.len());
        let path = part.get(..end).unwrap_or_default();
        Field::parse(path).map_err(|_| bad(start, "expected the name of a navigation"))?;
        scanner.advance(end);
        let mut expand = Expand { path: path.to_owned(), options: Options::default() };
        if scanner.eat("(") {
            let inside =
                scanner.rest().strip_suffix(')').ok_or_else(|| bad(start, "expected a closing parenthesis"))?;
            let mut given = Vec::new();
            for (_, option) in split(inside, ';') {
                let (name, value) = option.split_once('=').ok_or_else(|| bad(start, "expected $option=value"))?;
                expand.options.put(name.trim(), value, depth + 1, &mut given)?;
            }
        } else if !scanner.at_end() {
            return Err(bad(start + end, "expected a comma or options in parentheses"));
        }
        found.push(expand);
    }
    Ok(found)
}

fn orders(text: &str) -> Result<Vec<OrderBy>, SyntaxError> {
    let mut found = Vec::new();
    for (at, part) in split(text, ',') {
        let mut words = part.split_whitespace();
        let field = Field::parse(words.next().unwrap_or_default())
            .map_err(|error| SyntaxError::new(at + error.position, error.reason))?;
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => return Err(SyntaxError::new(at, "expected asc or desc after the property")),
        };
        found.push(OrderBy { field, descending });
    }
    Ok(found)
}

fn number(text: &str) -> Result<u64, SyntaxError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| SyntaxError::new(0, "expected a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions_have_options_of_their_own() {
        let text = "$select=userId,email&$expand=manager($select=userId;$expand=hr),directReports($filter=contains(lastName,\
                    ';,)');$orderby=lastName desc;$top=2;$count=true)&$count=true&$filter=status%20in%20('t','f')";
        let options = Options::parse(text).unwrap();
        assert_eq!(options.select, ["userId", "email"]);
        assert!(options.count && options.filter.is_some());
        let [manager, reports] = options.expand.as_slice() else { panic!("two") };
        assert_eq!((manager.path.as_str(), manager.options.select.as_slice()), ("manager", &["userId".to_owned()][..]));
        assert_eq!(manager.options.expand[0].path, "hr");
        assert_eq!(reports.options.filter, Some(Expr::parse("substringof(';,)',lastName)").unwrap()));
        assert_eq!((reports.options.top, reports.options.count), (Some(2), true));
        assert!(reports.options.order_by[0].descending);
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for text in [
            "$search=x",
            "$count=yes",
            "$top=-1",
            "$expand=a(",
            "$expand=a()b",
            "$expand=a($skiptoken=x)",
            "$expand=a(b)",
            "$filter=",
            "$top=1&top=2",
            "$inlinecount=allpages",
        ] {
            assert!(Options::parse(text).is_err(), "{text}");
        }
        assert_eq!(Options::parse("x=1").unwrap().other, [("x".to_owned(), "1".to_owned())]);
        let deep = format!("$expand={}a{}", "a($expand=".repeat(40), ")".repeat(40));
        assert!(Options::parse(&deep).is_err());
    }
}
