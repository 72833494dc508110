//! Reading the grammars of RFC 7644: figure 1 (filters) and figure 7 (paths).
//!
//! Recursive, but bounded: nesting beyond [`DEEPEST`] is an error and not a stack overflow.

use joinery_model::Op;
use serde_json::{Number, Value as Json};

use crate::{AttrPath, Filter, Path};

/// Levels of parentheses and brackets.
const DEEPEST: usize = 32;

/// Longest text that is read.
const LONGEST: usize = 16 * 1024;

/// Why a text is no filter or path. Carries the place, never the text: a filter holds people's data.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GrammarError {
    /// Something else was expected.
    #[error("{expected} is expected at character {at}")]
    Expected {
        /// What.
        expected: &'static str,
        /// Where, in bytes from the start.
        at: usize,
    },
    /// Too deep.
    #[error("parentheses are nested deeper than 32 levels")]
    Deep,
    /// Too long.
    #[error("the text is longer than 16 KiB")]
    Long,
}

pub(crate) fn filter(text: &str) -> Result<Filter, GrammarError> {
    let mut reader = Reader::over(text)?;
    let filter = reader.or(0)?;
    reader.end()?;
    Ok(filter)
}

pub(crate) fn path(text: &str) -> Result<Path, GrammarError> {
    let mut reader = Reader::over(text)?;
    let mut attribute = reader.attribute()?;
    let mut filter = None;
    if attribute.sub.is_none() && reader.takes("[") {
        filter = Some(Box::new(reader.or(1)?));
        reader.expects("]", "a closing bracket")?;
        if reader.takes(".") {
            attribute.sub = Some(reader.name()?.into());
        }
    }
    reader.end()?;
    Ok(Path { urn: attribute.urn, name: attribute.name, filter, sub: attribute.sub })
}

pub(crate) fn attribute(text: &str) -> Result<AttrPath, GrammarError> {
    let mut reader = Reader::over(text)?;
    let attribute = reader.attribute()?;
    reader.end()?;
    Ok(attribute)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn over(text: &'a str) -> Result<Self, GrammarError> {
        if text.len() > LONGEST { Err(GrammarError::Long) } else { Ok(Self { text, at: 0 }) }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn missing<T>(&self, expected: &'static str) -> Result<T, GrammarError> {
        Err(GrammarError::Expected { expected, at: self.at })
    }

    fn end(&mut self) -> Result<(), GrammarError> {
        self.spaces();
        if self.rest().is_empty() { Ok(()) } else { self.missing("the end") }
    }

    fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let skipped = rest.len() - rest.trim_start_matches(' ').len();
        self.at += skipped;
        skipped > 0
    }

    fn takes(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expects(&mut self, token: &str, expected: &'static str) -> Result<(), GrammarError> {
        self.spaces();
        if self.takes(token) { Ok(()) } else { self.missing(expected) }
    }

    /// A word in any case, followed by something that is no part of a word.
    fn takes_word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let found = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest[word.len()..].starts_with(is_name);
        if found {
            self.at += word.len();
        }
        found
    }

    fn or(&mut self, depth: usize) -> Result<Filter, GrammarError> {
        let mut parts = vec![self.and(depth)?];
        while self.joined("or") {
            parts.push(self.and(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) })
    }

    fn and(&mut self, depth: usize) -> Result<Filter, GrammarError> {
        let mut parts = vec![self.term(depth)?];
        while self.joined("and") {
            parts.push(self.term(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn joined(&mut self, word: &str) -> bool {
        let before = self.at;
        self.spaces();
        if self.takes_word(word) {
            return true;
        }
        self.at = before;
        false
    }

    fn term(&mut self, depth: usize) -> Result<Filter, GrammarError> {
        if depth > DEEPEST {
            return Err(GrammarError::Deep);
        }
        self.spaces();
        if self.takes("(") {
            let inner = self.or(depth + 1)?;
            self.expects(")", "a closing parenthesis")?;
            return Ok(inner);
        }
        let before = self.at;
        if self.takes_word("not") {
            self.spaces();
            if self.takes("(") {
                let inner = self.or(depth + 1)?;
                self.expects(")", "a closing parenthesis")?;
                return Ok(Filter::Not(Box::new(inner)));
            }
            self.at = before;
        }
        let attribute = self.attribute()?;
        if self.takes("[") {
            let inner = self.or(depth + 1)?;
            self.expects("]", "a closing bracket")?;
            return Ok(Filter::Element(attribute, Box::new(inner)));
        }
        if !self.spaces() {
            return self.missing("a space");
        }
        if self.takes_word("pr") {
            return Ok(Filter::Present(attribute));
        }
        let op = self.operator()?;
        if !self.spaces() {
            return self.missing("a space");
        }
        Ok(Filter::Compare(attribute, op, self.literal()?))
    }

    fn operator(&mut self) -> Result<Op, GrammarError> {
        let found = OPERATORS.iter().find(|(word, _)| self.takes_word(word));
        found.map_or_else(|| self.missing("an operator such as eq"), |(_, op)| Ok(*op))
    }

    fn literal(&mut self) -> Result<Json, GrammarError> {
        let rest = self.rest();
        let end = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside).map(|end| end + 2),
            None => Some(rest.find([' ', ')', ']']).unwrap_or(rest.len())),
        };
        let value = end.and_then(|end| serde_json::from_str(&rest[..end]).ok());
        match (end, value) {
            (Some(end), Some(Json::Number(number))) => {
                self.at += end;
                Ok(Json::Number(nearest(number, &rest[..end])))
            }
            (Some(end), Some(value @ (Json::String(_) | Json::Bool(_) | Json::Null))) => {
                self.at += end;
                Ok(value)
            }
            _ => self.missing("a value: text in double quotes, a number, true, false or null"),
        }
    }

    fn attribute(&mut self) -> Result<AttrPath, GrammarError> {
        let mut urn = None;
        let rest = self.rest();
        if rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
            // A URN has dots of its own; the last colon before a space or a bracket ends it.
            let end = rest.find([' ', '[', ')', ']']).unwrap_or(rest.len());
            if let Some(colon) = rest[..end].rfind(':').filter(|colon| *colon > 4) {
                urn = Some(rest[..colon].into());
                self.at += colon + 1;
            }
        }
        let name = self.name()?.into();
        let sub = if self.takes(".") { Some(self.name()?.into()) } else { None };
        Ok(AttrPath { urn, name, sub })
    }

    /// `ALPHA *("-" / "_" / DIGIT / ALPHA)`; `$ref` is a name too (RFC 7643, erratum 8924).
    fn name(&mut self) -> Result<&'a str, GrammarError> {
        let rest = self.rest();
        let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
        let name = &rest[..end];
        if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$') {
            return self.missing("an attribute's name");
        }
        self.at += end;
        Ok(name)
    }
}

/// Where text in quotes ends, its opening quote left off.
fn quoted(inside: &str) -> Option<usize> {
    let mut escaped = false;
    inside.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '$')
}

/// The words of the operators.
pub(crate) const OPERATORS: [(&str, Op); 9] = [
    ("eq", Op::Eq),
    ("ne", Op::Ne),
    ("co", Op::Co),
    ("sw", Op::Sw),
    ("ew", Op::Ew),
    ("gt", Op::Gt),
    ("ge", Op::Ge),
    ("lt", Op::Lt),
    ("le", Op::Le),
];

/// The number nearest to its text: `serde_json` reads one with a fraction or an exponent fast, and may miss by a bit, so
/// that what is printed would read back as another.
fn nearest(read: Number, text: &str) -> Number {
    if !read.is_f64() {
        return read;
    }
    text.parse().ok().and_then(Number::from_f64).unwrap_or(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7644, section 3.4.2.2.
    const RFC: [&str; 15] = [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value EQ "1""#,
    ];

    #[test]
    fn every_example_of_the_rfc_is_read_and_reads_the_same_when_printed() {
        for text in RFC {
            let read = filter(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(filter(&read.to_string()).unwrap(), read, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_an_error_and_never_a_panic() {
        let deep = "(".repeat(5_000);
        for text in [
            "",
            "userName",
            "userName eq",
            "userName eq x",
            "(a pr",
            "a pr)",
            "a pr b pr",
            "a xx 1",
            "é pr",
            "a[",
            "a[]",
            "a eq [1]",
            "urn:x",
            &deep,
        ] {
            assert!(filter(text).is_err(), "{text}");
        }
        assert_eq!(filter(&deep), Err(GrammarError::Deep));
        assert!(path("emails[type eq \"work\"").is_err() && path("a..b").is_err() && path("name.a.b").is_err());
    }
}
