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

type ScanLiteral = fn(&mut Scanner<'_>) -> Result<Option<Literal>, SyntaxError>;

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
            Self::Named(parts) if parts.len() == names.len() => {
                names.iter().map(|name| parts.iter().find(|part| part.0 == name.as_ref()).map(|part| &part.1)).collect()
            }
            Self::Single(_) | Self::Named(_) => None,
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

    fn scan(scanner: &mut Scanner<'_>, literal: ScanLiteral) -> Result<Option<Self>, SyntaxError> {
        scanner.skip_spaces();
        if scanner.eat(")") {
            return Ok(None);
        }
        if let Some(literal) = literal(scanner)? {
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
            let value = literal(scanner)?.ok_or_else(|| scanner.error("expected a value"))?;
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

/// What must not stand raw in a segment of a path, the keys of entities among them. Quotes are doubled there, not encoded.
pub const SEGMENT_UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
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
    /// relative (`User('x')`); a query string is passed over. `User()` is the set.
    ///
    /// Percent-encoding is undone where it is valid. Servers write `__metadata.uri` without any (spaces stand raw in
    /// keys), so a key that holds `%41` cannot be told from one that holds `A` there: take keys from properties.
    ///
    /// # Errors
    /// Where it stops being an address; positions count in the decoded part after the service root.
    pub fn parse(address: &str) -> Result<Self, SyntaxError> {
        Self::read(address, Literal::scan)
    }

    /// Reads an address below a root of OData v4, where dates in keys stand bare. The root itself must not be part of it.
    ///
    /// # Errors
    /// As [`EntityAddress::parse`].
    pub fn parse_v4(address: &str) -> Result<Self, SyntaxError> {
        Self::read(address, Literal::scan_v4)
    }

    fn read(address: &str, literal: ScanLiteral) -> Result<Self, SyntaxError> {
        let path = without_query(address);
        let decoded = percent_decode_str(below_service_root(path))
            .decode_utf8()
            .map_err(|_| SyntaxError::new(0, "the address is not UTF-8 when percent-decoded"))?;
        let mut scanner = Scanner::new(&decoded);
        let set = scanner.peek_word().ok_or_else(|| scanner.error("expected the name of an entity set"))?;
        scanner.advance(set.len());
        let mut result = Self::set(set);
        if scanner.eat("(") {
            result.key = KeyPredicate::scan(&mut scanner, literal)?;
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

/// An address up to its `?` or `#`; inside the quotes of a key they mean themselves.
fn without_query(address: &str) -> &str {
    let mut quoted = false;
    let end = address.bytes().position(|byte| {
        quoted ^= byte == b'\'';
        !quoted && matches!(byte, b'?' | b'#')
    });
    end.and_then(|end| address.get(..end)).unwrap_or(address)
}

/// What follows `/odata/v2/` in an absolute address or one from the root; all of a relative one.
fn below_service_root(address: &str) -> &str {
    let path = match address.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
        }
        _ => address,
    };
    let Some(from_root) = path.strip_prefix('/') else { return path };
    let before_key = path.find(['(', '\'']).unwrap_or(path.len());
    let root = "/odata/v2/";
    match path.get(..before_key).unwrap_or_default().find(root) {
        Some(at) => path.get(at + root.len()..).unwrap_or_default(),
        None => from_root,
    }
}

impl fmt::Display for EntityAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.set)?;
        if let Some(key) = &self.key {
            let text = key.to_string();
            write!(f, "({})", utf8_percent_encode(&text, SEGMENT_UNSAFE))?;
        }
        for segment in &self.rest {
            write!(f, "/{}", utf8_percent_encode(segment, SEGMENT_UNSAFE))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> EntityAddress {
        EntityAddress::parse(text).unwrap()
    }

    #[test]
    fn one_entity_has_many_spellings() {
        let user = EntityAddress::entity("User", KeyPredicate::Single("x".into()));
        for text in [
            "User('x')",
            "/User('x')",
            "/odata/v2/User('x')",
            "/sf/odata/v2/User('x')/",
            "https://api.example.com:443/odata/v2/User('x')?$select=userId",
            "http://proxy.example.com/sf/odata/v2/User(%27x%27)",
        ] {
            assert_eq!(address(text), user, "{text}");
        }
        assert_eq!(address("User"), EntityAddress::set("User"));
        assert_eq!(address("User()"), EntityAddress::set("User"));
    }

    #[test]
    fn composite_keys_are_printed_in_alphabetical_order() {
        let job = address("EmpJob(userId='x', startDate=datetime'2017-01-01T00:00:00',seqNumber=1L)");
        let text = "EmpJob(seqNumber=1L,startDate=datetime'2017-01-01T00:00:00',userId='x')";
        assert_eq!(job.to_string(), text);
        let key = job.key.as_ref().unwrap();
        let values = key.values(&["userId", "seqNumber", "startDate"]).unwrap();
        assert_eq!(values.first().and_then(|value| value.as_text()), Some("x"));
        assert_eq!(key.values(&["userId", "seqNumber"]), None);
        assert_eq!(key.values(&["userId", "seqNumber", "endDate"]), None);
    }

    #[test]
    fn a_whole_number_is_the_same_with_and_without_its_suffix() {
        let [short, long] = ["DynamicGroup(123)", "DynamicGroup(123L)"].map(|text| address(text).key.unwrap());
        assert_ne!(short, long);
        assert!(short.same(&long));
        assert!(!short.same(&address("DynamicGroup(124L)").key.unwrap()));
    }

    #[test]
    fn keys_may_hold_anything() {
        for value in ["O'Hara", "a/b", "who?", "50%", "a+b c", "#1", "李/雷", "(x)", "odata/v2/"] {
            let entity = EntityAddress::entity("User", KeyPredicate::Single(value.into()));
            assert_eq!(address(&entity.to_string()), entity, "{value}");
        }
        // As servers write them: FODivision in the list of a demo tenant has trailing blanks in its keys.
        let raw =
            address("https://h/odata/v2/FODivision(externalCode='MIS   ',startDate=datetime'1900-01-01T00:00:00')");
        assert_eq!(raw.key.unwrap().values(&["externalCode", "startDate"]).unwrap()[0].as_text(), Some("MIS   "));
        assert_eq!(address("User('who?')").key, Some(KeyPredicate::Single("who?".into())));
    }

    #[test]
    fn what_follows_the_key_is_kept() {
        assert_eq!(address("User('x')/manager/firstName/$value").rest, ["manager", "firstName", "$value"]);
        assert_eq!(address("User/$count").rest, ["$count"]);
        // Only an address from the root has a service root in it. Found by fuzzing.
        assert_eq!(address("User/odata/v2/x").to_string(), "User/odata/v2/x");
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_position() {
        for (text, position) in
            [("", 0), ("('x')", 0), ("User('x'", 8), ("User('x')y", 9), ("User(a=1,a=2)", 9), ("User('x')//a", 10)]
        {
            assert_eq!(EntityAddress::parse(text).unwrap_err().position, position, "{text}");
        }
    }

    #[test]
    fn a_key_is_made_from_names_and_values_in_any_order() {
        let key = KeyPredicate::new([("b", Literal::Int64(1)), ("a", "x".into())]).unwrap();
        assert_eq!(key.to_string(), "a='x',b=1L");
        assert_eq!(KeyPredicate::new([("a", "x".into())]), Some(KeyPredicate::Single("x".into())));
        assert_eq!(KeyPredicate::new(Vec::<(String, Literal)>::new()), None);
    }

    #[test]
    fn a_key_property_may_be_called_like_a_constant() {
        // Found by fuzzing: sorted to the front, the name was taken for the value.
        let read = EntityAddress::parse("S(a=2,INF=4)").unwrap();
        assert_eq!(EntityAddress::parse(&read.to_string()), Ok(read));
    }
}
