//! Our schemas beside those that RFC 7643 shows in sections 8.7.1 and 8.7.2.

use serde_json::Value as Json;

use super::{Attribute, Schema, enterprise_user, group, resource_type, schema, service_provider_config, user};

/// Every way in which ours differ: `attribute: characteristic ours, the RFC's`, and why.
const DIFFERENCES: [(&str, &str); 19] = [
    ("User profileUrl: caseExact true, false", URI),
    ("User photos.value: caseExact true, false", URI),
    ("User groups.value: caseExact true, false", ID),
    ("User groups.$ref: caseExact true, false", URI),
    ("User x509Certificates.value: caseExact true, false", "base64 is case-exact (section 2.3.6)"),
    ("Group displayName: required true, false", "erratum 5368"),
    ("Group members.value: caseExact true, false", ID),
    ("Group members.$ref: caseExact true, false", URI),
    ("EnterpriseUser manager.value: caseExact true, false", "erratum 8472"),
    ("EnterpriseUser manager.$ref: caseExact true, false", URI),
    ("ServiceProviderConfig documentationUri: caseExact true, false", URI),
    ("ServiceProviderConfig authenticationSchemes.specUri: caseExact true, false", URI),
    ("ServiceProviderConfig authenticationSchemes.documentationUri: caseExact true, false", URI),
    ("ResourceType endpoint: caseExact true, false", URI),
    ("ResourceType schemaExtensions: multiValued true, false", "there may be several (section 6)"),
    ("ResourceType schemaExtensions: required false, true", "it is optional (section 6)"),
    (
        "Schema attributes.type: canonicalValues \
         [\"string\", \"boolean\", \"decimal\", \"integer\", \"dateTime\", \"binary\", \"reference\", \"complex\"], \
         [\"string\", \"complex\", \"boolean\", \"decimal\", \"integer\", \"dateTime\", \"reference\"]",
        "errata 5606 and 8435: binary is a type",
    ),
    ("Schema attributes.subAttributes: type String, Complex", NESTED),
    ("Schema attributes.subAttributes: multiValued false, true", NESTED),
];

const URI: &str = "references are case-exact (section 2.3.7)";
const ID: &str = "it is an id, and ids are case-exact (section 3.1)";
const NESTED: &str = "erratum 8415: no complex within complex";

fn compare(ours: &[Attribute], theirs: &[Attribute], at: &str, found: &mut Vec<String>) {
    for their in theirs {
        let name = format!("{at}{}", their.name);
        let Some(our) = ours.iter().find(|our| our.name == their.name) else {
            found.push(format!("{name}: missing"));
            continue;
        };
        let mut differs = |what: &str, ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
            let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
            if ours != theirs {
                found.push(format!("{name}: {what} {ours}, {theirs}"));
            }
        };
        differs("type", &our.kind, &their.kind);
        differs("multiValued", &our.multi_valued, &their.multi_valued);
        differs("required", &our.required, &their.required);
        differs("caseExact", &our.case_exact, &their.case_exact);
        differs("mutability", &our.mutability, &their.mutability);
        differs("returned", &our.returned, &their.returned);
        differs("uniqueness", &our.uniqueness, &their.uniqueness);
        differs("canonicalValues", &our.canonical, &their.canonical);
        differs("referenceTypes", &our.references, &their.references);
        compare(&our.sub, &their.sub, &format!("{name}."), found);
    }
}

#[test]
fn ours_are_the_rfcs_but_for_what_is_said_here() {
    let texts = [
        include_str!("../../fixtures/rfc7643/8.7.1-resource-schemas.json"),
        include_str!("../../fixtures/rfc7643/8.7.2-discovery-schemas.json"),
    ];
    let theirs = texts.into_iter().flat_map(|text| serde_json::from_str::<Vec<Json>>(text).unwrap());
    let ours = [user(), enterprise_user(), group(), service_provider_config(), resource_type(), schema()];
    let mut found = Vec::new();
    let mut seen = 0;
    for theirs in theirs {
        let theirs = Schema::read(theirs.as_object().unwrap()).unwrap();
        let ours = ours.iter().find(|ours| ours.id == theirs.id).unwrap();
        compare(&ours.attributes, &theirs.attributes, &format!("{} ", ours.name), &mut found);
        seen += 1;
    }
    assert_eq!(seen, 6);
    let known: Vec<&str> = DIFFERENCES.iter().map(|(difference, _)| *difference).collect();
    assert_eq!(found, known);
}
