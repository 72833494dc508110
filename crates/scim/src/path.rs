//! Attribute paths: `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:department`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::grammar::{self, GrammarError};
use crate::{Filter, Tolerance, urn};

/// The name of an attribute in a filter: schema, attribute, sub-attribute. Names compare without regard to case
/// (RFC 7643, section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttrPath {
    /// The schema, where it is said.
    pub urn: Option<Arc<str>>,
    /// The attribute.
    pub name: Arc<str>,
    /// The sub-attribute, where it is said.
    pub sub: Option<Arc<str>>,
}

/// Where a value stands in a resource, as PATCH writes it (RFC 7644, figure 7).
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The schema, where it is said.
    pub urn: Option<Arc<str>>,
    /// The attribute.
    pub name: Arc<str>,
    /// Which elements of a multi-valued attribute.
    pub filter: Option<Box<Filter>>,
    /// The sub-attribute, where it is said.
    pub sub: Option<Arc<str>>,
}

impl Path {
    /// Reads a path as clients write it: what is allowed is read as what it means.
    pub fn read(text: &str, tolerance: &mut Tolerance) -> Result<Self, GrammarError> {
        grammar::path(text, tolerance)
    }

    /// The extension's URN; `None` for attributes that stand at the top of a resource.
    pub fn extension(&self) -> Option<&Arc<str>> {
        self.urn.as_ref().filter(|urn| !urn::is_core(urn))
    }

    /// The same path without its sub-attribute.
    pub fn parent(&self) -> Self {
        Self { sub: None, ..self.clone() }
    }

    /// The same path without element filter and sub-attribute.
    pub fn attribute(&self) -> Self {
        Self { urn: self.urn.clone(), name: self.name.clone(), filter: None, sub: None }
    }

    /// A filter for resources that hold `value` at this path: `emails[type eq "work" and value eq "x"]`.
    pub fn equals(&self, value: serde_json::Value) -> Filter {
        let named = |sub: Option<Arc<str>>| AttrPath { urn: self.urn.clone(), name: self.name.clone(), sub };
        let compare = |attribute, value| Filter::Compare(attribute, joinery_model::Op::Eq, value);
        match &self.filter {
            None => compare(named(self.sub.clone()), value),
            Some(which) => {
                let sub = self.sub.clone().unwrap_or_else(|| "value".into());
                let inner = compare(AttrPath { urn: None, name: sub, sub: None }, value);
                let both = match &**which {
                    Filter::And(parts) => parts.iter().cloned().chain([inner]).collect(),
                    one => vec![one.clone(), inner],
                };
                Filter::Element(named(None), Box::new(Filter::And(both)))
            }
        }
    }
}

impl FromStr for Path {
    type Err = GrammarError;
    fn from_str(text: &str) -> Result<Self, GrammarError> {
        grammar::path(text, &mut Tolerance::of(&[]))
    }
}

impl FromStr for AttrPath {
    type Err = GrammarError;
    fn from_str(text: &str) -> Result<Self, GrammarError> {
        grammar::attribute(text)
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, self.urn.as_deref(), &self.name)?;
        write_sub(f, self.sub.as_deref())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, self.urn.as_deref(), &self.name)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        write_sub(f, self.sub.as_deref())
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, urn: Option<&str>, name: &str) -> fmt::Result {
    if let Some(urn) = urn {
        write!(f, "{urn}:")?;
    }
    f.write_str(name)
}

fn write_sub(f: &mut fmt::Formatter<'_>, sub: Option<&str>) -> fmt::Result {
    sub.map_or(Ok(()), |sub| write!(f, ".{sub}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of RFC 7644, section 3.5.2.
    #[test]
    fn a_path_prints_as_it_was_written() {
        for text in [
            "members",
            "name.familyName",
            r#"addresses[type eq "work"]"#,
            r#"members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName"#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            r#"urn:acme:2.0:User:badges[kind eq "door" and not (lost eq true)].number"#,
            "manager.$ref",
        ] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_value_path_searches_inside_one_element() {
        let path: Path = r#"emails[type eq "work"].value"#.parse().unwrap();
        assert_eq!(path.equals("a\"b".into()).to_string(), r#"emails[type eq "work" and value eq "a\"b"]"#);
    }
}
