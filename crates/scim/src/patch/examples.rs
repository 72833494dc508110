//! The examples of RFC 7644, section 3.5.2, and what clients send.

use serde_json::{Value as Json, json};

use crate::place::Resource;
use crate::{Changed, Quirk, Registry, Rules, ScimError, ScimType, Tolerance, read_patch, urn};

fn object(json: &Json) -> Resource {
    json.as_object().cloned().unwrap_or_default()
}

fn patch(kind: &str, current: &Json, operations: &Json, tolerance: &mut Tolerance) -> Result<Changed, ScimError> {
    ruled(kind, current, operations, Rules::default(), tolerance)
}

fn ruled(
    kind: &str,
    current: &Json,
    operations: &Json,
    rules: Rules,
    tolerance: &mut Tolerance,
) -> Result<Changed, ScimError> {
    let registry = Registry::standard();
    let body = object(&json!({"schemas": [urn::PATCH_OP], "Operations": operations}));
    let operations = read_patch(&body, tolerance)?;
    registry.shape(kind).unwrap().patch(&object(current), &operations, rules, tolerance)
}

fn user(current: &Json, operations: &Json) -> Json {
    let mut current = object(current);
    current.extend(object(&json!({"schemas": [urn::USER], "userName": "bj"})));
    let mut patched = patch("User", &current.into(), operations, &mut Tolerance::strict()).unwrap().resource;
    patched.remove("userName");
    patched.remove("schemas");
    patched.into()
}

fn group(members: &Json, operations: &Json) -> (Json, usize) {
    let current = json!({"schemas": [urn::GROUP], "displayName": "Tour Guides", "members": members});
    let changed = patch("Group", &current, operations, &mut Tolerance::strict()).unwrap();
    (changed.resource.get("members").cloned().unwrap_or_default(), changed.changes.len())
}

fn refused(kind: &str, current: &Json, operations: &Json, mut tolerance: Tolerance) -> ScimError {
    patch(kind, current, operations, &mut tolerance).unwrap_err()
}

const BABS: &str = "2819c223-7f76-453a-919d-413861904646";
const JAMES: &str = "08e1d05d-121c-4561-8b96-473d93df9210";

fn babs() -> Json {
    json!({"$ref": format!("https://example.com/v2/Users/{BABS}"), "value": BABS})
}

fn james() -> Json {
    json!({"$ref": format!("https://example.com/v2/Users/{JAMES}"), "value": JAMES})
}

/// Section 3.5.2.1: a member is added; one that is there already changes nothing.
#[test]
fn members_are_added_once() {
    let mut sent = babs();
    sent["display"] = "Babs Jensen".into();
    let operations = json!([{"op": "add", "path": "members", "value": [sent]}]);
    assert_eq!(group(&json!([]), &operations), (json!([babs()]), 1));
    let there = json!([{"$ref": format!("https://example.com/v2/Users/{BABS}"), "value": BABS, "display": "Babs"}]);
    assert_eq!(group(&there, &operations), (there.clone(), 0));
}

/// Section 3.5.2.1: attributes without a path.
#[test]
fn attributes_are_added_without_a_path() {
    let operations =
        json!([{"op": "add", "value": {"emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}}]);
    assert_eq!(
        user(&json!({"emails": [{"value": "bjensen@example.com", "type": "work"}], "nickName": "B"}), &operations),
        json!({"nickName": "Babs", "emails": [{"value": "bjensen@example.com", "type": "work"}, {"value": "babs@jensen.org", "type": "home"}]})
    );
}

/// Section 3.5.2.2: one member, all members, some of several values, one for another.
#[test]
fn what_a_removal_takes_away() {
    let both = json!([babs(), james()]);
    let one = json!([{"op": "remove", "path": format!("members[value eq \"{BABS}\"]")}]);
    assert_eq!(group(&both, &one), (json!([james()]), 1));
    assert_eq!(group(&json!([james()]), &one), (json!([james()]), 0));
    assert_eq!(group(&both, &json!([{"op": "remove", "path": "members"}])).0, Json::Null);
    let emails =
        json!({"emails": [{"type": "work", "value": "a@example.com"}, {"type": "work", "value": "a@other.org"}]});
    let some = json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}]);
    assert_eq!(user(&emails, &some), json!({"emails": [{"type": "work", "value": "a@other.org"}]}));
    // The example leaves the space before the quotation mark out.
    let swap = json!([
        {"op": "remove", "path": format!("members[value eq\"{BABS}\"]")},
        {"op": "add", "path": "members", "value": [{"display": "James Smith", "$ref": format!("https://example.com/v2/Users/{JAMES}"), "value": JAMES}]}]);
    assert_eq!(group(&json!([babs()]), &swap).0, json!([james()]));
    let all =
        json!([{"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [babs(), james()]}]);
    assert_eq!(group(&json!([james()]), &all).0, both);
}

/// Section 3.5.2.3: all members, a work address, one of its parts, attributes without a path.
#[test]
fn what_a_replacement_replaces() {
    let all = json!([{"op": "replace", "path": "members", "value": [babs(), james()]}]);
    assert_eq!(group(&json!([james()]), &all).0, json!([babs(), james()]));
    let address = json!({"type": "work", "streetAddress": "911 Universal City Plaza", "locality": "Hollywood", "region": "CA",
        "postalCode": "91608", "country": "US", "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US", "primary": true});
    let addresses =
        json!({"addresses": [{"type": "work", "locality": "Springfield"}, {"type": "home", "primary": true}]});
    let whole = json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": address}]);
    assert_eq!(user(&addresses, &whole), json!({"addresses": [address, {"type": "home", "primary": false}]}));
    let part =
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave"}]);
    assert_eq!(
        user(&addresses, &part)["addresses"][0],
        json!({"type": "work", "locality": "Springfield", "streetAddress": "1010 Broadway Ave"})
    );
    let emails = json!([{"value": "bjensen@example.com", "type": "work", "primary": true}, {"value": "babs@jensen.org", "type": "home"}]);
    let no_path = json!([{"op": "replace", "value": {"emails": emails, "nickname": "Babs"}}]);
    assert_eq!(user(&json!({"title": "T"}), &no_path), json!({"title": "T", "emails": emails, "nickName": "Babs"}));
}

/// Section 3.5.2: writing by the full name adds the schema; taking the last of it away takes the schema away.
#[test]
fn schemas_follow_what_is_there() {
    let path = format!("{}:employeeNumber", urn::ENTERPRISE_USER);
    let bare = json!({"schemas": [urn::USER], "userName": "bj"});
    let written =
        patch("User", &bare, &json!([{"op": "add", "path": path, "value": "7"}]), &mut Tolerance::strict()).unwrap();
    assert_eq!(written.resource["schemas"], json!([urn::USER, urn::ENTERPRISE_USER]));
    assert_eq!(written.resource[urn::ENTERPRISE_USER], json!({"employeeNumber": "7"}));
    for path in [path.as_str(), urn::ENTERPRISE_USER] {
        let mut there = written.resource.clone();
        there["schemas"] = json!([urn::USER]);
        let gone =
            patch("User", &there.into(), &json!([{"op": "remove", "path": path}]), &mut Tolerance::strict()).unwrap();
        assert_eq!(Json::Object(gone.resource), bare);
    }
    let nested =
        json!([{"op": "add", "value": {(urn::ENTERPRISE_USER): {"manager": {"value": "1"}, "DEPARTMENT": "D"}}}]);
    let written = patch("User", &bare, &nested, &mut Tolerance::strict()).unwrap();
    assert_eq!(written.resource[urn::ENTERPRISE_USER], json!({"manager": {"value": "1"}, "department": "D"}));
}

#[test]
fn complex_values_are_laid_over_unless_the_profile_replaces_them_whole() {
    let name = json!({"name": {"givenName": "B", "familyName": "J"}});
    let operations = json!([{"op": "replace", "path": "name", "value": {"givenName": "Babs"}}]);
    assert_eq!(user(&name, &operations), json!({"name": {"givenName": "Babs", "familyName": "J"}}));
    let rules = Rules { replace_whole: true, ..Rules::default() };
    let current = json!({"schemas": [urn::USER], "userName": "bj", "name": {"givenName": "B", "familyName": "J"}});
    let whole = ruled("User", &current, &operations, rules, &mut Tolerance::strict()).unwrap();
    assert_eq!(whole.resource["name"], json!({"givenName": "Babs"}));
    let parts = Rules { named_parts: true, ..Rules::default() };
    for (operation, allowed) in [
        (json!({"op": "add", "path": "emails[type eq \"work\"]", "value": {"value": "x"}}), false),
        (json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "x"}), true),
        (json!({"op": "remove", "path": "emails[type eq \"work\"]"}), true),
    ] {
        let done = ruled("User", &current, &json!([operation]), parts, &mut Tolerance::strict());
        assert_eq!(done.map_err(|error| error.scim_type).err(), (!allowed).then_some(Some(ScimType::InvalidPath)));
    }
    let cleared = json!([{"op": "replace", "path": "name", "value": {"givenName": null}}]);
    assert_eq!(user(&name, &cleared), json!({"name": {"familyName": "J"}}));
    assert_eq!(user(&name, &json!([{"op": "replace", "path": "name", "value": null}])), json!({}));
    assert_eq!(
        user(&name, &json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}])),
        json!({})
    );
    let manager =
        json!({(urn::ENTERPRISE_USER): {"manager": {"value": "1", "displayName": "Boss", "$ref": "../Users/1"}}});
    let other =
        json!([{"op": "replace", "path": format!("{}:manager", urn::ENTERPRISE_USER), "value": {"value": "2"}}]);
    let current = object(&manager)
        .into_iter()
        .chain(object(&json!({"schemas": [urn::USER], "userName": "bj"})))
        .collect::<Resource>();
    let changed = patch("User", &current.into(), &other, &mut Tolerance::strict()).unwrap();
    assert_eq!(changed.resource[urn::ENTERPRISE_USER]["manager"], json!({"value": "2"}));
}

#[test]
fn one_value_is_the_primary_one() {
    let emails = json!({"emails": [{"value": "a", "primary": true}, {"value": "b"}]});
    let set = json!([{"op": "replace", "path": "emails[value eq \"b\"].primary", "value": true}]);
    let wanted = json!({"emails": [{"value": "a", "primary": false}, {"value": "b", "primary": true}]});
    assert_eq!(user(&emails, &set), wanted);
    let added = json!([{"op": "add", "path": "emails", "value": [{"value": "b", "primary": true}]}]);
    assert_eq!(user(&emails, &added), wanted);
}

#[test]
fn what_cannot_be_done_is_refused_with_the_right_word() {
    let current = json!({"schemas": [urn::USER], "id": "1", "userName": "bj", "groups": [{"value": "g"}], "emails": [{"type": "work", "value": "a"}]});
    for (operation, kind, named) in [
        (json!({"op": "replace", "path": "id", "value": "2"}), ScimType::Mutability, "`id`"),
        (json!({"op": "remove", "path": "groups"}), ScimType::Mutability, "`groups`"),
        (json!({"op": "remove", "path": "groups[value eq \"g\"]"}), ScimType::Mutability, "`groups`"),
        (
            json!({"op": "replace", "path": "meta.created", "value": "2011-05-13T04:42:34Z"}),
            ScimType::Mutability,
            "meta.created",
        ),
        (json!({"op": "remove", "path": "userName"}), ScimType::Mutability, "`userName` is required"),
        (json!({"op": "replace", "path": "userName", "value": null}), ScimType::Mutability, "`userName` is required"),
        (json!({"op": "replace", "path": "userName", "value": ""}), ScimType::Mutability, "`userName` is required"),
        (
            json!({"op": "replace", "path": "emails[type eq \"home\"].value", "value": "x"}),
            ScimType::NoTarget,
            "`emails.value`",
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "x"}}),
            ScimType::NoTarget,
            "`emails`",
        ),
        (
            json!({"op": "add", "path": "emails[type eq \"a\" or type eq \"b\"].value", "value": "x"}),
            ScimType::NoTarget,
            "`emails.value`",
        ),
        (json!({"op": "replace", "path": "emails.value", "value": 5}), ScimType::InvalidValue, "`emails.value`"),
        (json!({"op": "replace", "path": "nothing", "value": 5}), ScimType::NoTarget, "`nothing`"),
        (json!({"op": "replace", "path": "name.nothing", "value": "x"}), ScimType::NoTarget, "`name.nothing`"),
        (json!({"op": "replace", "path": "emails[", "value": 5}), ScimType::InvalidPath, "path"),
        (json!({"op": "replace", "path": "name[givenName eq \"x\"]", "value": {}}), ScimType::InvalidPath, "`name`"),
        (
            json!({"op": "replace", "path": "emails[nothing eq 1].value", "value": "x"}),
            ScimType::InvalidFilter,
            "emails[nothing]",
        ),
        (json!({"op": "add", "path": "emails", "value": ["x"]}), ScimType::InvalidValue, "`emails`"),
        (json!({"op": "add", "value": "x"}), ScimType::InvalidValue, "object of attributes"),
        (json!({"op": "add", "value": {"nothing": "x"}}), ScimType::InvalidSyntax, "`nothing`"),
        (json!({"op": "add", "value": {"id": "2"}}), ScimType::Mutability, "`id`"),
        (json!({"op": "add", "value": {"name.givenName": "x"}}), ScimType::InvalidSyntax, "name.givenName"),
        (
            json!({"op": "add", "path": urn::ENTERPRISE_USER, "value": {"nothing": 1}}),
            ScimType::InvalidSyntax,
            "nothing",
        ),
        (json!({"op": "remove", "path": urn::USER}), ScimType::NoTarget, "removal"),
        (
            json!({"op": "remove", "path": "emails", "value": [{"value": "a"}]}),
            ScimType::InvalidSyntax,
            "emails[value eq",
        ),
    ] {
        let error = refused("User", &current, &json!([operation]), Tolerance::strict());
        assert_eq!(error.scim_type, Some(kind), "{operation}: {error}");
        assert!(error.detail.contains(named) && error.detail.starts_with("Operations[0]: "), "{error}");
    }
    let group = json!({"schemas": [urn::GROUP], "displayName": "G", "members": [{"value": "1", "type": "User"}]});
    let renamed = json!([{"op": "replace", "path": "members[value eq \"1\"].value", "value": "2"}]);
    assert_eq!(refused("Group", &group, &renamed, Tolerance::strict()).scim_type, Some(ScimType::Mutability));
    // The second operation fails: the first has done nothing, since what it was done to is thrown away.
    let both = json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "remove", "path": "userName"}]);
    assert!(refused("User", &current, &both, Tolerance::strict()).detail.starts_with("Operations[1]"));
}

/// Entra: capital operations, text for truth, elements made by their path, dotted keys, members removed by value, manager bare.
#[test]
fn what_entra_sends_is_done_where_it_is_allowed() {
    let current = json!({"schemas": [urn::USER], "userName": "bj", "active": true});
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    for (operation, wanted, quirks) in [
        (
            json!({"op": "Replace", "path": "active", "value": "False"}),
            json!({"active": false}),
            &[Quirk::TextBooleans, Quirk::CapitalOps][..],
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a"}),
            json!({"active": true, "emails": [{"type": "work", "value": "a"}]}),
            &[Quirk::MadeElements],
        ),
        (
            json!({"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "r"}),
            json!({"active": true, "roles": [{"primary": true, "value": "r"}]}),
            &[Quirk::TextBooleans, Quirk::MadeElements],
        ),
        (
            json!({"op": "replace", "value": {"name.givenName": "B", "emails[type eq \"work\"].value": "a", (format!("{}:title", urn::USER)): "T"}}),
            json!({"active": true, "name": {"givenName": "B"}, "title": "T", "emails": [{"type": "work", "value": "a"}]}),
            &[Quirk::WithoutPath, Quirk::DottedKeys, Quirk::MadeElements],
        ),
        (
            json!({"op": "add", "path": manager, "value": "7"}),
            json!({"active": true, (urn::ENTERPRISE_USER): {"manager": {"value": "7"}}}),
            &[Quirk::BareElements],
        ),
        (
            json!({"op": "replace", "path": "misspelt", "value": "7"}),
            json!({"active": true}),
            &[Quirk::UnknownAttributes],
        ),
    ] {
        let operations = json!([operation]);
        assert!(patch("User", &current, &operations, &mut Tolerance::of(&[])).is_err(), "{operation}");
        let mut tolerance = Tolerance::of(quirks);
        let mut patched = patch("User", &current, &operations, &mut tolerance).unwrap().resource;
        patched.remove("userName");
        patched.remove("schemas");
        assert_eq!(Json::Object(patched), wanted);
        let mut met: Vec<_> = tolerance.met().map(|(quirk, _)| quirk).collect();
        let mut quirks = quirks.to_vec();
        met.sort_by_key(|quirk| quirk.name());
        quirks.sort_by_key(|quirk| quirk.name());
        assert_eq!(met, quirks, "{operation}");
    }
    let group = json!({"schemas": [urn::GROUP], "displayName": "G", "members": [{"value": "1"}, {"value": "2"}]});
    let removed = json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "2"}]}]);
    let changed = patch("Group", &group, &removed, &mut Tolerance::lenient()).unwrap();
    assert_eq!(changed.resource["members"], json!([{"value": "1"}]));
    assert_eq!(changed.changes[0].elements(), (vec![], vec![&json!({"value": "2"})]));
}

/// Okta renames a group without a path, and says its id, too.
#[test]
fn what_only_the_server_writes_may_be_said_as_it_is() {
    let group = json!({"schemas": [urn::GROUP], "id": "g1", "displayName": "G"});
    let rename = json!([{"op": "replace", "value": {"id": "g1", "displayName": "H", "meta": {"version": "x"}}}]);
    let changed = patch("Group", &group, &rename, &mut Tolerance::strict()).unwrap();
    assert_eq!(changed.resource["displayName"], "H");
    let same = json!([{"op": "replace", "value": {"id": "g1", "displayName": "G"}}]);
    assert!(patch("Group", &group, &same, &mut Tolerance::strict()).unwrap().changes.is_empty());
}
