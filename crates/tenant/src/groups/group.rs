//! Groups, members and roles as they are read.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use joinery_odata::date::JsonDate;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::server_clock;

/// `groupID`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub i64);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A group, static or dynamic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// `groupID`
    pub id: GroupId,
    /// `groupName`; names in `$$…$$` belong to the system.
    pub name: String,
    /// `groupType`: `permission`, `ectworkflow`, …
    pub kind: String,
    /// `staticGroup`: members are a list. Otherwise they follow from the group's pools.
    pub is_static: bool,
    /// `activeMembershipCount`
    pub active_members: Option<u64>,
    /// `totalMemberCount`
    pub members: Option<u64>,
    /// `lastModifiedDate`: the server's wall clock; an instant only with the server's zone.
    pub modified: Option<DateTime>,
    /// `createdBy`
    pub created_by: Option<String>,
    /// `userType`
    pub user_type: Option<String>,
}

impl Group {
    /// When the group last changed, by the zone of the server's wall clock.
    pub fn modified_at(&self, zone: &TimeZone) -> Option<Timestamp> {
        server_clock::instant(zone, self.modified?)
    }

    /// Whether the group belongs to the system: `$$EVERYONE$$` and its like.
    pub fn is_of_the_system(&self) -> bool {
        self.name.len() > 4 && self.name.starts_with("$$") && self.name.ends_with("$$")
    }
}

/// A group as a user's membership names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName {
    /// `groupId`
    pub id: GroupId,
    /// `groupName`
    pub name: String,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// `userId`
    #[serde(rename = "userId")]
    pub user_id: String,
    /// `userName`
    #[serde(rename = "userName", default)]
    pub username: Option<String>,
    /// `firstName`
    #[serde(rename = "firstName", default)]
    pub first_name: Option<String>,
    /// `middleName`
    #[serde(rename = "middleName", default)]
    pub middle_name: Option<String>,
    /// `lastName`
    #[serde(rename = "lastName", default)]
    pub last_name: Option<String>,
    /// `personGUID`: the `perPersonUuid`, by which the SCIM API knows people.
    #[serde(rename = "personGUID", default)]
    pub person_uuid: Option<String>,
}

/// A role that a user has through a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `roleId`
    pub id: i64,
    /// `roleName`
    pub name: String,
    /// `roleDesc`
    pub description: Option<String>,
    /// `userType`
    pub user_type: Option<String>,
}

/// A 64-bit number, which JSON carries as text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Whole {
    Number(i64),
    Text(String),
}

impl Whole {
    pub(super) fn value(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().trim_end_matches(['L', 'l']).parse().ok(),
        }
    }
}

/// A truth, which may come as text.
fn truth(value: &Json) -> Option<bool> {
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

fn text(row: &Json, name: &str) -> Option<String> {
    row.get(name)?.as_str().map(str::to_owned)
}

fn whole(row: &Json, name: &str) -> Option<i64> {
    let value = row.get(name)?;
    value.as_i64().or_else(|| value.as_str()?.trim_end_matches(['L', 'l']).parse().ok())
}

impl Group {
    /// Reads a row of `DynamicGroup`; `None` when it lacks id or name.
    pub(super) fn read(row: &Json) -> Option<Self> {
        let count = |name| whole(row, name).and_then(|count| u64::try_from(count).ok());
        Some(Self {
            id: GroupId(whole(row, "groupID")?),
            name: text(row, "groupName")?,
            kind: text(row, "groupType").unwrap_or_default(),
            is_static: row.get("staticGroup").and_then(truth).unwrap_or(false),
            active_members: count("activeMembershipCount"),
            members: count("totalMemberCount"),
            modified: row.get("lastModifiedDate").and_then(Json::as_str).and_then(JsonDate::parse).map(JsonDate::civil),
            created_by: text(row, "createdBy"),
            user_type: text(row, "userType"),
        })
    }
}

impl Role {
    /// Reads a row of `RBPRole`; `None` when it lacks id or name.
    pub(super) fn read(row: &Json) -> Option<Self> {
        Some(Self {
            id: whole(row, "roleId")?,
            name: text(row, "roleName")?,
            description: text(row, "roleDesc"),
            user_type: text(row, "userType"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_as_the_tenant_writes_it() {
        let row = serde_json::json!({
            "groupID": "3600", "groupName": "Early adopters", "groupType": "permission", "staticGroup": false,
            "activeMembershipCount": 2294, "totalMemberCount": 33590, "lastModifiedDate": "/Date(1587079282000)/",
            "createdBy": null, "userType": "employee",
        });
        let group = Group::read(&row).expect("a group");
        assert_eq!((group.id, group.members, group.is_static), (GroupId(3600), Some(33_590), false));
        assert_eq!(group.modified.map(|at| at.to_string()).as_deref(), Some("2020-04-16T23:21:22"));
        assert!(!group.is_of_the_system());
        assert!(Group { name: "$$EVERYONE$$".to_owned(), ..group }.is_of_the_system());
        assert!(Group::read(&serde_json::json!({"groupName": "x"})).is_none());
    }
}
