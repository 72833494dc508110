//! Reading the grammars of RFC 7644: figure 1 (filters) and figure 7 (paths).
//!
//! Recursive, but bounded: nesting beyond [`DEEPEST`] is an error and not a stack overflow.

use joinery_model::Op;
use serde_json::{Number, Value as Json};

use crate::{AttrPath, Filter, Path, Quirk, Tolerance};

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

pub(crate) fn filter(text: &str, tolerance: &mut Tolerance) -> Result<Filter, GrammarError> {
    let mut reader = Reader::over(text, tolerance)?;
    let filter = reader.or(0)?;
    reader.end()?;
    Ok(filter)
}

pub(crate) fn path(text: &str, tolerance: &mut Tolerance) -> Result<Path, GrammarError> {
    let mut reader = Reader::over(text, tolerance)?;
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
    let mut nothing = Tolerance::of(&[]);
    let mut reader = Reader::over(text, &mut nothing)?;
    let attribute = reader.attribute()?;
    reader.end()?;
    Ok(attribute)
}

struct Reader<'a, 't> {
    text: &'a str,
    at: usize,
    tolerance: &'t mut Tolerance,
}

impl<'a, 't> Reader<'a, 't> {
    fn over(text: &'a str, tolerance: &'t mut Tolerance) -> Result<Self, GrammarError> {
        if text.len() > LONGEST { Err(GrammarError::Long) } else { Ok(Self { text, at: 0, tolerance }) }
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
            return self.element(attribute, depth);
        }
        self.comparison(attribute)
    }

    /// What follows an attribute's name: `pr`, or an operator and a value.
    fn comparison(&mut self, attribute: AttrPath) -> Result<Filter, GrammarError> {
        if !self.spaces() {
            return self.missing("a space");
        }
        if self.takes_word("pr") {
            return Ok(Filter::Present(attribute));
        }
        let op = self.operator()?;
        // An example of the RFC itself (section 3.5.2.2) leaves the space before a quotation mark out.
        if !self.spaces() && !self.rest().starts_with('"') {
            return self.missing("a space");
        }
        Ok(Filter::Compare(attribute, op, self.literal()?))
    }

    /// The inside of brackets, and behind them, where that is understood, a comparison of one sub-attribute of the
    /// element that was found.
    fn element(&mut self, attribute: AttrPath, depth: usize) -> Result<Filter, GrammarError> {
        let more = self.tolerance.allows(Quirk::SubAfterValuePath);
        // What is added may need parentheses around what was there: one level is kept for them.
        let mut inner = self.or(depth + 1 + usize::from(more))?;
        self.expects("]", "a closing bracket")?;
        if more && self.takes(".") {
            self.tolerance.meets(Quirk::SubAfterValuePath);
            let sub = AttrPath { urn: None, name: self.name()?.into(), sub: None };
            let comparison = self.comparison(sub)?;
            inner = match inner {
                Filter::And(mut parts) => {
                    parts.push(comparison);
                    Filter::And(parts)
                }
                one => Filter::And(vec![one, comparison]),
            };
        }
        Ok(Filter::Element(attribute, Box::new(inner)))
    }

    fn operator(&mut self) -> Result<Op, GrammarError> {
        let found = OPERATORS.iter().find(|(word, _)| self.takes_word(word));
        found.map_or_else(|| self.missing("an operator such as eq"), |(_, op)| Ok(*op))
    }

    fn literal(&mut self) -> Result<Json, GrammarError> {
        const A_VALUE: &str = "a value: text in double quotes, a number, true, false or null";
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix('"') {
            let end = quoted(inside).map(|end| end + 2);
            let value = end.and_then(|end| serde_json::from_str(&rest[..end]).ok());
            let (Some(end), Some(text @ Json::String(_))) = (end, value) else { return self.missing(A_VALUE) };
            self.at += end;
            return Ok(text);
        }
        if let Some(inside) = rest.strip_prefix('\'')
            && self.tolerance.meets(Quirk::SingleQuotes)
        {
            let Some((text, length)) = single_quoted(inside) else { return self.missing("a closing quotation mark") };
            self.at += length + 1;
            return Ok(text.into());
        }
        let word = &rest[..rest.find([' ', ')', ']']).unwrap_or(rest.len())];
        let value = match serde_json::from_str(word) {
            Ok(Json::Number(number)) => Json::Number(nearest(number, word)),
            Ok(value @ (Json::Bool(_) | Json::Null)) => value,
            Err(_) if is_bare(word) && is_date_time(word) && self.tolerance.meets(Quirk::BareDateTimes) => word.into(),
            Err(_) if is_bare(word) && self.tolerance.meets(Quirk::BareText) => word.into(),
            _ => return self.missing(A_VALUE),
        };
        self.at += word.len();
        Ok(value)
    }

    fn attribute(&mut self) -> Result<AttrPath, GrammarError> {
        let mut urn = None;
        let rest = self.rest();
        // A URI has dots of its own; the last colon before what cannot be of one ends it.
        let end = rest.find(|letter| !is_uri(letter)).unwrap_or(rest.len());
        if let Some(colon) = rest[..end].rfind(':')
            && rest[..colon].contains(':')
            && rest.starts_with(|first: char| first.is_ascii_alphabetic())
        {
            urn = Some(rest[..colon].into());
            self.at += colon + 1;
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

/// Text in single quotes, its opening quote left off, and its length with the closing one. A quote inside is doubled or
/// stands behind a backslash; any other backslash is one.
fn single_quoted(inside: &str) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut letters = inside.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match (letter, next) {
            ('\'', Some('\'')) | ('\\', Some('\'' | '\\')) => text.extend(letters.next().map(|(_, letter)| letter)),
            ('\'', _) => return Some((text, at + 1)),
            _ => text.push(letter),
        }
    }
    None
}

/// May a word stand for text without quotes?
fn is_bare(word: &str) -> bool {
    !word.is_empty()
        && !word.contains(['"', '\'', '(', '['])
        && !["and", "or", "not"].iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// `2020-08-27T15:22:52`, with or without fractions and zone.
fn is_date_time(word: &str) -> bool {
    let digit = |at: usize| word.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    (0..4).all(digit) && word.get(4..5) == Some("-") && word.get(10..11).is_some_and(|t| t.eq_ignore_ascii_case("t"))
}

/// What a schema's URI is made of (RFC 3986), but for brackets and quotation marks, which mean something here.
fn is_uri(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._~:/?#@!$&*+,;=%".contains(letter)
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
            let read: Filter = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(read.to_string().parse::<Filter>().unwrap(), read, "{text}");
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
            assert!(text.parse::<Filter>().is_err(), "{text}");
            assert_eq!(text.parse::<Filter>().is_err(), filter(text, &mut Tolerance::of(&[])).is_err());
        }
        assert_eq!(deep.parse::<Filter>(), Err(GrammarError::Deep));
        for text in ["emails[type eq \"work\"", "a..b", "name.a.b"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }

    /// What One Identity, Entra and others write, and what it means.
    #[test]
    fn what_clients_bend_is_read_where_it_is_allowed_and_nowhere_else() {
        for (text, means, quirks) in [
            (
                "id ne '10056' AND (locale eq 'Cleveland (1000-2011)')",
                r#"id ne "10056" and locale eq "Cleveland (1000-2011)""#,
                &[Quirk::SingleQuotes][..],
            ),
            ("a eq 'O''Hara' or a eq 'd\\e\\'f'", r#"a eq "O'Hara" or a eq "d\\e'f""#, &[Quirk::SingleQuotes]),
            (
                "lastModified gt 2020-08-27T15:22:52",
                r#"lastModified gt "2020-08-27T15:22:52""#,
                &[Quirk::BareDateTimes],
            ),
            ("(userName sw J)", r#"userName sw "J""#, &[Quirk::BareText]),
            (
                r#"emails[type eq "work"].value eq "x""#,
                r#"emails[type eq "work" and value eq "x"]"#,
                &[Quirk::SubAfterValuePath],
            ),
            (
                r#"emails[type eq "a" or type eq "b"].value pr"#,
                r#"emails[(type eq "a" or type eq "b") and value pr]"#,
                &[Quirk::SubAfterValuePath],
            ),
        ] {
            assert!(text.parse::<Filter>().is_err(), "{text}");
            let mut tolerance = Tolerance::of(quirks);
            let read = filter(text, &mut tolerance).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(read, means.parse().unwrap(), "{text}");
            assert_eq!(tolerance.met().map(|(quirk, _)| quirk).collect::<Vec<_>>(), quirks, "{text}");
        }
        let lenient = |text: &str| filter(text, &mut Tolerance::lenient());
        for text in ["a eq 'open", "a eq and", "a eq x'y", "a eq [1]", "a eq \"open", "a eq {}", "a[b pr].c", "a b c"] {
            assert!(lenient(text).is_err(), "{text}");
        }
    }

    /// Nesting as deep as it may be prints as what reads back.
    #[test]
    fn the_deepest_reads_back() {
        let depth = DEEPEST - 1;
        let text = format!("{}a[x pr or y pr].z pr{}", "not (".repeat(depth), ")".repeat(depth));
        assert_eq!(filter(&text, &mut Tolerance::lenient()), Err(GrammarError::Deep));
        let depth = depth - 1;
        let text = format!("{}a[x pr or y pr].z pr{}", "not (".repeat(depth), ")".repeat(depth));
        let read = filter(&text, &mut Tolerance::lenient()).unwrap();
        assert_eq!(read.to_string().parse::<Filter>().as_ref(), Ok(&read));
    }
}
