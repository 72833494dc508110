//! A tenant in memory: canned answers, and what was asked. Its metadata is that of SAP's hub documents
//! (`ECPersonalInformation`, `ECEmploymentInformation`, `PLTUserManagement`), cut to what the tests read, with the
//! navigations between services that real tenants add.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use jiff::Timestamp;
use joinery_model::{Ask, EmploymentPolicy, Failure, Filter, Needs, Root, Scope};
use joinery_odata::metadata::{Annotations, Multiplicity};
use joinery_odata::{Edm, EntitySet, EntityType, Metadata, Navigation, Property, Query};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap};

use crate::Response;
use crate::read::Get;

/// The time of every test here.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// One request.
pub(crate) struct Asked {
    pub(crate) set: String,
    pub(crate) query: Query,
}

impl Asked {
    pub(crate) fn filter(&self) -> String {
        self.query.filter.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

type Answer = dyn Fn(&Asked) -> (u16, String) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Fake {
    answer: Arc<Answer>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// A tenant with the metadata below; everything else is answered by `answer`, with a status and a body.
    pub(crate) fn new(answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), asked: Arc::default() }
    }

    /// What was asked since the last time, metadata left out.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.retain(|path| !path.contains("$metadata"));
        asked
    }
}

impl Get for Fake {
    async fn get(&self, path: &str) -> Result<Response, Failure> {
        self.asked.lock().unwrap().push(path.to_owned());
        let (subject, query) = path.split_once('?').unwrap_or((path, ""));
        let set = subject.trim_start_matches("odata/v2/").to_owned();
        let (status, body) = if let Some(sets) = set.strip_suffix("/$metadata") {
            (200, metadata(sets))
        } else {
            (self.answer)(&Asked { set, query: Query::parse(query).unwrap() })
        };
        let mut headers = HeaderMap::new();
        headers.insert(DATE, "Sat, 21 Nov 2026 12:00:00 GMT".parse().unwrap());
        Ok(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            bytes: Bytes::from(body),
            correlation_id: String::new(),
            at_place: path.contains("skiptoken"),
            subject: subject.to_owned(),
        })
    }

    fn now(&self) -> Timestamp {
        now()
    }
}

/// A page of these entities, with a link to the next one.
pub(crate) fn page(entities: &[String], next: Option<&str>) -> (u16, String) {
    let next =
        next.map_or_else(String::new, |next| format!(r#","__next":"https://elsewhere.example:443/odata/v2/{next}""#));
    (200, format!(r#"{{"d":{{"results":[{}]{next}}}}}"#, entities.join(",")))
}

/// An error of the API.
pub(crate) fn error(status: u16, code: &str, text: &str) -> (u16, String) {
    (status, format!(r#"{{"error":{{"code":"{code}","message":{{"lang":"en-US","value":"{text}"}}}}}}"#))
}

/// `/Date(ms)/` of a day.
pub(crate) fn day(text: &str) -> String {
    joinery_odata::date::write_date(text.parse().unwrap())
}

/// A person with one employment and one slice of job information.
pub(crate) fn person(id: &str, start: &str, end: Option<&str>, status: &str) -> String {
    let end = end.map_or_else(|| "null".to_owned(), |end| format!("\"{}\"", day(end)));
    format!(
        r#"{{"__metadata":{{"uri":"x","type":"SFOData.PerPerson"}},"personIdExternal":"{id}","personId":"1",
        "lastModifiedDateTime":"/Date(1587072082000+0000)/",
        "emailNav":{{"results":[{{"emailAddress":"{id}@home","emailType":"2","isPrimary":false}},
            {{"emailAddress":"{id}@work","emailType":"1","isPrimary":true}}]}},
        "personalInfoNav":{{"results":[{{"firstName":"F{id}","lastName":"L{id}","startDate":"{start}","endDate":"{ever}"}}]}},
        "employmentNav":{{"results":[{{"userId":"u{id}","startDate":"{start}","endDate":{end},"assignmentClass":"ST",
            "userNav":{{"userId":"u{id}","username":"n{id}"}},
            "jobInfoNav":{{"results":[{{"startDate":"{start}","endDate":"{ever}","seqNumber":"1","emplStatus":"6017",
                "department":"D1","managerId":"boss","emplStatusNav":{{"externalCode":"{status}"}},
                "departmentNav":{{"externalCode":"D1","name":"Sales"}}}}]}}}}]}}}}"#,
        start = day(start),
        ever = day("9999-12-31"),
    )
}

/// An ask for these paths.
pub(crate) fn ask(root: Root, scope: Scope, paths: &[&str]) -> Ask {
    Ask {
        root,
        needs: Needs { paths: paths.iter().map(|path| path.parse().unwrap()).collect() },
        scope,
        as_of: now(),
        policy: Arc::new(EmploymentPolicy::default()),
        filter: Filter::All,
    }
}

const EDM: [(char, Edm); 5] =
    [('s', Edm::String), ('i', Edm::Int64), ('b', Edm::Boolean), ('d', Edm::DateTime), ('o', Edm::DateTimeOffset)];

/// Set, keys, properties (`name:type`), navigations (`name>target`, `name>>target` to many).
const SETS: [(&str, &str, &str, &str); 10] = [
    (
        "PerPerson",
        "personIdExternal",
        "personIdExternal:s personId:i lastModifiedDateTime:o dateOfBirth:d",
        "emailNav>>PerEmail phoneNav>>PerPhone personalInfoNav>>PerPersonal employmentNav>>EmpEmployment \
         personEmpTerminationInfoNav>PersonEmpTerminationInfo",
    ),
    (
        "PerPersonal",
        "personIdExternal startDate",
        "personIdExternal:s startDate:d endDate:d firstName:s lastName:s lastModifiedDateTime:o",
        "",
    ),
    (
        "PerEmail",
        "emailType personIdExternal",
        "personIdExternal:s emailType:s emailAddress:s isPrimary:b lastModifiedDateTime:o",
        "emailTypeNav>PicklistOption",
    ),
    (
        "PerPhone",
        "personIdExternal phoneType",
        "personIdExternal:s phoneType:s phoneNumber:s isPrimary:b lastModifiedDateTime:o",
        "",
    ),
    (
        "EmpEmployment",
        "personIdExternal userId",
        "personIdExternal:s userId:s startDate:d endDate:d assignmentClass:s lastModifiedDateTime:o",
        "jobInfoNav>>EmpJob userNav>User",
    ),
    (
        "EmpJob",
        "seqNumber startDate userId",
        "userId:s startDate:d endDate:d seqNumber:i emplStatus:s department:s managerId:s lastModifiedDateTime:o",
        "departmentNav>FODepartment emplStatusNav>PicklistOption managerUserNav>User employmentNav>EmpEmployment",
    ),
    (
        "PersonEmpTerminationInfo",
        "personIdExternal",
        "personIdExternal:s activeEmploymentsCount:i latestTerminationDate:d",
        "",
    ),
    ("PicklistOption", "id", "id:i externalCode:s", ""),
    (
        "User",
        "userId",
        "userId:s username:s status:s hireDate:d lastName:s department:s lastModifiedDateTime:o lastModified:d",
        "manager>User",
    ),
    (
        "FODepartment",
        "externalCode startDate",
        "externalCode:s startDate:d endDate:d name:s lastModifiedDateTime:o",
        "",
    ),
];

/// The document for these sets, joined by commas.
pub(crate) fn metadata(sets: &str) -> String {
    let mut metadata = Metadata::default();
    for (name, keys, properties, navigations) in SETS.iter().filter(|set| sets.split(',').any(|one| one == set.0)) {
        metadata.sets.push(EntitySet {
            name: (*name).to_owned(),
            entity_type: (*name).to_owned(),
            upsertable: true,
            ..EntitySet::default()
        });
        metadata.types.push(EntityType {
            name: (*name).to_owned(),
            keys: keys.split_whitespace().map(str::to_owned).collect(),
            properties: properties
                .split_whitespace()
                .map(|property| {
                    let (name, kind) = property.split_once(':').unwrap();
                    let edm = EDM.iter().find(|(letter, _)| kind.starts_with(*letter)).unwrap().1;
                    let mut property = Property::new(name, edm);
                    if edm == Edm::DateTime && name != "lastModified" {
                        property.display_format = Some("Date".to_owned());
                    }
                    property
                })
                .collect(),
            navigations: navigations
                .split_whitespace()
                .map(|navigation| {
                    let (name_of, target) = navigation.split_once('>').unwrap();
                    let many = target.starts_with('>');
                    Navigation {
                        name: name_of.to_owned(),
                        target: target.trim_start_matches('>').to_owned(),
                        multiplicity: if many { Multiplicity::Many } else { Multiplicity::ZeroOrOne },
                        from: Multiplicity::One,
                        association: format!("{name}_{name_of}"),
                        from_role: format!("{name}_{name_of}_from"),
                        to_role: format!("{name}_{name_of}_to"),
                        sap: Annotations::default(),
                    }
                })
                .collect(),
        });
    }
    metadata.to_xml()
}
