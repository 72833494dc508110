//! The same people in three places, each read without any code of ours: the tenant's raw answers, a table, a SCIM
//! server's accounts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio_postgres::Client;

use crate::company::{COMPANY_ID, Company, http};

/// The API user's password.
pub const PASSWORD: &str = "a password of the tests";

/// What an account is to say. What is empty is empty text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub first: String,
    pub last: String,
    pub email: String,
    pub department: String,
    pub title: String,
    /// The manager's personIdExternal.
    pub manager: Option<String>,
    pub active: bool,
}

/// By personIdExternal.
pub type Accounts = BTreeMap<String, Account>;

/// A person of the tenant.
pub struct Person {
    /// What their account is to say.
    pub account: Account,
    /// False when several employments could count, so that department, title and manager are a matter of policy.
    pub certain: bool,
}

/// Everybody, as the tenant tells any client.
pub async fn in_tenant(company: &Company) -> BTreeMap<String, Person> {
    let rows = ask(
        company,
        "PerPerson?$select=personIdExternal,personalInfoNav/firstName,personalInfoNav/lastName,emailNav/emailAddress,\
         emailNav/isPrimary,employmentNav/userId,employmentNav/startDate,employmentNav/endDate,\
         employmentNav/jobInfoNav/jobTitle,employmentNav/jobInfoNav/managerId,\
         employmentNav/jobInfoNav/departmentNav/name&$expand=personalInfoNav,emailNav,employmentNav,\
         employmentNav/jobInfoNav,employmentNav/jobInfoNav/departmentNav",
    )
    .await;
    let person_of: BTreeMap<String, String> = rows
        .iter()
        .flat_map(|row| {
            many(row, "employmentNav").iter().map(|one| (text(one, "userId"), text(row, "personIdExternal")))
        })
        .collect();
    let today = company.tenant.now().to_zoned(TimeZone::UTC).date();
    rows.iter().map(|row| (text(row, "personIdExternal"), person(row, today, &person_of))).collect()
}

fn person(row: &Value, today: Date, person_of: &BTreeMap<String, String>) -> Person {
    let works = |one: &&Value| {
        date(&one["startDate"]).is_some_and(|start| start <= today)
            && date(&one["endDate"]).is_none_or(|end| today <= end)
    };
    let employments = many(row, "employmentNav");
    let working = employments.iter().find(works);
    let job = working.and_then(|one| many(one, "jobInfoNav").first()).unwrap_or(&Value::Null);
    let name = many(row, "personalInfoNav").first().unwrap_or(&Value::Null);
    let email = many(row, "emailNav").iter().find(|email| email["isPrimary"] == true).unwrap_or(&Value::Null);
    let department = match &job["departmentNav"] {
        Value::Object(_) if job["departmentNav"]["results"].is_array() => many(job, "departmentNav").first().cloned(),
        one => Some(one.clone()),
    };
    Person {
        account: Account {
            first: text(name, "firstName"),
            last: text(name, "lastName"),
            email: text(email, "emailAddress"),
            department: department.map_or_else(String::new, |department| text(&department, "name")),
            title: text(job, "jobTitle"),
            manager: person_of.get(&text(job, "managerId")).cloned(),
            active: working.is_some(),
        },
        certain: employments.len() == 1,
    }
}

/// The external code of the department of that name.
pub async fn department_code(company: &Company, name: &str) -> String {
    let rows = ask(company, "FODepartment?$select=externalCode,name").await;
    let found = rows.iter().find(|row| text(row, "name") == name).expect("the department");
    text(found, "externalCode")
}

/// The rows of a list that fits on one page.
async fn ask(company: &Company, what: &str) -> Vec<Value> {
    let url = format!("{}/odata/v2/{what}&$format=json", company.tenant.base_url());
    let user = format!("API_USER@{COMPANY_ID}");
    let answer = http().get(url).basic_auth(user, Some(PASSWORD)).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    assert!(body["d"]["__next"].is_null(), "one page");
    body["d"]["results"].as_array().unwrap_or_else(|| panic!("rows, not {body}")).clone()
}

fn many<'a>(row: &'a Value, navigation: &str) -> &'a [Value] {
    row[navigation]["results"].as_array().map_or(&[], Vec::as_slice)
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

/// `/Date(ms)/`
fn date(value: &Value) -> Option<Date> {
    let digits = value.as_str()?.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let instant = Timestamp::from_millisecond(digits.parse().expect("milliseconds")).expect("an instant");
    Some(instant.to_zoned(TimeZone::UTC).date())
}

/// Everybody in the table `people` of the standard mapping.
pub async fn in_table(client: &Client) -> Accounts {
    let query = "SELECT employee_id, first_name, last_name, email, department, job_title, manager, active FROM people";
    let rows = client.query(query, &[]).await.expect("the table");
    let mut accounts = Accounts::new();
    for row in rows {
        let text = |column: usize| row.get::<_, Option<String>>(column);
        let account = Account {
            first: text(1).unwrap_or_default(),
            last: text(2).unwrap_or_default(),
            email: text(3).unwrap_or_default(),
            department: text(4).unwrap_or_default(),
            title: text(5).unwrap_or_default(),
            manager: text(6),
            active: row.get(7),
        };
        assert!(accounts.insert(row.get(0), account).is_none(), "two rows of one person");
    }
    accounts
}

/// Everybody among a SCIM server's accounts.
pub fn in_scim(users: &[Value]) -> Accounts {
    let person_of: BTreeMap<String, String> =
        users.iter().map(|user| (text(user, "id"), text(user, "externalId"))).collect();
    let mut accounts = Accounts::new();
    for user in users {
        let enterprise = &user[super::ENTERPRISE];
        let emails = user["emails"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(emails.len() < 2, "one address at most");
        let manager = enterprise["manager"]["value"].as_str().map(|id| person_of.get(id).expect("an account").clone());
        let account = Account {
            first: text(&user["name"], "givenName"),
            last: text(&user["name"], "familyName"),
            email: emails.first().map_or_else(String::new, |email| text(email, "value")),
            department: text(enterprise, "department"),
            title: text(user, "title"),
            manager,
            active: user["active"] != false,
        };
        assert!(accounts.insert(text(user, "externalId"), account).is_none(), "two accounts of one person");
    }
    accounts
}
