//! Filters: a tree that is parsed, printed and judged.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use joinery_model::Op;
use serde_json::Value as Json;

use crate::grammar::{self, GrammarError, OPERATORS};
use crate::place::{Resource, member};
use crate::{AttrPath, Tolerance, urn};

/// A filter (RFC 7644, section 3.4.2.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these.
    And(Vec<Filter>),
    /// At least one of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The attribute has a value.
    Present(AttrPath),
    /// The attribute compares to a value; of several values any may.
    Compare(AttrPath, Op, Json),
    /// One element of the attribute meets the whole inner filter.
    Element(AttrPath, Box<Filter>),
}

impl FromStr for Filter {
    type Err = GrammarError;
    fn from_str(text: &str) -> Result<Self, GrammarError> {
        grammar::filter(text, &mut Tolerance::of(&[]))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(attribute) => write!(f, "{attribute} pr"),
            Self::Compare(attribute, op, value) => {
                let word = OPERATORS.iter().find(|(_, is)| is == op).map_or("eq", |(word, _)| word);
                write!(f, "{attribute} {word} {value}")
            }
            Self::Element(attribute, inner) => write!(f, "{attribute}[{inner}]"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Filter::And(_) | Filter::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl Filter {
    /// Reads a filter as clients write it: what is allowed is read as what it means.
    pub fn read(text: &str, tolerance: &mut Tolerance) -> Result<Self, GrammarError> {
        grammar::filter(text, tolerance)
    }

    /// Does it hold for this resource or element? Text compares without regard to case unless `exact` says so of the
    /// attribute (RFC 7643: `caseExact` is false by default).
    pub fn accepts(&self, resource: &Resource, exact: &impl Fn(&AttrPath) -> bool) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.accepts(resource, exact)),
            Self::Or(parts) => parts.iter().any(|part| part.accepts(resource, exact)),
            Self::Not(inner) => !inner.accepts(resource, exact),
            Self::Present(attribute) => values(resource, attribute).into_iter().any(is_present),
            Self::Compare(attribute, Op::Ne, value) => {
                !values(resource, attribute).into_iter().any(|found| holds(found, Op::Eq, value, exact(attribute)))
            }
            Self::Compare(attribute, op, value) => {
                values(resource, attribute).into_iter().any(|found| holds(found, *op, value, exact(attribute)))
            }
            Self::Element(attribute, inner) => values(resource, attribute)
                .into_iter()
                .filter_map(Json::as_object)
                .any(|element| inner.accepts(element, exact)),
        }
    }

    /// The members that an element must have to meet this filter, as far as equalities say so: what a new element is
    /// made of.
    pub fn implied(&self) -> Resource {
        match self {
            Self::And(parts) => parts.iter().flat_map(Self::implied).collect(),
            Self::Compare(AttrPath { urn: None, name, sub: None }, Op::Eq, value) => {
                Resource::from_iter([(name.to_string(), value.clone())])
            }
            _ => Resource::new(),
        }
    }
}

/// Every value of an attribute, the elements of multi-valued ones each.
fn values<'a>(resource: &'a Resource, attribute: &AttrPath) -> Vec<&'a Json> {
    let top = match &attribute.urn {
        Some(urn) if !urn::is_core(urn) => member(resource, urn).and_then(Json::as_object),
        _ => Some(resource),
    };
    let found = top.and_then(|top| member(top, &attribute.name));
    let elements: Vec<&Json> = match found {
        Some(Json::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    match &attribute.sub {
        Some(sub) => elements.into_iter().filter_map(|value| member(value.as_object()?, sub)).collect(),
        None => elements,
    }
}

fn is_present(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
        _ => true,
    }
}

fn holds(found: &Json, op: Op, wanted: &Json, exact: bool) -> bool {
    // A complex attribute without a sub-attribute means its `value`, as the RFC's own examples do.
    let found = found.as_object().and_then(|members| member(members, "value")).unwrap_or(found);
    match (found, wanted) {
        (Json::String(found), Json::String(wanted)) if !exact => {
            text(&found.to_lowercase(), op, &wanted.to_lowercase())
        }
        (Json::String(found), Json::String(wanted)) => text(found, op, wanted),
        (Json::Number(found), Json::Number(wanted)) => {
            found.as_f64().partial_cmp(&wanted.as_f64()).is_some_and(|order| ordered(order, op))
        }
        _ => op == Op::Eq && found == wanted,
    }
}

/// Whether a text stands to the wanted one as the operator says, character by character.
pub(crate) fn text(found: &str, op: Op, wanted: &str) -> bool {
    match op {
        Op::Co => found.contains(wanted),
        Op::Sw => found.starts_with(wanted),
        Op::Ew => found.ends_with(wanted),
        _ => ordered(found.cmp(wanted), op),
    }
}

/// Whether such an order is what the operator asks for.
pub(crate) fn ordered(order: Ordering, op: Op) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filters() -> impl Strategy<Value = Filter> {
        let name = "[a-z][a-zA-Z0-9_-]{0,5}".prop_map(|name| AttrPath { urn: None, name: name.into(), sub: None });
        let value = prop_oneof![
            any::<String>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<bool>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from)
        ];
        let op = prop_oneof![Just(Op::Eq), Just(Op::Ne), Just(Op::Co), Just(Op::Ge)];
        let leaf = prop_oneof![
            name.clone().prop_map(Filter::Present),
            (name.clone(), op, value).prop_map(|(name, op, value)| Filter::Compare(name, op, value)),
        ];
        leaf.prop_recursive(3, 16, 3, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
                inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
                (name.clone(), inner).prop_map(|(name, inner)| Filter::Element(name, Box::new(inner))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn a_printed_filter_reads_as_what_it_was(filter in filters()) {
            prop_assert_eq!(filter.to_string().parse::<Filter>(), Ok(filter));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _: Result<Filter, _> = text.parse();
        }
    }

    #[test]
    fn an_element_filter_does_not_mix_elements_and_text_folds() {
        let user = serde_json::json!({"userName": "BJensen", "emails": [
            {"type": "work", "value": "a@x"}, {"type": "home", "value": "b@x"}]});
        let user = user.as_object().unwrap();
        let holds = |text: &str| text.parse::<Filter>().unwrap().accepts(user, &|_| false);
        assert!(holds(r#"username eq "bjensen" and emails co "B@X""#));
        assert!(!holds(r#"emails[type eq "work" and value eq "b@x"]"#));
        assert!(holds(r#"nickName ne "x" and not (nickName pr)"#));
        assert!(!"userName eq \"bjensen\"".parse::<Filter>().unwrap().accepts(user, &|_| true));
    }

    #[test]
    fn a_large_number_reads_back_as_itself() {
        // Found by fuzzing: 9.9e45 came back as its neighbour.
        let read: Filter = "userName eq 9900000000000000000000000000000000000000000072".parse().unwrap();
        assert_eq!(read.to_string().parse(), Ok(read));
    }
}
