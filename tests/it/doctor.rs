//! `joinery doctor`: what is taken away is named, and nothing else.

use joinery::SystemClock;
use joinery_model::Clock;
use joinery_simulator::world::Seed;
use joinery_simulator::{HiddenPeople, Visibility};
use serde_json::Value;

use crate::company::{Answer, Company, exit};

/// Entity sets that the standard mapping reads.
const SETS: [&str; 11] = [
    "PerPerson",
    "PerPersonal",
    "PerEmail",
    "PerPhone",
    "EmpEmployment",
    "EmpJob",
    "User",
    "FOCompany",
    "FODepartment",
    "FODivision",
    "FOLocation",
];

/// Fields that the standard mapping reads.
const FIELDS: [&str; 16] = [
    "EmpEmployment/userId",
    "User/username",
    "PerPersonal/firstName",
    "PerPersonal/lastName",
    "PerEmail/emailAddress",
    "PerPhone/phoneNumber",
    "FOCompany/name",
    "FODepartment/name",
    "FODivision/name",
    "FOLocation/name",
    "EmpJob/jobTitle",
    "EmpJob/managerId",
    "EmpEmployment/startDate",
    "EmpEmployment/endDate",
    "PicklistOption/externalCode",
    "PerPerson/personIdExternal",
];

/// Subjects of all findings of one kind.
fn subjects(answer: &Answer, kind: &str) -> Vec<String> {
    let json = answer.json();
    let checks = json["checks"].as_array().unwrap_or_else(|| panic!("no checks\n{answer}")).clone();
    let findings = checks.iter().flat_map(|check| check["findings"].as_array().cloned().unwrap_or_default());
    let of = |finding: &Value| finding["subject"].as_str().unwrap_or_default().to_owned();
    findings.filter(|finding| finding["kind"] == kind).map(|finding| of(&finding)).collect()
}

fn message(answer: &Answer, subject: &str) -> String {
    let json = answer.json();
    let checks = json["checks"].as_array().cloned().unwrap_or_default();
    let mut findings = checks.iter().flat_map(|check| check["findings"].as_array().cloned().unwrap_or_default());
    let found = findings.find(|finding| finding["subject"] == subject);
    found.map(|finding| finding["message"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

/// An API user without rights to write.
fn only_reads() -> Visibility {
    let sets = ["User", "PerPersonal", "EmpJob"];
    Visibility { read_only_sets: sets.map(str::to_owned).into(), ..Visibility::default() }
}

/// A company that lives today: a doctor looks at clocks too.
async fn company_of(fields_are_errors: bool) -> Company {
    let company = Company::with(Seed::new(1, 250, SystemClock.now()), |mut settings| {
        settings.switches.hidden_fields_are_errors = fields_are_errors;
        settings
    })
    .await;
    company.tenant.set_visibility(only_reads(), 0);
    let synced = company.joinery(&["sync"]).await;
    assert_eq!(synced.code(), Some(exit::DONE), "{synced}");
    company
}

async fn company() -> Company {
    company_of(true).await
}

#[tokio::test]
async fn with_everything_in_sight_it_says_ready() {
    let company = company().await;
    let answer = company.joinery(&["doctor"]).await.expect(exit::DONE).says(&["ready", "sign-in"]);
    assert!(!answer.out.contains("PROBLEM") && !answer.out.contains("look "), "{answer}");
    let json = company.joinery(&["--json", "doctor"]).await.expect(exit::DONE);
    assert_eq!(json.json()["ok"], true);
    let good = subjects(&json, "good");
    for set in SETS {
        assert!(good.iter().any(|subject| subject == set), "{set} is not looked at\n{answer}");
    }
}

#[tokio::test]
async fn each_entity_taken_away_is_named_and_no_other() {
    let company = company().await;
    for set in SETS {
        for (how, visibility) in [
            ("absent", Visibility { hidden_sets: [set.to_owned()].into(), ..only_reads() }),
            ("without rows", Visibility { empty_sets: [set.to_owned()].into(), ..only_reads() }),
        ] {
            company.tenant.set_visibility(visibility, 0);
            let answer = company.joinery(&["--json", "doctor"]).await;
            let answer = answer.expect(exit::FAILED);
            assert_eq!(subjects(&answer, "problem"), [set], "{set} is {how}\n{answer}");
            assert_eq!(subjects(&answer, "warning"), [""; 0], "{set} is {how}\n{answer}");
            let message = message(&answer, set);
            assert!(message.contains("grant"), "{set} is {how}: what is to be done is not said: {message}");
        }
    }
}

#[tokio::test]
async fn picklists_are_read_by_either_of_their_services() {
    let company = company().await;
    for (set, other) in [("PicklistOption", "picklist employee-status"), ("PickListValueV2", "PicklistOption")] {
        company.tenant.set_visibility(Visibility { hidden_sets: [set.to_owned()].into(), ..only_reads() }, 0);
        let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::DONE);
        assert!(subjects(&answer, "good").contains(&other.to_owned()), "{set}\n{answer}");
    }
}

/// A permission as Manage Permission Roles shows it, the sets of the standard mapping that it covers, and which of them
/// the doctor can still look at when all are away: behind a person's own set lies everything else of theirs.
const PERMISSIONS: [(&str, &[&str], &str); 4] = [
    (
        "\"Employee Central HRIS OData API (read-only)\" (Employee Central API)",
        &["PerPerson", "PerPersonal", "PerEmail", "PerPhone", "EmpEmployment", "EmpJob"],
        "PerPerson",
    ),
    (
        "\"Employee Central Foundation OData API (read-only)\" (Employee Central API)",
        &["FOCompany", "FODepartment", "FODivision", "FOLocation"],
        "FOCompany, FODepartment, FODivision, FOLocation",
    ),
    ("\"User Account OData API entity\" and \"Employee Export\" (Manage Integration Tools)", &["User"], "User"),
    (
        "\"Picklist Management and Picklists Mappings Set Up\" (Manage System Properties)",
        &["PicklistOption", "PickListValueV2"],
        "Picklist",
    ),
];

#[tokio::test]
async fn each_permission_taken_away_is_named_once_and_no_other() {
    let company = company().await;
    for (permission, sets, subject) in PERMISSIONS {
        let hidden_sets = sets.iter().map(|set| (*set).to_owned()).collect();
        company.tenant.set_visibility(Visibility { hidden_sets, ..only_reads() }, 0);
        let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::FAILED);
        assert_eq!(subjects(&answer, "problem"), [subject], "{permission}\n{answer}");
        assert_eq!(subjects(&answer, "warning"), [""; 0], "{permission}\n{answer}");
        let said = message(&answer, subject);
        let pronoun = if subject.contains(',') { "them" } else { "it" };
        assert_eq!(said, format!("the API user may not see {pronoun}; grant its role {permission}"));
    }
    // The fifth: a role without anybody in its target population. The sixth: no right to call the API at all.
    let hidden_people = HiddenPeople::Percent(100);
    company.tenant.set_visibility(Visibility { hidden_people, ..only_reads() }, 0);
    let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::FAILED);
    let problems = subjects(&answer, "problem");
    let [subject] = problems.as_slice() else { panic!("{problems:?}\n{answer}") };
    assert_eq!(
        message(&answer, subject),
        "not one person is visible; give the API user's role a target population of everyone (Manage Permission \
         Roles, Grant this role to)"
    );
    assert!(!answer.out.contains("grant its role"), "{answer}");
    company.tenant.set_visibility(Visibility { no_api: true, ..only_reads() }, 0);
    let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::FAILED);
    assert_eq!(subjects(&answer, "problem"), ["sign-in"], "{answer}");
    let said = message(&answer, "sign-in");
    assert!(said.contains("grant it the OData API access under Manage Integration Tools"), "{said}");
    assert_eq!(subjects(&answer, "good")[..1], ["sign-in token"], "which step failed is seen\n{answer}");
}

#[tokio::test]
async fn each_field_taken_away_is_named_and_no_other() {
    for fields_are_errors in [true, false] {
        let company = company_of(fields_are_errors).await;
        for field in FIELDS {
            let hidden = Visibility { hidden_fields: [field.to_owned()].into(), ..only_reads() };
            company.tenant.set_visibility(hidden, 0);
            let answer = company.joinery(&["--json", "doctor"]).await;
            let name = field.replace('/', ".");
            let answer = answer.expect(exit::FAILED);
            assert_eq!(subjects(&answer, "problem"), [name.as_str()], "{field} is hidden\n{answer}");
            assert_eq!(subjects(&answer, "warning"), [""; 0], "{field} is hidden\n{answer}");
            assert!(message(&answer, &name).contains("grant"), "{field} is hidden: {answer}");
        }
    }
}

#[tokio::test]
async fn rights_to_write_that_nothing_needs_are_named_and_nothing_is_written() {
    let company = company().await;
    let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::DONE);
    assert!(subjects(&answer, "good").contains(&"write rights".to_owned()), "{answer}");

    company.tenant.set_visibility(Visibility::default(), 0);
    let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::DONE);
    assert_eq!(subjects(&answer, "warning"), ["write rights"; 2], "{answer}");
    for permission in ["Employee Import", "Employee Central HRIS OData API (editable)"] {
        let named = format!("the role \\\"Integration User\\\" grants \\\"{permission}\\\"");
        assert!(answer.out.contains(&named), "{named}\n{answer}");
    }
    company.joinery(&["doctor"]).await.expect(exit::DONE).says(&["ready, with 2 things to look at"]);

    // Who may not see roles is not told. Nothing is wrong then.
    let blind = Visibility { no_group_types: ["permission".to_owned()].into(), ..Visibility::default() };
    company.tenant.set_visibility(blind, 0);
    let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::DONE);
    assert_eq!((subjects(&answer, "note"), subjects(&answer, "warning")), (vec!["write rights".to_owned()], vec![]));
    let writes = company.tenant.requests().by_resource.into_keys().filter(|resource| resource.contains("upsert"));
    assert_eq!(writes.collect::<Vec<_>>(), [""; 0], "{answer}");
}

#[tokio::test]
async fn without_the_right_to_call_at_all_the_sign_in_is_named() {
    let company = company().await;
    company.tenant.set_visibility(Visibility { no_api: true, ..only_reads() }, 0);
    let answer = company.joinery(&["--json", "doctor"]).await.expect(exit::FAILED);
    assert_eq!(subjects(&answer, "problem"), ["sign-in"], "{answer}");
}

#[tokio::test]
async fn a_target_that_cannot_be_used_is_named() {
    let mut company = company().await;
    company.configure(|config| config.targets = config.targets.replace("people.db", "no/such/folder/people.db"));
    let answer = company.joinery(&["doctor"]).await.expect(exit::FAILED).says(&["target people", "not ready"]);
    assert_eq!(answer.out.matches("PROBLEM").count() - 1, 1, "{answer}");
}
