//! Addresses of entities.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::Literal;
use crate::scan::{Scanner, SyntaxError, is_word};

/// Which entity of a set.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPredicate {
    /// `('x')`: the value of the only key property.
    Single(Literal),
    /// `(seqNumber=1L,userId='x')`: in alphabetical order of the names, as servers write them. Never empty.
    Named(Vec<(String, Literal)>),
}

impl KeyPredicate {
    /// From names and values in any order; one alone prints without its name. `None` when there are none.
    pub fn new(parts: impl IntoIterator<Item = (impl Into<String>, Literal)>) -> Option<Self> {
        let mut parts: Vec<(String, Literal)> = parts.into_iter().map(|(name, value)| (name.into(), value)).collect();
        match parts.len() {
            0 => None,
            1 => parts.pop().map(|(_, value)| Self::Single(value)),
            _ => {
                parts.sort_by(|a, b| a.0.cmp(&b.0));
                Some(Self::Named(parts))
            }
        }
    }

    /// The value of each key property of an entity type, in the order of `names`; `None` when the predicate names
    /// other properties than these, or gives one value where there are several.
    pub fn values<'a>(&'a self, names: &[impl AsRef<str>]) -> Option<Vec<&'a Literal>> {
        match self {
            Self::Single(value) if names.len() == 1 => Some(vec![value]),
            Self::Single(_) => None,
            Self::Named(parts) if parts.len() == names.len() => {
                names.iter().map(|name| parts.iter().find(|part| part.0 == name.as_ref()).map(|part| &part.1)).collect()
            }
            Self::Named(_) => None,
        }
    }

    /// True when both address the same entity: the same names, values that mean the same (`123` and `123L`).
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Single(a), Self::Single(b)) => a.same(b),
            (Self::Named(a), Self::Named(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.same(&b.1))
            }
            _ => false,
        }
    }

    fn scan(scanner: &mut Scanner<'_>) -> Result<Option<Self>, SyntaxError> {
        scanner.skip_spaces();
        if scanner.eat(")") {
            return Ok(None);
        }
        if let Some(literal) = Literal::scan(scanner)? {
            scanner.skip_spaces();
            scanner.expect(")", "expected a closing parenthesis")?;
            return Ok(Some(Self::Single(literal)));
        }
        let mut parts: Vec<(String, Literal)> = Vec::new();
        loop {
            scanner.skip_spaces();
            let start = scanner.position();
            let name = scanner.peek_word().ok_or_else(|| scanner.error("expected a value or name=value"))?;
            scanner.advance(name.len());
            scanner.expect("=", "expected = after the name of a key property")?;
            let value = Literal::scan(scanner)?.ok_or_else(|| scanner.error("expected a value"))?;
            if parts.iter().any(|part| part.0 == name) {
                return Err(SyntaxError::new(start, "this key property stands here twice"));
            }
            parts.push((name.to_owned(), value));
            scanner.skip_spaces();
            if scanner.eat(")") {
                parts.sort_by(|a, b| a.0.cmp(&b.0));
                return Ok(Some(Self::Named(parts)));
            }
            scanner.expect(",", "expected a comma or a closing parenthesis")?;
        }
    }
}

/// Unescaped and without parentheses.
impl fmt::Display for KeyPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(value) => value.fmt(f),
            Self::Named(parts) => {
                for (at, (name, value)) in parts.iter().enumerate() {
                    write!(f, "{}{name}={value}", if at > 0 { "," } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// The address of an entity set, an entity, or something below it: `User`, `User('x')`, `User('x')/manager`,
/// `User/$count`.
///
/// `Display` prints it percent-encoded, relative to the service root.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityAddress {
    /// The entity set.
    pub set: String,
    /// Which entity; `None` for the set.
    pub key: Option<KeyPredicate>,
    /// What follows: navigations, properties, `$count`, `$value`.
    pub rest: Vec<String>,
}

/// What must not stand raw in a segment of a path.
const RAW_UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl EntityAddress {
    /// A whole set.
    pub fn set(set: impl Into<String>) -> Self {
        Self { set: set.into(), key: None, rest: Vec::new() }
    }

    /// One entity.
    pub fn entity(set: impl Into<String>, key: KeyPredicate) -> Self {
        Self { set: set.into(), key: Some(key), rest: Vec::new() }
    }

    /// Reads an address: absolute (`https://host:443/odata/v2/User('x')`), from the root (`/odata/v2/User('x')`) or
    /// relative (`User('x')`), percent-encoded or not; a query string is passed over. `User()` is the set.
    ///
    /// # Errors
    /// Where it stops being an address; positions count in the decoded part after the service root.
    pub fn parse(address: &str) -> Result<Self, SyntaxError> {
        let path = address.split_once(['?', '#']).map_or(address, |(path, _)| path);
        let decoded = percent_decode_str(below_service_root(path))
            .decode_utf8()
            .map_err(|_| SyntaxError::new(0, "the address is not UTF-8 when percent-decoded"))?;
        let mut scanner = Scanner::new(&decoded);
        let set = scanner.peek_word().ok_or_else(|| scanner.error("expected the name of an entity set"))?;
        scanner.advance(set.len());
        let mut result = Self::set(set);
        if scanner.eat("(") {
            result.key = KeyPredicate::scan(&mut scanner)?;
        }
        while scanner.eat("/") {
            let rest = scanner.rest();
            let end =
                rest.char_indices().find(|(at, c)| !(is_word(*c) || *at == 0 && *c == '$')).map_or(rest.len(), |c| c.0);
            match rest.get(..end) {
                Some(segment) if !segment.is_empty() && segment != "$" => result.rest.push(segment.to_owned()),
                // A slash at the very end says nothing.
                _ if rest.is_empty() => {}
                _ => return Err(scanner.error("expected the name of a navigation or a property")),
            }
            scanner.advance(end);
        }
        scanner.expect_end()?;
        Ok(result)
    }
}

/// The part of a path after `/odata/v2/`, or all of a path that is relative already.
fn below_service_root(address: &str) -> &str {
    let path = match address.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            rest.split_once('/').map_or("", |(_, path)| path)
        }
        _ => address,
    };
    let before_key = path.find(['(', '\'']).unwrap_or(path.len());
    let root = "odata/v2/";
    match path.get(..before_key).unwrap_or_default().find(root) {
        Some(at) => path.get(at + root.len()..).unwrap_or_default(),
        None => path.strip_prefix('/').unwrap_or(path),
    }
}

impl fmt::Display for EntityAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.set)?;
        if let Some(key) = &self.key {
            let text = key.to_string();
            write!(f, "({})", utf8_percent_encode(&text, RAW_UNSAFE))?;
        }
        for segment in &self.rest {
            write!(f, "/{}", utf8_percent_encode(segment, RAW_UNSAFE))?;
        }
        Ok(())
    }
}
