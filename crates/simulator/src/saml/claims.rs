//! What a verified assertion claims.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use roxmltree::Node;

use super::{SAML, SamlError};

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// The claims of an assertion whose signature was verified. They are still to be judged: audience, time, client.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it; the client id in one of the two styles.
    pub issuer: String,
    /// Whom it is about (`NameID`).
    pub name_id: String,
    /// Where it may be used (`Recipient` of the bearer confirmation), when said.
    pub recipient: Option<String>,
    /// Every audience that it names.
    pub audiences: Vec<String>,
    /// Not valid before this instant.
    pub not_before: Option<Timestamp>,
    /// Not valid from this instant on: the earliest that conditions and confirmation say.
    pub not_on_or_after: Timestamp,
    /// Attributes with their first value.
    pub attributes: Vec<(String, String)>,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}

impl Claims {
    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// True when the attribute says `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// Reads the claims of `assertion`, an element whose signature was verified.
pub(super) fn read(assertion: Node<'_, '_>) -> Result<Claims, SamlError> {
    let subject = only(assertion, "Subject").ok_or(SamlError::Claim("Subject"))?;
    let confirmation = children(subject, "SubjectConfirmation").find(|node| node.attribute("Method") == Some(BEARER));
    let data = confirmation.and_then(|node| only(node, "SubjectConfirmationData"));
    let conditions = only(assertion, "Conditions").ok_or(SamlError::Claim("Conditions"))?;
    let audiences = children(conditions, "AudienceRestriction")
        .flat_map(|restriction| children(restriction, "Audience"))
        .filter_map(trimmed)
        .collect();
    let not_before = instant(conditions, "NotBefore")?;
    let ends = [instant(conditions, "NotOnOrAfter")?, data.map_or(Ok(None), |node| instant(node, "NotOnOrAfter"))?];
    let not_on_or_after = ends.into_iter().flatten().min().ok_or(SamlError::Claim("NotOnOrAfter"))?;
    let mut attributes = Vec::new();
    for attribute in children(assertion, "AttributeStatement").flat_map(|node| children(node, "Attribute")) {
        let value = children(attribute, "AttributeValue").next().and_then(trimmed).unwrap_or_default();
        attributes.push((attribute.attribute("Name").unwrap_or_default().to_owned(), value));
    }
    Ok(Claims {
        issuer: only(assertion, "Issuer").and_then(trimmed).ok_or(SamlError::Claim("Issuer"))?,
        name_id: only(subject, "NameID").and_then(trimmed).ok_or(SamlError::Claim("NameID"))?,
        recipient: data.and_then(|node| node.attribute("Recipient")).map(str::to_owned),
        audiences,
        not_before,
        not_on_or_after,
        attributes,
    })
}

/// All text of an element that holds only text. Comments are skipped, not cut at: they are not part of what is
/// signed, and a reader that stopped at one would read another name than the one that was vouched for.
pub(super) fn whole_text(node: Node<'_, '_>) -> Option<String> {
    let mut text = String::new();
    for child in node.children() {
        if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        } else if !child.is_comment() {
            return None;
        }
    }
    Some(text)
}

fn trimmed(node: Node<'_, '_>) -> Option<String> {
    whole_text(node).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn children<'a, 'input>(parent: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |node| node.has_tag_name((SAML, name)))
}

/// The child of that name when there is exactly one.
fn only<'a, 'input>(parent: Node<'a, 'input>, name: &'static str) -> Option<Node<'a, 'input>> {
    let mut found = children(parent, name);
    found.next().filter(|_| found.next().is_none())
}

fn instant(node: Node<'_, '_>, name: &'static str) -> Result<Option<Timestamp>, SamlError> {
    node.attribute(name).map(|text| parse_instant(text.trim()).ok_or(SamlError::Claim(name))).transpose()
}

/// Times in SAML are UTC, written with or without the `Z` (SAML 2.0 Core section 1.3.3).
fn parse_instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}
