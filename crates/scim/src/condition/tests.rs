use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::place::Resource;
use crate::{Quirk, Registry, ScimError, ScimType, Shape, Tolerance};

fn user() -> Shape {
    Registry::standard().shape("User").unwrap().clone()
}

fn judged(text: &str, tolerance: &mut Tolerance) -> Result<Judged, ScimError> {
    let filter = Filter::read(text, tolerance).map_err(|error| ScimError::bad_filter(&error))?;
    user().judge(&filter, Resolving::default(), tolerance)
}

fn strict(text: &str) -> Condition {
    judged(text, &mut Tolerance::strict()).unwrap_or_else(|error| panic!("{text}: {error}")).condition
}

/// RFC 7643, section 8.3.
fn full() -> Resource {
    serde_json::from_str(include_str!("../../fixtures/rfc7643/8.3-enterprise-user.json")).unwrap()
}

/// The examples of RFC 7644, section 3.4.2.2, and whether they hold for the full user of RFC 7643, section 8.3.
#[test]
fn the_examples_of_the_rfc_hold_or_not_for_the_user_of_the_rfc() {
    for (text, holds) in [
        (r#"userName eq "bjensen""#, false),
        (r#"userName Eq "BJENSEN@example.com""#, true),
        (r#"name.familyName co "O'Malley""#, false),
        (r#"userName sw "J""#, false),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "B""#, true),
        ("title pr", true),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true),
        (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified le "2011-05-13T06:42:34+02:00""#, true),
        (r#"title pr and userType eq "Employee""#, true),
        (r#"title pr or userType eq "Intern""#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, true),
        (r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true),
        (r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, false),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
        (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "work" and value co "@jensen.org"]"#, false),
        (r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#, true),
        // Ours: what the standard says elsewhere.
        ("active eq true and not (active eq false)", true),
        ("nickName eq null or ims ne null and displayName eq null", false),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26118915-6090-4610-87e4-49d8ca9f808d""#,
            true,
        ),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value sw "26118915-6090-4610-87E4""#,
            false,
        ),
        (r#"id eq "2819C223-7f76-453a-919d-413861904646""#, false),
        ("x509Certificates pr", true),
        ("emails[primary eq true]", true),
        (r#"phoneNumbers.type ne "work""#, false),
        (r#"ims.type ne "xmpp""#, true),
    ] {
        assert_eq!(strict(text).accepts(&full()), holds, "{text}");
        assert_eq!(strict(text).compile_plain().accepts(&typed(&user(), &full())), holds, "{text} compiled");
    }
}

#[test]
fn a_clause_that_cannot_be_judged_is_an_error_that_names_it() {
    for (text, named) in [
        ("nothing pr", "nothing pr"),
        ("name eq \"x\"", "name eq"),
        ("active gt true", "active gt"),
        ("active eq \"true\"", "active eq"),
        ("active eq 1", "active eq"),
        ("userName eq 5", "userName eq"),
        ("userName gt null", "userName gt"),
        ("x509Certificates.value lt \"QQ==\"", "x509Certificates.value lt"),
        ("meta.created sw \"2011\"", "meta.created sw"),
        ("meta.created gt \"2011\"", "meta.created gt"),
        ("password pr", "password"),
        (r#"not (PASSWORD sw "t")"#, "password"),
        ("emails[nothing pr]", "emails[nothing] pr"),
        ("emails[type[value pr]]", "emails[type[…]]"),
        ("emails.type[value pr]", "emails.type"),
        ("emails[urn:a:b:c pr]", "emails[urn:a:b:c] pr"),
        ("urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr", "displayName pr"),
    ] {
        let error = judged(text, &mut Tolerance::strict()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
        assert!(error.detail.contains(named), "{text}: {error}");
    }
    assert!(judged("active eq \"True\"", &mut Tolerance::lenient()).is_ok());
}

/// What "ignored" means for clauses on attributes that nobody knows.
#[test]
fn what_is_left_out_is_as_if_it_had_not_been_written() {
    for (text, means, left_out) in [
        ("x eq 1", "", 1),
        ("x eq 1 and title pr", "title pr", 1),
        ("x eq 1 or title pr", "title pr", 1),
        ("not (x eq 1)", "", 1),
        ("not (x eq 1 and title pr)", "not (title pr)", 1),
        ("not (x eq 1) and not (y pr or z pr) or title pr", "title pr", 3),
        ("emails[x pr]", "", 1),
        ("emails[x pr and type eq \"work\"] and y pr", "emails[type eq \"work\"]", 2),
        ("title pr and active eq true", "title pr and active eq true", 0),
    ] {
        let mut tolerance = Tolerance::lenient().with(Quirk::UnknownClauses);
        let judged = judged(text, &mut tolerance).unwrap();
        assert_eq!(judged.condition.to_filter().map(|filter| filter.to_string()).unwrap_or_default(), means, "{text}");
        assert_eq!(judged.left_out.len(), left_out, "{text}");
        let met: u32 = tolerance.met().filter(|(quirk, _)| *quirk == Quirk::UnknownClauses).map(|(_, n)| n).sum();
        assert_eq!(met as usize, left_out, "{text}");
    }
}

/// The forms of the One Identity document and of Entra.
#[test]
fn the_forms_of_clients_mean_what_they_should() {
    for (text, means) in [
        (
            "id ne '10056' AND (locale eq 'Cleveland (1000-2011)')",
            r#"id ne "10056" and locale eq "Cleveland (1000-2011)""#,
        ),
        ("lastModified gt 2020-08-27T15:22:52", r#"meta.lastModified gt "2020-08-27T15:22:52""#),
        ("givenName eq 'A' or familyName ne 'B'", r#"name.givenName eq "A" or name.familyName ne "B""#),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.division eq 'X'",
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division eq "X""#,
        ),
        (r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#),
        (r#"emails eq "x""#, r#"emails.value eq "x""#),
        ("active eq \"False\"", "active eq false"),
    ] {
        let judged = judged(text, &mut Tolerance::lenient()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(judged.condition.to_filter().unwrap().to_string(), means);
    }
    let berlin = Resolving { unzoned: jiff::tz::Offset::constant(1) };
    let filter: Filter = r#"meta.created eq "2020-08-27T15:22:52""#.parse().unwrap();
    let condition = user().judge(&filter, berlin, &mut Tolerance::strict()).unwrap().condition;
    assert!(condition.accepts(json!({"meta": {"created": "2020-08-27T14:22:52Z"}}).as_object().unwrap()));
}

#[test]
fn a_condition_says_where_it_looks_and_what_must_be_equal() {
    let condition = strict(r#"userName eq "a" and emails[type eq "work"] and (id eq "1" or id eq "2")"#);
    let paths: Vec<_> = condition.paths().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["userName", "emails.type", "id", "id"]);
    let equals = |name: &str| condition.equals(&name.parse().unwrap()).cloned();
    assert_eq!((equals("userName"), equals("id")), (Some(Literal::Text("a".into())), None));
    let other =
        condition.compile(&|path: &AttrPath, _| (&*path.name == "userName").then(|| "username".parse().unwrap()));
    assert!(other.unwrap_err().detail.contains("emails"));
    let filter = strict("title pr").compile(&|_, _| Some("jobTitle".parse().unwrap())).unwrap();
    assert_eq!(filter, joinery_model::Filter::Present("jobTitle".parse().unwrap()));
    assert!(!format!("{condition:?}").contains("work"), "no value is shown");
}

/// RFC 7644, section 3.4.2.1: a search at the root asks every kind.
#[test]
fn what_only_another_kind_has_has_no_value_here() {
    let registry = Registry::standard();
    for (text, user, group) in [
        ("userName eq \"a\"", "userName eq \"a\"", "nothing"),
        ("userName ne \"a\" and members pr", "nothing", "members pr"),
        ("not (members pr) and id pr", "id pr", "not (members pr) and id pr"),
        ("members eq null or emails[type eq \"work\"]", "all", "not (members.value pr)"),
        ("not (userName pr)", "not (userName pr)", "all"),
        ("displayName eq \"x\"", "displayName eq \"x\"", "displayName eq \"x\""),
    ] {
        let judged = registry.judge(&text.parse().unwrap(), Resolving::default(), &mut Tolerance::strict()).unwrap();
        let shown: Vec<String> = judged
            .iter()
            .map(|(_, judged)| match &judged.condition {
                Condition::All => "all".to_owned(),
                Condition::Nothing => "nothing".to_owned(),
                other => other.to_filter().unwrap().to_string(),
            })
            .collect();
        assert_eq!(shown, [user, group], "{text}");
    }
    assert!(registry.judge(&"nobody pr".parse().unwrap(), Resolving::default(), &mut Tolerance::strict()).is_err());
}

const TEXTS: [&str; 6] = ["a", "A", "ab", "ß", "SS", ""];
const TIMES: [&str; 4] = ["2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", "2020-01-01T00:00:00.5", "soon"];

fn people() -> impl Strategy<Value = Resource> {
    let text = || prop::option::of(prop::sample::select(&TEXTS[..]));
    let email = (text(), text(), prop::option::of(any::<bool>()))
        .prop_map(|(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary}));
    let enterprise = (text(), text())
        .prop_map(|(department, manager)| json!({"department": department, "manager": {"value": manager}}));
    let parts = (text(), text(), text(), prop::option::of(any::<bool>()), prop::collection::vec(email, 0..3));
    let more = (prop::option::of(enterprise), prop::option::of(prop::sample::select(&TIMES[..])));
    (parts, more).prop_map(|((name, given, title, active, emails), (enterprise, created))| {
        let user = json!({"userName": name, "name": {"givenName": given}, "title": title, "active": active,
            "emails": emails, "meta": {"created": created}, (crate::urn::ENTERPRISE_USER): enterprise});
        user.as_object().cloned().unwrap()
    })
}

const PATHS: [&str; 9] = [
    "userName",
    "name.givenName",
    "title",
    "emails",
    "emails.type",
    "id",
    "meta.created",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
];

fn filters() -> impl Strategy<Value = String> {
    let path = prop::sample::select(&PATHS[..]).prop_map(str::to_owned);
    let op = prop::sample::select(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"][..]);
    let value = prop_oneof![prop::sample::select(&TEXTS[..]), prop::sample::select(&TIMES[..])];
    let leaf = prop_oneof![
        (path.clone(), op.clone(), value.clone()).prop_map(|(path, op, value)| format!("{path} {op} \"{value}\"")),
        path.prop_map(|path| format!("{path} pr")),
        prop::sample::select(&["active eq true", "active ne false", "active pr", "title eq null", "emails pr"][..])
            .prop_map(str::to_owned),
        (op, value)
            .prop_map(|(op, value)| format!("emails[type {op} \"{value}\" and not (value pr) or primary eq true]")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_condition_and_what_it_compiles_to_judge_alike(text in filters(), person in people()) {
        if let Ok(judged) = judged(&text, &mut Tolerance::strict()) {
            let condition = judged.condition;
            let holds = condition.accepts(&person);
            prop_assert_eq!(condition.compile_plain().accepts(&typed(&user(), &person)), holds, "{}", text);
            prop_assert_eq!(Condition::Not(Box::new(condition.clone())).accepts(&person), !holds);
            let printed = condition.to_filter().unwrap().to_string();
            prop_assert_eq!(strict(&printed), condition, "{}", printed);
        }
    }
}
