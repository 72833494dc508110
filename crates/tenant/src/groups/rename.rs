//! Renaming a group without losing its clauses.

use joinery_model::Failure;
use joinery_odata::payload::read_upsert_results;
use joinery_odata::{EntityAddress, UpsertRow};
use reqwest::Method;

use super::read::unreadable;
use super::{Group, GroupId, Groups, Pools};
use crate::Request;

impl Groups {
    /// Gives a group another name, and answers with the group as it is then.
    ///
    /// An upsert of a dynamic group can remove the clauses that it does not carry; so they are read before, go along
    /// as they are, and are read again after.
    ///
    /// # Errors
    /// When the connection is read only, the group is none or belongs to the system, the name does not fit or is
    /// taken, or the clauses after are not those before: then the message says so, and the name may have changed.
    pub async fn rename(&self, id: GroupId, name: &str) -> Result<Group, Failure> {
        self.may_write()?;
        let length = name.chars().count();
        if name.trim().is_empty() || length > 100 {
            return Err(Failure::refused(format!("groupName: has {length} characters; give 1 to 100")));
        }
        let missing =
            || Failure::refused(format!("group {id}: the tenant has no such group, or the API user may not see it"));
        let group = self.get(id).await?.ok_or_else(missing)?;
        if group.is_of_the_system() {
            return Err(Failure::refused(format!("group {id}: belongs to the system and keeps its name")));
        }
        if group.name == name {
            return Ok(group);
        }
        let before = if group.is_static { None } else { Some(self.pools(id).await?.ok_or_else(missing)?) };
        self.send_name(&group, name, before.as_ref()).await?;
        if let Some(before) = before {
            let after = self.pools(id).await?.ok_or_else(missing)?;
            if !after.say_the_same(&before) {
                return Err(Failure::refused(format!(
                    "group {id}: its clauses are not what they were before the new name; look at the group in Admin \
                     Center, Manage Permission Groups"
                )));
            }
        }
        let renamed = self.get(id).await?.ok_or_else(missing)?;
        if renamed.name == name {
            Ok(renamed)
        } else {
            Err(Failure::refused(format!("group {id}: the tenant took the new name and did not keep it")))
        }
    }

    async fn send_name(&self, group: &Group, name: &str, pools: Option<&Pools>) -> Result<(), Failure> {
        let mut row = UpsertRow::new(EntityAddress::set("DynamicGroup"))
            .with("groupID", group.id.to_string())
            .with("groupName", name)
            .with("groupType", group.kind.as_str());
        for (navigation, list) in pools.map(Pools::to_json).into_iter().flatten() {
            row = row.with(navigation, list);
        }
        // What is sent holds the whole of what is wanted: sent twice it leaves what it leaves once.
        let request = Request::json(Method::POST, "odata/v2/upsert?$format=json", &row.to_json());
        let response = self.transport.send(&request).await?.ok()?;
        let results = read_upsert_results(&response.bytes).map_err(|error| unreadable("upsert").because(error))?;
        let Some(result) = results.iter().find(|result| result.index == 0) else { return Err(unreadable("upsert")) };
        if result.is_ok() {
            return Ok(());
        }
        let taken = result.reason().is_some_and(|reason| reason.contains("groupName"));
        let why = if taken { "the name is taken or not allowed" } else { "the tenant refuses the change" };
        Err(Failure::refused(format!("group {}: {why} (row status {})", group.id, result.http_code)))
    }
}
