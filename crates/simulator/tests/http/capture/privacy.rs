//! Not one value of anybody is in a capture.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::{Recorded, Through, company, recording};
use crate::support::Assertion;

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{} is its owner's", entry.display());
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found
}

/// Values by the word that they begin with.
struct Wanted<'v>(HashMap<&'v str, Vec<&'v str>>);

impl<'v> Wanted<'v> {
    fn new(values: impl Iterator<Item = &'v str>) -> Self {
        let mut by_word: HashMap<&str, Vec<&str>> = HashMap::new();
        for value in values {
            let value = value.trim_matches(|letter: char| !letter.is_alphanumeric());
            let end = value.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(value.len());
            by_word.entry(&value[..end]).or_default().push(value);
        }
        Self(by_word)
    }

    /// Those that stand in a text with nothing of a word before or behind them: short numbers stand by chance in longer
    /// ones. Each with what is around it.
    fn found<'t>(&self, text: &'t str) -> Vec<(&'v str, &'t str)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = text[at..].find(char::is_alphanumeric).map(|start| at + start) {
            let end =
                text[start..].find(|letter: char| !letter.is_alphanumeric()).map_or(text.len(), |end| start + end);
            for value in self.0.get(&text[start..end]).into_iter().flatten() {
                let behind = text[start..].strip_prefix(value);
                if behind.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)) {
                    let line = text[..start].rfind('\n').map_or(0, |line| line + 1);
                    found.push((*value, text[line..].lines().next().unwrap_or_default()));
                }
            }
            at = end;
        }
        found
    }
}

#[tokio::test]
async fn not_one_value_of_anybody_is_written() {
    let Recorded { tenant, recording, folder } = recording(110).await;
    let through = Through::new(recording.base_url());
    let someone = tenant.rows("User?$top=1&$skip=40&$filter=status%20eq%20't'").await.remove(0);
    let of = |name: &str| someone[name].as_str().unwrap().to_owned();
    let (id, username, last) = (of("userId"), of("username"), of("lastName"));

    // Signing in goes through, and is not written.
    let mut assertion = Assertion::of("API_USER");
    assertion.name_id = "API_USER".to_owned();
    let form = [
        ("company_id", "ACME"),
        ("client_id", crate::support::CLIENT),
        ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
        ("assertion", &assertion.sign()),
    ];
    let token = through.client.post(format!("{}/oauth/token", through.base)).form(&form).send().await.unwrap();
    assert_eq!(token.status(), 200);
    let token = token.json::<serde_json::Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(recording.captured(), 0);

    for set in [
        "User",
        "PerPerson",
        "PerPersonal",
        "PerEmail",
        "PerPhone",
        "PerAddressDEFLT",
        "PerNationalId",
        "EmpEmployment",
        "EmpJob",
        "EmpJobRelationships",
        "EmpCompensation",
        "EmpPayCompRecurring",
        "DynamicGroup",
        "RBPRole",
        "RBPRule",
        "FODepartment",
        "FOLocation",
        "Position",
        "PersonKey",
        "UserAccount",
        "Photo",
        "ExternalUser",
        "PicklistOption",
        "EmpEmploymentTermination",
    ] {
        through.json(&format!("/odata/v2/{set}?$format=json&fromDate=1900-01-01")).await;
        through.text(&format!("/odata/v2/{set}?$top=8"), "application/atom+xml").await;
    }
    let persons = "/odata/v2/PerPerson?$format=json&$expand=personalInfoNav,personalInfoNav/maritalStatusNav,emailNav/emailTypeNav,phoneNav,homeAddressNavDEFLT,nationalIdNav,employmentNav/jobInfoNav/managerUserNav,employmentNav/userNav/manager&customPageSize=50&paging=cursor";
    assert_eq!(through.walk(persons).await.len(), 110);
    let mut paths = vec![
        format!("/odata/v2/User('{}')?$format=json&$expand=manager,directReports,hr,empInfo", id.replace('\'', "''")),
        format!("/odata/v2/User('{}')/manager?$format=json", id.replace('\'', "''")),
        format!(
            "/odata/v2/User?$format=json&$filter=username eq '{}' or lastName eq '{last}'",
            username.replace('\'', "''")
        ),
        format!("/odata/v2/User?$format=json&$filter=substringof('{last}',displayName)"),
        format!("/odata/v2/User('nobody-{id}')?$format=json"),
        format!("/odata/v2/User('{}')/lastName/$value", id.replace('\'', "''")),
        format!("/odata/v2/PerPersonal?$format=json&$filter=personIdExternal in '{id}','x'"),
        format!("/odata/v2/getUserRolesByUserId?$format=json&userId='{id}'"),
        format!("/odata/v2/getDynamicGroupsByUser?$format=json&userId='{id}'"),
        format!("/odata/v2/nonsense_{id}?$format=json"),
        "/rest/iam/scim/v2/Users?count=100".to_owned(),
        "/rest/iam/scim/v2/Groups?count=20".to_owned(),
        format!("/rest/iam/scim/v2/Users?filter=userName eq \"{username}\""),
        "/odatav4/joinery/Simulated.svc/v1/User?$top=50".to_owned(),
        "/odata/v2/User/$metadata".to_owned(),
        "/odata/v2/Entity('User')?$format=json".to_owned(),
    ];
    let (_, groups) = through.json("/odata/v2/DynamicGroup?$format=json&$select=groupID,groupName").await;
    for group in groups["d"]["results"].as_array().unwrap().iter().step_by(4) {
        let id = group["groupID"].as_str().unwrap();
        paths.push(format!("/odata/v2/getUsersByDynamicGroup?$format=json&groupId={id}L&activeOnly=false"));
        paths.push(format!("/odata/v2/getExpandedDynamicGroupById?$format=json&groupId={id}L"));
        paths.push(format!(
            "/odata/v2/DynamicGroup({id}L)?$format=json&$expand=dgIncludePools/filters/expressions/values"
        ));
    }
    for path in &paths {
        through.text(&path.replace(' ', "%20"), "application/json").await;
    }
    let (_, batch) = through
        .batch(&[
            &format!("User('{id}')?$format=json"),
            &format!("PerPerson('{id}')?$format=json&$expand=personalInfoNav"),
        ])
        .await;
    assert!(batch.contains(&id), "whoever asks gets what is true");
    assert!(recording.captured() > 90, "{}", recording.captured());
    assert_eq!(recording.failed(), None);
    recording.stop().await.unwrap();

    let values = tenant.running.look(company::values);
    assert!(values.len() > 900, "{}", values.len());
    let wanted = Wanted::new(values.iter().map(String::as_str));
    let mut leaks = Vec::new();
    let host = tenant.running.base_url().trim_start_matches("http://").to_owned();
    let found = files(folder.path());
    let secrets = [token.as_str(), "secret", "JSESSIONID", "Bearer", "Basic ", host.as_str(), "127.0.0.1", "API_USER@"];
    for file in &found {
        let text = std::fs::read_to_string(file).unwrap();
        // What JSON and XML escape is looked for as it was, too.
        let plain = text.replace("\\\"", "\"").replace("&apos;", "'").replace("&quot;", "\"").replace("&amp;", "&");
        let name = file.file_name().unwrap().to_string_lossy();
        for text in [&text, &plain] {
            leaks.extend(wanted.found(text).into_iter().map(|(value, around)| {
                let around: String = around.chars().take(200).collect();
                format!("{value}: {name}: {around}")
            }));
        }
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks of {} values:\n{}",
        leaks.len(),
        values.len(),
        leaks[..leaks.len().min(40)].join("\n")
    );
    assert!(found.len() > 90);
}
