//! Reading groups, members and roles.

use joinery_model::Failure;
use joinery_odata::filter::Field;
use joinery_odata::{EntityAddress, KeyPredicate, Literal, Page, Query};
use serde::Deserialize;
use serde_json::Value as Json;

use super::answer;
use super::group::Whole;
use super::{Group, GroupId, GroupName, GroupOptions, Member, Pools, Role, Which};
use crate::{Response, Transport};

/// A group as `getDynamicGroupsByUser` gives it.
#[derive(Deserialize)]
pub(super) struct Bean {
    #[serde(rename = "groupId")]
    pub(super) id: Whole,
    #[serde(rename = "groupName", default)]
    name: Option<String>,
}

/// The groups of a tenant. Clones share the way to it.
#[derive(Clone, Debug)]
pub struct Groups {
    pub(super) transport: Transport,
    pub(super) options: GroupOptions,
}

impl Groups {
    /// The groups of the tenant that `transport` leads to.
    pub fn new(transport: Transport, options: GroupOptions) -> Self {
        Self { transport, options }
    }

    /// Refuses when the connection is read only.
    pub(super) fn may_write(&self) -> Result<(), Failure> {
        if self.options.read_only {
            return Err(Failure::refused(format!(
                "connection.{}.read_only: is true, so nothing is written to this tenant; set it to false if Joinery \
                 shall write there",
                self.transport.settings().name
            )));
        }
        Ok(())
    }

    /// The groups of a kind, by id.
    ///
    /// # Errors
    /// When the tenant cannot be asked, or the API user lacks "Manage Role-Based Permission Access".
    pub async fn list(&self, which: &Which) -> Result<Vec<Group>, Failure> {
        let mut query = Query::new().order_by(field("groupID")).json();
        query = match which.kinds.as_slice() {
            [] => query,
            [kind] => query.filter(field("groupType").eq(Literal::text(kind.as_str()))),
            kinds => query.filter(field("groupType").is_in(kinds.iter().map(|kind| Literal::text(kind.as_str())))),
        };
        if let Some(is_static) = which.is_static {
            query = query.filter(field("staticGroup").eq(Literal::Bool(is_static)));
        }
        if let Some(name) = &which.name {
            query = query.filter(field("groupName").eq(Literal::text(name.as_str())));
        }
        let mut groups = Vec::new();
        let mut next = Some(format!("odata/v2/DynamicGroup?{query}"));
        while let Some(path) = next {
            let response = self.transport.get(&path).await?.ok()?;
            let unreadable = || Failure::later("DynamicGroup: the tenant's answer cannot be read", None);
            let page = Page::parse(&response.bytes).map_err(|error| unreadable().because(error))?;
            for row in &page.entities {
                let row: Json = serde_json::from_str(row).map_err(|_| unreadable())?;
                groups.push(Group::read(&row).ok_or_else(unreadable)?);
            }
            next = page.next;
        }
        Ok(groups)
    }

    /// One group; `None` when the tenant has none of that id, or the API user may not see it.
    ///
    /// # Errors
    /// As [`Groups::list`].
    pub async fn get(&self, id: GroupId) -> Result<Option<Group>, Failure> {
        let address = EntityAddress::entity("DynamicGroup", KeyPredicate::Single(Literal::Int64(id.0)));
        let response = self.transport.get(&format!("odata/v2/{address}?{}", Query::new().json())).await?;
        let Some(response) = found(response)? else { return Ok(None) };
        let row = answer::entity(&response.bytes, "DynamicGroup")?;
        row.map(|row| Group::read(&row).ok_or_else(|| unreadable("DynamicGroup"))).transpose()
    }

    /// The clauses of a dynamic group; `None` when there is no such group.
    ///
    /// # Errors
    /// As [`Groups::list`]; also when a part of them does not arrive whole.
    pub async fn pools(&self, id: GroupId) -> Result<Option<Pools>, Failure> {
        Ok(self.expanded(id).await?.map(|(_, pools)| pools))
    }

    /// A group with its clauses.
    pub(super) async fn expanded(&self, id: GroupId) -> Result<Option<(Group, Pools)>, Failure> {
        let function = "getExpandedDynamicGroupById";
        let path = call(function, &[("groupId", Literal::Int64(id.0))]);
        let Some(response) = found(self.transport.get(&path).await?)? else { return Ok(None) };
        let Some(row) = answer::entity(&response.bytes, function)? else { return Ok(None) };
        let group = Group::read(&row).ok_or_else(|| unreadable(function))?;
        let pools = Pools::read(&row).map_err(|error| {
            Failure::refused(format!("{function}: {error}; the group is left alone, since its clauses would be lost"))
        })?;
        Ok(Some((group, pools)))
    }

    /// The members of a group, all of them or only users who may sign in; `None` when there is no such group.
    ///
    /// # Errors
    /// As [`Groups::list`].
    pub async fn members(&self, id: GroupId, active_only: bool) -> Result<Option<Vec<Member>>, Failure> {
        let path = members_path(id, active_only);
        let Some(response) = found(self.transport.get(&path).await?)? else { return Ok(None) };
        answer::rows(&response.bytes, "getUsersByDynamicGroup").map(Some)
    }

    /// The groups that a user is in, by name: of one type, or of all the tenant tells; `None` when there is no such
    /// user. Groups of the system are among them.
    ///
    /// # Errors
    /// As [`Groups::list`].
    pub async fn of_user(&self, user_id: &str, kind: Option<&str>) -> Result<Option<Vec<GroupName>>, Failure> {
        let path = groups_path(user_id, kind);
        let Some(response) = found(self.transport.get(&path).await?)? else { return Ok(None) };
        Ok(Some(group_names(&response.bytes)?))
    }

    /// The roles that a user has through groups; `None` when there is no such user.
    ///
    /// # Errors
    /// As [`Groups::list`].
    pub async fn roles_of(&self, user_id: &str) -> Result<Option<Vec<Role>>, Failure> {
        let Some(response) = found(self.transport.get(&roles_path(user_id)).await?)? else { return Ok(None) };
        Ok(Some(roles(&response.bytes)?))
    }
}

pub(super) fn group_names(bytes: &[u8]) -> Result<Vec<GroupName>, Failure> {
    let function = "getDynamicGroupsByUser";
    let beans: Vec<Bean> = answer::rows(bytes, function)?;
    let named = beans.into_iter().map(|bean| {
        let id = GroupId(bean.id.value().ok_or_else(|| unreadable(function))?);
        Ok(GroupName { id, name: bean.name.unwrap_or_default() })
    });
    named.collect()
}

pub(super) fn roles(bytes: &[u8]) -> Result<Vec<Role>, Failure> {
    let function = "getUserRolesByUserId";
    let rows: Vec<Json> = answer::rows(bytes, function)?;
    rows.iter().map(|row| Role::read(row).ok_or_else(|| unreadable(function))).collect()
}

pub(super) fn members_path(id: GroupId, active_only: bool) -> String {
    let arguments = [("groupId", Literal::Int64(id.0)), ("activeOnly", Literal::Bool(active_only))];
    call("getUsersByDynamicGroup", &arguments)
}

pub(super) fn groups_path(user_id: &str, kind: Option<&str>) -> String {
    let mut arguments = vec![("userId", Literal::text(user_id))];
    arguments.extend(kind.map(|kind| ("groupSubType", Literal::text(kind))));
    call("getDynamicGroupsByUser", &arguments)
}

pub(super) fn roles_path(user_id: &str) -> String {
    call("getUserRolesByUserId", &[("userId", Literal::text(user_id))])
}

/// The path of a call of a function import.
pub(super) fn call(function: &str, arguments: &[(&str, Literal)]) -> String {
    let query = arguments.iter().fold(Query::new().json(), |query, (name, value)| query.with(*name, value.to_string()));
    format!("odata/v2/{function}?{query}")
}

/// The answer, unless it says that there is no such thing.
pub(super) fn found(response: Response) -> Result<Option<Response>, Failure> {
    if response.status.as_u16() == 404 {
        let error = response.error();
        if error.number == "COE0028" || error.code == "COE_RECORD_NOT_FOUND" {
            return Ok(None);
        }
    }
    response.ok().map(Some)
}

pub(super) fn unreadable(what: &str) -> Failure {
    Failure::later(format!("{what}: the tenant's answer cannot be read"), None)
}

fn field(name: &'static str) -> Field {
    Field::new(name)
}
