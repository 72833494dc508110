//! The User schema (RFC 7643, sections 4.1 and 8.7.1).

use super::{Attribute, Schema};
use crate::urn;

/// A person's account.
pub fn user() -> Schema {
    let mut attributes = vec![
        Attribute::text("userName", "The name to sign in with; taken once, in any case of letters").required().unique(),
        name(),
        Attribute::text("displayName", "The name to show"),
        Attribute::text("nickName", "What the person is called in everyday life"),
        Attribute::reference("profileUrl", &["external"], "A page about the person"),
        Attribute::text("title", "The person's title, such as Vice President"),
        Attribute::text("userType", "The relation to the organisation, such as Employee or Contractor"),
        Attribute::text("preferredLanguage", "Languages in order of preference, as in Accept-Language"),
        Attribute::text("locale", "Where the person is, for currencies, dates and numbers: en-US"),
        Attribute::text("timezone", "The time zone, as in the IANA database: Europe/Berlin"),
        Attribute::boolean("active", "May the account be used?"),
        Attribute::text("password", "The password; it can be set and never read").secret(),
    ];
    attributes.extend(lists());
    Schema::new(urn::USER, "User", "A person's account", attributes)
}

fn name() -> Attribute {
    let parts = vec![
        Attribute::text("formatted", "The whole name, ready to show"),
        Attribute::text("familyName", "The last name"),
        Attribute::text("givenName", "The first name"),
        Attribute::text("middleName", "The middle names"),
        Attribute::text("honorificPrefix", "What stands before the name, such as Dr"),
        Attribute::text("honorificSuffix", "What stands behind the name, such as III"),
    ];
    Attribute::complex("name", "The parts of the person's name", parts)
}

/// An attribute of several values with the usual parts (section 2.4).
fn list(name: &str, description: &str, value: Attribute, types: &[&str]) -> Attribute {
    let parts = vec![
        value,
        Attribute::text("display", "The value, ready to show"),
        Attribute::text("type", "What the value is for").meaning(types),
        Attribute::boolean("primary", "Is it the one to prefer? At most one is"),
    ];
    Attribute::complex(name, description, parts).many()
}

fn lists() -> Vec<Attribute> {
    let text = |description: &str| Attribute::text("value", description);
    vec![
        list("emails", "E-mail addresses", text("The address"), &["work", "home", "other"]),
        list(
            "phoneNumbers",
            "Telephone numbers",
            text("The number, as it is"),
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        list(
            "ims",
            "Addresses for instant messages",
            text("The address"),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        list(
            "photos",
            "Pictures of the person",
            Attribute::reference("value", &["external"], "The picture's address"),
            &["photo", "thumbnail"],
        ),
        addresses(),
        groups(),
        list("entitlements", "What the person is entitled to", text("The entitlement"), &[]),
        list("roles", "What the person may do", text("The role"), &[]),
        list(
            "x509Certificates",
            "Certificates of the person",
            Attribute::new("value", super::Kind::Binary, "The certificate, DER in base64"),
            &[],
        ),
    ]
}

fn addresses() -> Attribute {
    let parts = vec![
        Attribute::text("formatted", "The whole address, ready to show"),
        Attribute::text("streetAddress", "Street and house"),
        Attribute::text("locality", "The city"),
        Attribute::text("region", "The state or region"),
        Attribute::text("postalCode", "The postal code"),
        Attribute::text("country", "The country: two letters of ISO 3166-1"),
        Attribute::text("type", "What the address is for").meaning(&["work", "home", "other"]),
        Attribute::boolean("primary", "Is it the one to prefer? At most one is"),
    ];
    Attribute::complex("addresses", "Postal addresses", parts).many()
}

fn groups() -> Attribute {
    let parts = vec![
        Attribute::text("value", "The group's id").exact(),
        Attribute::reference("$ref", &["User", "Group"], "The group's address"),
        Attribute::text("display", "The group's name"),
        Attribute::text("type", "How the person belongs to it").meaning(&["direct", "indirect"]),
    ];
    Attribute::complex("groups", "The groups that the person belongs to; changed through the groups", parts)
        .many()
        .read_only()
}
