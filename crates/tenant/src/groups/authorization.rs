//! Changing members through the authorization REST API: PATCH of a static group with a list of members.
//!
//! What the API calls a member, and whether the list replaces or adds, is not public. So the group is asked first how
//! it names the members it has, the whole list of wanted members is sent in that form, and the caller reads the members
//! afterwards. A group whose naming cannot be told is left alone.

use std::collections::{BTreeSet, HashMap};

use joinery_model::Failure;
use joinery_odata::filter::Field;
use joinery_odata::{Literal, Page, Query};
use reqwest::Method;
use serde_json::{Value as Json, json};

use super::change::Change;
use super::read::unreadable;
use super::{Group, Groups, Member};
use crate::{Request, Response};

const ROOT: &str = "rest/iam/authorization/genai/v1";

/// Users in one filter of OData.
const MOST_IDS: usize = 100;

/// What the API calls a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    UserId,
    Username,
    Uuid { dashes: bool, upper: bool },
}

const NAMINGS: [Naming; 6] = [
    Naming::UserId,
    Naming::Username,
    Naming::Uuid { dashes: true, upper: false },
    Naming::Uuid { dashes: true, upper: true },
    Naming::Uuid { dashes: false, upper: false },
    Naming::Uuid { dashes: false, upper: true },
];

impl Naming {
    fn of(self, member: &Member) -> Option<String> {
        match self {
            Self::UserId => Some(member.user_id.clone()),
            Self::Username => member.username.clone(),
            Self::Uuid { dashes, upper } => member.person_uuid.as_deref().map(|uuid| written(uuid, dashes, upper)),
        }
    }

    /// The naming by which every id that is shown is that of a member.
    fn told(shown: &[String], members: &[Member]) -> Option<Self> {
        if shown.is_empty() {
            return None;
        }
        NAMINGS.into_iter().find(|naming| {
            let names: BTreeSet<String> = members.iter().filter_map(|member| naming.of(member)).collect();
            shown.iter().all(|id| names.contains(id))
        })
    }
}

fn written(uuid: &str, dashes: bool, upper: bool) -> String {
    let mut digits: String = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    if upper {
        digits.make_ascii_uppercase();
    } else {
        digits.make_ascii_lowercase();
    }
    if !dashes || digits.len() != 32 {
        return digits;
    }
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

impl Groups {
    /// Sends the whole list of wanted members; whether they are is for the caller to read. Sent twice it leaves what it
    /// leaves once.
    pub(super) async fn by_authorization(
        &self,
        group: &Group,
        change: Change,
        users: &[&str],
        before: &[Member],
    ) -> Result<Option<Failure>, Failure> {
        let path = format!("{ROOT}/groups/{}", group.id);
        let shown = answered(self.transport.get(&path).await?)?;
        let body: Json = serde_json::from_slice(&shown.bytes).map_err(|_| unreadable(ROOT))?;
        let ids = body.get("members").and_then(Json::as_array).ok_or_else(|| unreadable(ROOT))?;
        let ids: Vec<String> = ids.iter().filter_map(|one| one.get("id")?.as_str().map(str::to_owned)).collect();
        let naming = Naming::told(&ids, before).ok_or_else(|| {
            Failure::refused(format!(
                "group {}: the authorization API does not tell how it names members (the group has none, or others); use \
                 the function import or the SCIM API",
                group.id
            ))
        })?;
        let mut wanted: Vec<String> = Vec::new();
        for member in before {
            let stays = change == Change::Add || !users.contains(&member.user_id.as_str());
            if stays {
                wanted.push(naming.of(member).ok_or_else(|| {
                    Failure::refused(format!(
                        "group {}: a member has no name in the authorization API and would be lost; use the function import",
                        group.id
                    ))
                })?);
            }
        }
        if change == Change::Add {
            wanted.extend(self.named(naming, users).await?);
        }
        let members: Vec<Json> = wanted.iter().map(|id| json!({ "id": id })).collect();
        let request = Request::json(Method::PATCH, path, &json!({ "members": members }));
        answered(self.transport.send(&request).await?)?;
        Ok(None)
    }

    /// Users as the API names them; who has no such name is left out, and found missing afterwards.
    async fn named(&self, naming: Naming, users: &[&str]) -> Result<Vec<String>, Failure> {
        Ok(match naming {
            Naming::UserId => users.iter().map(|user| (*user).to_owned()).collect(),
            Naming::Username => self.usernames(users).await?.into_values().collect(),
            Naming::Uuid { dashes, upper } => {
                let uuids = self.uuids(users).await?;
                uuids.into_values().map(|uuid| written(&uuid, dashes, upper)).collect()
            }
        })
    }

    /// `perPersonUuid` by userId.
    async fn uuids(&self, users: &[&str]) -> Result<HashMap<String, String>, Failure> {
        let mut uuids = HashMap::new();
        for run in users.chunks(MOST_IDS) {
            let ids = Field::new("userId").is_in(run.iter().map(|user| Literal::text(*user)));
            let query = Query::new().filter(ids).expand(["personNav"]).select(["userId", "personNav/perPersonUuid"]);
            let response = self.transport.get(&format!("odata/v2/EmpEmployment?{}", query.json())).await?.ok()?;
            let page = Page::parse(&response.bytes).map_err(|error| unreadable("EmpEmployment").because(error))?;
            for row in &page.entities {
                let row: Json = serde_json::from_str(row).map_err(|_| unreadable("EmpEmployment"))?;
                let text = |pointer: &str| row.pointer(pointer).and_then(Json::as_str).map(str::to_owned);
                if let (Some(id), Some(uuid)) = (text("/userId"), text("/personNav/perPersonUuid")) {
                    uuids.insert(id, uuid);
                }
            }
        }
        Ok(uuids)
    }
}

/// The answer, when it is none of refusal.
fn answered(response: Response) -> Result<Response, Failure> {
    match response.status.as_u16() {
        200..300 => Ok(response),
        404 => Err(Failure::refused(format!(
            "{ROOT}: the tenant does not offer the authorization API, or not this group; use the function import"
        ))),
        401 | 403 => Err(Failure::refused(format!(
            "{ROOT}: the API user may not use the authorization API; grant the permission, or use the function import"
        ))),
        status => Err(Failure::refused(format!("{ROOT}: the tenant refuses the request (HTTP {status})"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, name: &str, uuid: &str) -> Member {
        let uuid = Some(uuid.to_owned()).filter(|uuid| !uuid.is_empty());
        Member {
            user_id: id.to_owned(),
            username: Some(name.to_owned()),
            first_name: None,
            middle_name: None,
            last_name: None,
            person_uuid: uuid,
        }
    }

    #[test]
    fn the_naming_is_told_by_the_members_that_are_there() {
        let members = [
            member("1", "ada", "F674BA4105E24E299485FD660935F2DF"),
            member("2", "bob", "0074BA4105E24E299485FD660935F2D0"),
        ];
        let told =
            |shown: &[&str]| Naming::told(&shown.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(), &members);
        assert_eq!(told(&["2", "1"]), Some(Naming::UserId));
        assert_eq!(told(&["bob"]), Some(Naming::Username));
        let dashed = "f674ba41-05e2-4e29-9485-fd660935f2df";
        assert_eq!(told(&[dashed]), Some(Naming::Uuid { dashes: true, upper: false }));
        assert_eq!(told(&["F674BA4105E24E299485FD660935F2DF"]), Some(Naming::Uuid { dashes: false, upper: true }));
        assert_eq!(told(&[dashed, "stranger"]), None);
        assert_eq!(told(&[]), None);
    }
}
