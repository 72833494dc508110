//! `$metadata`.

use joinery_odata::metadata::{MetadataError, Multiplicity};
use joinery_odata::{Edm, Metadata, Property, TypeRef};

fn metadata() -> Metadata {
    Metadata::parse(include_bytes!("../fixtures/metadata.xml")).unwrap()
}

#[test]
fn entity_sets_say_what_may_be_done() {
    let metadata = metadata();
    let user = metadata.set("User").unwrap();
    assert!(user.creatable && user.updatable && user.upsertable && !user.deletable);
    assert_eq!(user.tags, ["Recommended", "Foundation/Platform (PLT)"]);
    assert_eq!(user.description.as_deref(), Some("Who may sign in & what they are called"));
    let email = metadata.set("PerEmail").unwrap();
    assert!(!email.creatable && email.upsertable);
    assert_eq!(metadata.type_of_set("PerEmail").unwrap().keys, ["emailType", "personIdExternal"]);
}

#[test]
fn annotations_are_found_whatever_their_prefix_and_namespace() {
    let metadata = metadata();
    let user = metadata.entity_type("User").unwrap();
    let email = user.property("email").unwrap();
    assert!(!email.sap.filterable && !email.sap.sortable && email.sap.required && email.nullable);
    assert_eq!(email.max_length, Some(100));
    assert_eq!(email.sap.field_control.as_deref(), Some("userPermissionsNav/email"));
    assert_eq!(email.sap.label.as_deref(), Some("E-mail"));
    let level = user.property("level").unwrap();
    assert_eq!((level.edm(), level.precision, level.scale), (Some(Edm::Decimal), Some(10), Some(2)));
    assert_eq!(level.sap.picklist.as_deref(), Some("level"));
    assert!(level.sap.sensitive);
}

#[test]
fn a_calendar_date_is_told_from_a_time_stamp() {
    let metadata = metadata();
    let user = metadata.entity_type("User").unwrap();
    assert!(user.property("hireDate").is_some_and(Property::is_date));
    assert!(!user.property("lastModified").is_some_and(Property::is_date));
}

#[test]
fn navigations_know_where_they_lead() {
    let metadata = metadata();
    let user = metadata.entity_type("User").unwrap();
    let manager = user.navigation("manager").unwrap();
    assert_eq!((manager.target.as_str(), manager.multiplicity), ("User", Multiplicity::ZeroOrOne));
    assert!(!manager.is_many() && manager.sap.filterable);
    assert!(user.navigation("directReports").unwrap().is_many());
    assert!(user.navigation("elsewhereNav").is_none(), "its association is not in the document");
}

#[test]
fn functions_have_a_method_and_parameters() {
    let metadata = metadata();
    let members = metadata.function("getUsersByDynamicGroup").unwrap();
    assert_eq!(members.http_method, "GET");
    assert_eq!(members.returns, Some(TypeRef::Many(Box::new(TypeRef::Named("DynamicGroupUserBean".into())))));
    let group = members.parameters.first().unwrap();
    assert_eq!((group.name.as_str(), &group.kind, group.nullable), ("groupId", &TypeRef::Primitive(Edm::Int64), false));
    let reset = metadata.function("resetPassword").unwrap();
    assert_eq!((reset.http_method.as_str(), reset.entity_set.as_deref()), ("POST", Some("User")));
    assert!(metadata.complex_type("DynamicGroupUserBean").is_some());
}

#[test]
fn what_is_written_is_what_is_read() {
    let mut metadata = metadata();
    assert_eq!(Metadata::parse(metadata.to_xml().as_bytes()), Ok(metadata.clone()));
    metadata.sets[0].label = Some("<\"a\" & 'b'>\u{1}\n é".into());
    let again = Metadata::parse(metadata.to_xml().as_bytes()).unwrap();
    assert_eq!(again.sets[0].label.as_deref(), Some("<\"a\" & 'b'>\u{fffd}\n é"));
}

#[test]
fn two_documents_make_one_model() {
    let mut left = metadata();
    let right = left.clone();
    left.sets.truncate(1);
    left.types.truncate(1);
    left.merge(right.clone());
    assert_eq!(left, right);
}

#[test]
fn what_is_no_metadata_says_why() {
    for (text, told) in [
        ("<html><body/></html>", "no Edmx element"),
        ("<edmx:Edmx", "not readable XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "not readable XML"),
        ("<Edmx><DataServices/></Edmx>", "no Edmx element"),
        (
            "<Edmx><DataServices><Schema>\n<EntityType/></Schema></DataServices></Edmx>",
            "line 2: EntityType has no Name",
        ),
        (
            "<Edmx><DataServices><Schema><EntityType Name='a'><Property Name='b' Type='Edm.'/></EntityType></Schema></DataServices></Edmx>",
            "expected the name of a type",
        ),
    ] {
        let error = Metadata::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert_eq!(Metadata::parse(b"\xff"), Err(MetadataError::Encoding));
}

#[test]
fn a_document_of_nothing_but_opening_tags_is_refused() {
    let deep = "<a b='>'>".repeat(200_000);
    assert!(matches!(Metadata::parse(deep.as_bytes()), Err(MetadataError::Xml(_))));
}

#[test]
fn one_strange_element_does_not_cost_the_whole_model() {
    let document = "<Edmx><DataServices><Schema><EntityType Name='User'>\
        <Property Name='photo' Type='Edm.Stream'/><Property Name='userId' Type='Edm.String'/>\
        <NavigationProperty Name='a' Relationship='x.y' FromRole='b' ToRole='nobody'/></EntityType>\
        <Association Name='y'><End Type='x.User' Multiplicity='1' Role='b'/></Association>\
        <Surprise/></Schema></DataServices></Edmx>";
    let metadata = Metadata::parse(document.as_bytes()).unwrap();
    let user = metadata.entity_type("User").unwrap();
    assert_eq!(user.property("photo").unwrap().kind, TypeRef::Named("Edm.Stream".into()));
    assert_eq!((user.properties.len(), user.navigations.len()), (2, 0));
    assert_eq!(Metadata::parse(metadata.to_xml().as_bytes()), Ok(metadata));
}
