use super::*;
use crate::{Registry, urn};

fn user() -> Shape {
    Registry::standard().shape("User").unwrap().clone()
}

fn object(json: Json) -> Resource {
    let Json::Object(object) = json else { panic!("an object") };
    object
}

fn check(json: Json, mut tolerance: Tolerance) -> Result<Asserted, ScimError> {
    user().check(&object(json), Rules::default(), &mut tolerance)
}

/// RFC 7643, sections 8.2 and 8.3; RFC 7644, section 3.5.1.
#[test]
fn the_users_of_the_rfc_are_taken_without_what_the_server_writes() {
    for text in [
        include_str!("../../fixtures/rfc7643/8.1-minimal-user.json"),
        include_str!("../../fixtures/rfc7643/8.2-full-user.json"),
        include_str!("../../fixtures/rfc7643/8.3-enterprise-user.json"),
    ] {
        let body: Resource = serde_json::from_str(text).unwrap();
        // The examples write photos' types and addresses as they are; nothing is bent.
        let asserted = user().check(&body, Rules::default(), &mut Tolerance::strict()).unwrap();
        assert_eq!(asserted.resource.get("schemas"), body.get("schemas"));
        assert!(!asserted.resource.contains_key("id") && !asserted.resource.contains_key("meta"));
        assert!(!asserted.resource.contains_key("groups") && asserted.cleared.is_empty());
        for (name, value) in &asserted.resource {
            if name != urn::ENTERPRISE_USER {
                assert_eq!(Some(value), body.get(name), "{name}");
            }
        }
    }
    let group: Resource = serde_json::from_str(include_str!("../../fixtures/rfc7643/8.4-group.json")).unwrap();
    let registry = Registry::standard();
    let shape = registry.shape("Group").unwrap();
    let asserted = shape.check(&group, Rules::default(), &mut Tolerance::strict()).unwrap();
    assert_eq!(asserted.resource["members"].as_array().map(Vec::len), Some(2));
}

#[test]
fn absent_null_and_value_are_three_things() {
    let urn = urn::ENTERPRISE_USER;
    let asserted = check(
        json!({"schemas": [urn::USER, urn], "USERNAME": "a", "title": null, "emails": [], "name": {"givenName": null, "familyName": "F"},
            urn: {"department": null, "division": "D"}}),
        Tolerance::strict(),
    )
    .unwrap();
    assert_eq!(
        Json::Object(asserted.resource),
        json!({"schemas": [urn::USER, urn], "userName": "a", "name": {"familyName": "F"}, urn: {"division": "D"}})
    );
    let mut cleared: Vec<_> = asserted.cleared.iter().map(ToString::to_string).collect();
    cleared.sort_unstable();
    assert_eq!(cleared, ["emails", "name.givenName", "title", &format!("{urn}:department")]);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let base = |more: Json| {
        let mut body = object(json!({"schemas": [urn::USER], "userName": "a"}));
        body.extend(object(more));
        Json::Object(body)
    };
    for (body, kind, named) in [
        (json!({"schemas": [urn::USER]}), ScimType::InvalidValue, "`userName` is required"),
        (base(json!({"userName": null})), ScimType::InvalidValue, "`userName` is required"),
        (base(json!({"userName": " "})), ScimType::InvalidValue, "`userName` is required"),
        (json!({"userName": "a"}), ScimType::InvalidSyntax, "`schemas` must name"),
        (json!({"schemas": [urn::GROUP], "userName": "a"}), ScimType::InvalidSyntax, "2.0:Group"),
        (json!({"schemas": "x", "userName": "a"}), ScimType::InvalidSyntax, "array of URNs"),
        (json!({"schemas": [1], "userName": "a"}), ScimType::InvalidSyntax, "array of URNs"),
        (base(json!({"usrName": "a"})), ScimType::InvalidSyntax, "`usrName`"),
        (base(json!({"USERNAME": "a"})), ScimType::InvalidSyntax, "stands twice"),
        (base(json!({"name": {"givenName": "a", "GIVENNAME": "b"}})), ScimType::InvalidSyntax, "stands twice"),
        (base(json!({"active": "yes"})), ScimType::InvalidValue, "`active`"),
        (base(json!({(urn::ENTERPRISE_USER): {"department": "D"}})), ScimType::InvalidSyntax, "name it in `schemas`"),
        (base(json!({(urn::ENTERPRISE_USER): 5})), ScimType::InvalidValue, "object of its attributes"),
    ] {
        let error = check(body, Tolerance::strict()).unwrap_err();
        assert_eq!(error.scim_type, Some(kind), "{error}");
        assert!(error.detail.contains(named), "{error}");
    }
}

/// Entra's bodies, and what is bent in them.
#[test]
fn what_is_bent_is_taken_and_counted() {
    let mut tolerance = Tolerance::lenient();
    let body = json!({"schemas": [urn::USER, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User"],
        "userName": "a", "active": "True", "nonsense": 1, (urn::ENTERPRISE_USER): {"manager": "7", "more": 1}});
    let asserted = user().check(&object(body), Rules::default(), &mut tolerance).unwrap();
    assert_eq!(
        Json::Object(asserted.resource),
        json!({"schemas": [urn::USER, urn::ENTERPRISE_USER], "userName": "a", "active": true,
            (urn::ENTERPRISE_USER): {"manager": {"value": "7"}}})
    );
    assert_eq!(asserted.left_out.len(), 3);
    let met: Vec<_> = tolerance.met().collect();
    let wanted = [
        (Quirk::TextBooleans, 1),
        (Quirk::SchemaNotListed, 1),
        (Quirk::UnknownAttributes, 3),
        (Quirk::BareElements, 1),
    ];
    assert_eq!(met, wanted);
}

#[test]
fn a_put_sets_what_is_said_and_leaves_the_servers_part() {
    let urn = urn::ENTERPRISE_USER;
    let current = object(
        json!({"schemas": [urn::USER, urn], "id": "1", "userName": "a", "title": "T", "nickName": "N", "password": "p",
        "groups": [{"value": "g"}], "meta": {"version": "1"}, urn: {"department": "D", "manager": {"value": "7", "displayName": "Boss"}}}),
    );
    let body = json!({"schemas": [urn::USER, urn], "userName": "b", "nickName": null, "id": "other", urn: {"manager": {"value": "7"}}});
    let asserted = check(body, Tolerance::strict()).unwrap();
    let cleared = user().replace(&current, &asserted, Absent::Cleared).unwrap();
    assert_eq!(
        Json::Object(cleared.resource),
        json!({"schemas": [urn::USER, urn], "id": "1", "userName": "b", "password": "p", "groups": [{"value": "g"}],
            "meta": {"version": "1"}, urn: {"manager": {"value": "7", "displayName": "Boss"}}})
    );
    let paths: Vec<_> = cleared.changes.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["userName", "nickName", "title", &format!("{urn}:department")]);
    let kept = user().replace(&current, &asserted, Absent::Kept).unwrap();
    let paths: Vec<_> = kept.changes.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["userName", "nickName"]);
    let other = check(
        json!({"schemas": [urn::USER, urn], "userName": "a", urn: {"manager": {"value": "8"}}}),
        Tolerance::strict(),
    );
    let other = user().replace(&current, &other.unwrap(), Absent::Kept).unwrap();
    assert_eq!(other.resource[urn]["manager"], json!({"value": "8"}));
}

#[test]
fn what_is_immutable_may_be_said_again_but_not_changed() {
    let schema =
        Schema::new("urn:x:y", "Y", "", vec![Attribute::text("number", "").immutable(), Attribute::text("note", "")]);
    let kind = crate::ResourceType::new("Y", "/Ys", "urn:x:y", "");
    let registry = Registry::new(vec![schema], vec![kind]).unwrap();
    let shape = registry.shape("Y").unwrap();
    let put = |current: Json, said: Json| {
        let mut body = object(said);
        body.insert("schemas".into(), json!(["urn:x:y"]));
        let asserted = shape.check(&body, Rules::default(), &mut Tolerance::strict()).unwrap();
        shape.replace(&object(current), &asserted, Absent::Cleared)
    };
    assert_eq!(put(json!({"number": "1"}), json!({"number": "2"})).unwrap_err().scim_type, Some(ScimType::Mutability));
    assert!(put(json!({"number": "1"}), json!({"number": "1"})).unwrap().changes.is_empty());
    assert_eq!(put(json!({"number": "1"}), json!({"note": "x"})).unwrap().resource["number"], "1");
    assert_eq!(put(json!({}), json!({"number": "2"})).unwrap().changes.len(), 1);
}

/// RFC 7644, sections 3.3 and 3.5.1: the bodies of the examples.
#[test]
fn the_post_and_the_put_of_the_rfc() {
    let posted = check(
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen", "externalId": "bjensen",
            "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara"}}),
        Tolerance::strict(),
    );
    let mut current = posted.unwrap().resource;
    current.extend(object(json!({"id": "2819c223-7f76-453a-919d-413861904646", "roles": [{"value": "r"}],
        "meta": {"resourceType": "User", "version": "W/\"e180ee84f0671b1\""}})));
    let put = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "2819c223-7f76-453a-919d-413861904646",
        "userName": "bjensen", "externalId": "bjensen",
        "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara", "middleName": "Jane"},
        "roles": [], "emails": [{"value": "bjensen@example.com"}, {"value": "babs@jensen.org"}]});
    let asserted = check(put.clone(), Tolerance::strict()).unwrap();
    assert_eq!(asserted.cleared.iter().map(ToString::to_string).collect::<Vec<_>>(), ["roles"]);
    let done = user().replace(&current, &asserted, Absent::Kept).unwrap();
    let mut wanted = object(put);
    wanted.remove("roles");
    wanted.insert("meta".into(), current["meta"].clone());
    assert_eq!(done.resource, wanted);
    let paths: Vec<_> = done.changes.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["name.middleName", "emails", "roles"]);
}

/// RFC 7643, section 6: an extension may be required, and so may an attribute of one that is not.
#[test]
fn extensions_may_be_required_and_require() {
    let badge = Schema::new(
        "urn:x:badge",
        "Badge",
        "",
        vec![Attribute::text("number", "").required(), Attribute::text("note", "")],
    );
    let free = Schema::new("urn:x:free", "Free", "", vec![Attribute::text("note", "")]);
    let kind = |required: bool| {
        let kind = crate::ResourceType::new("User", "/Users", urn::USER, "").extended("urn:x:badge");
        if required { kind.requiring("urn:x:free") } else { kind }
    };
    let check = |required: bool, more: Json| {
        let schemas = vec![crate::schema::user(), badge.clone(), free.clone()];
        let registry = Registry::new(schemas, vec![kind(required)]).unwrap();
        let mut body = object(json!({"schemas": [urn::USER, "urn:x:badge", "urn:x:free"], "userName": "a"}));
        body.extend(object(more));
        let tolerance = &mut Tolerance::lenient();
        registry.shape("User").unwrap().check(&body, Rules::default(), tolerance).map_err(|error| error.detail)
    };
    assert!(check(false, json!({})).is_ok());
    assert!(check(false, json!({"urn:x:badge": {"number": "1"}})).is_ok());
    assert_eq!(check(false, json!({"urn:x:badge": {"note": "1"}})).unwrap_err(), "`urn:x:badge:number` is required.");
    assert_eq!(check(true, json!({})).unwrap_err(), "`urn:x:free` is required.");
    assert!(check(true, json!({"urn:x:free": {"note": "1"}})).is_ok());
}
