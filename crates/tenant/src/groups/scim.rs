//! Changing members through the SCIM API: PATCH of static permission groups.

use std::collections::HashMap;
use std::fmt::Write as _;

use joinery_model::Failure;
use joinery_odata::filter::Field;
use joinery_odata::{Literal, Page, Query};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value as Json, json};

use super::change::Change;
use super::read::unreadable;
use super::{Group, Groups, Member};
use crate::{Request, Response};

const ROOT: &str = "rest/iam/scim/v2";
const SCIM: &str = "application/scim+json";

/// Members changed by one PATCH; the API shows at most 100 at once.
const MOST_MEMBERS: usize = 100;
/// User names in one filter of the SCIM API.
const MOST_NAMES: usize = 20;
/// Users in one filter of OData.
const MOST_IDS: usize = 100;

impl Groups {
    /// Adds or removes members; whether they are is for the caller to read. PATCH of single members leaves what it
    /// leaves once, so it may be sent again.
    pub(super) async fn by_scim(
        &self,
        group: &Group,
        change: Change,
        users: &[&str],
        before: &[Member],
    ) -> Result<Option<Failure>, Failure> {
        if group.kind != "permission" {
            return Err(Failure::refused(format!(
                "group {}: the SCIM API changes permission groups only; use the function import for this one",
                group.id
            )));
        }
        let id = self.scim_group(group).await?;
        let known = before.iter().filter_map(|member| Some((member.user_id.as_str(), member.username.as_deref()?)));
        let mut names: HashMap<String, String> = known.map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
        names.extend(self.usernames(users).await?);
        let wanted: Vec<&str> = users.iter().filter_map(|user| names.get(*user).map(String::as_str)).collect();
        let people = self.scim_users(&wanted).await?;
        for run in people.chunks(MOST_MEMBERS) {
            let operations: Vec<Json> = match change {
                Change::Add => {
                    let value: Vec<Json> = run.iter().map(|id| json!({ "value": id })).collect();
                    vec![json!({"op": "add", "path": "members", "value": value})]
                }
                Change::Remove => {
                    let one = |id: &String| json!({"op": "remove", "path": format!("members[value eq {}]", Json::from(id.as_str()))});
                    run.iter().map(one).collect()
                }
            };
            let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
            let path = format!("{ROOT}/Groups/{}", utf8_percent_encode(&id, NON_ALPHANUMERIC));
            let request = Request { accept: SCIM, ..Request::json(Method::PATCH, path, &body) };
            let (_, bytes) = request.body.clone().unwrap_or_default();
            let request = Request { body: Some((SCIM.to_owned(), bytes)), ..request };
            answered(self.transport.send(&request).await?)?;
        }
        Ok(None)
    }

    /// The id of a group in the SCIM API: that of the only one with its name.
    async fn scim_group(&self, group: &Group) -> Result<String, Failure> {
        let filter = format!("displayName eq {}", Json::from(group.name.as_str()));
        let found = self.scim_list("Groups", &filter, "displayName").await?;
        let named: Vec<&Json> =
            found.iter().filter(|one| one.get("displayName").and_then(Json::as_str) == Some(&group.name)).collect();
        match named.as_slice() {
            [one] => one.get("id").and_then(Json::as_str).map(str::to_owned).ok_or_else(|| unreadable("scim/Groups")),
            [] => Err(Failure::refused(format!(
                "group {}: the SCIM API does not show it; it shows permission groups only",
                group.id
            ))),
            _ => Err(Failure::refused(format!(
                "group {}: several groups have its name in the SCIM API; use the function import",
                group.id
            ))),
        }
    }

    /// User names by userId.
    pub(super) async fn usernames(&self, users: &[&str]) -> Result<HashMap<String, String>, Failure> {
        let mut names = HashMap::new();
        for run in users.chunks(MOST_IDS) {
            let ids = Field::new("userId").is_in(run.iter().map(|user| Literal::text(*user)));
            let query = Query::new().filter(crate::read::status_stated()).filter(ids);
            let query = query.select(["userId", "username"]).json();
            let response = self.transport.get(&format!("odata/v2/User?{query}")).await?.ok()?;
            let page = Page::parse(&response.bytes).map_err(|error| unreadable("User").because(error))?;
            for row in &page.entities {
                let row: Json = serde_json::from_str(row).map_err(|_| unreadable("User"))?;
                let text = |name: &str| row.get(name).and_then(Json::as_str).map(str::to_owned);
                if let (Some(id), Some(name)) = (text("userId"), text("username")) {
                    names.insert(id, name);
                }
            }
        }
        Ok(names)
    }

    /// Ids in the SCIM API by user name.
    async fn scim_users(&self, names: &[&str]) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::new();
        for run in names.chunks(MOST_NAMES) {
            let mut filter = String::new();
            for name in run {
                let or = if filter.is_empty() { "" } else { " or " };
                let _ = write!(filter, "{or}userName eq {}", Json::from(*name));
            }
            for user in self.scim_list("Users", &filter, "userName").await? {
                // The filter may compare without regard to case; user names do not.
                let name = user.get("userName").and_then(Json::as_str).unwrap_or_default();
                if run.contains(&name) {
                    ids.extend(user.get("id").and_then(Json::as_str).map(str::to_owned));
                }
            }
        }
        Ok(ids)
    }

    async fn scim_list(&self, what: &str, filter: &str, attribute: &str) -> Result<Vec<Json>, Failure> {
        let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
        let path = format!("{ROOT}/{what}?filter={filter}&attributes={attribute}&startIndex=1&count=100");
        let response = answered(self.transport.send(&Request { accept: SCIM, ..Request::get(path) }).await?)?;
        let mut list: Json = serde_json::from_slice(&response.bytes).map_err(|_| unreadable("scim"))?;
        match list.get_mut("Resources").map(Json::take) {
            Some(Json::Array(resources)) => Ok(resources),
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(_) => Err(unreadable("scim")),
        }
    }
}

/// The answer, when it is none of refusal. SCIM errors have a shape of their own; their text may name people.
fn answered(response: Response) -> Result<Response, Failure> {
    match response.status.as_u16() {
        200..300 => Ok(response),
        404 => Err(Failure::refused(
            "rest/iam/scim/v2: the tenant does not offer the SCIM API, or not this group; use the function import",
        )),
        401 | 403 => Err(Failure::refused(
            "rest/iam/scim/v2: the API user may not use the SCIM API; grant the permission, or use the function import",
        )),
        status => Err(Failure::refused(format!("rest/iam/scim/v2: the tenant refuses the request (HTTP {status})"))),
    }
}
