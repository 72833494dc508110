//! The groups and roles of many users.

use std::collections::{BTreeMap, HashMap};

use joinery_model::Failure;
use serde::Deserialize;

use super::answer;
use super::many_plan::{Way, way};
use super::read::{found, group_names, groups_path, members_path, roles, roles_path};
use super::{GroupId, Groups, Role, Which};
use crate::batch::{Part, get_together};

/// The groups of many users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships {
    /// The name of each group that is named here.
    pub names: BTreeMap<GroupId, String>,
    groups: HashMap<String, Vec<GroupId>>,
}

impl Memberships {
    /// The groups of a user, by id; none of one who is in no group or does not exist.
    pub fn of(&self, user_id: &str) -> &[GroupId] {
        self.groups.get(user_id).map_or(&[], Vec::as_slice)
    }

    /// How many users are in a group at all.
    pub fn users(&self) -> usize {
        self.groups.len()
    }
}

/// A member of whom only the id is kept.
#[derive(Deserialize)]
struct MemberId {
    #[serde(rename = "userId")]
    user_id: String,
}

impl Groups {
    /// The groups that users are in, of one type or of all: in few requests, whichever way needs fewer, by user or by
    /// group. Memory grows with the users asked about and with [`super::GroupOptions::members_per_batch`], not with the
    /// tenant.
    ///
    /// # Errors
    /// When the tenant cannot be asked, or the API user lacks "Manage Role-Based Permission Access".
    pub async fn of_users(&self, users: &[&str], kind: Option<&str>) -> Result<Memberships, Failure> {
        if users.is_empty() {
            return Ok(Memberships::default());
        }
        let mut together = self.options.per_batch.clamp(1, 100);
        if users.len() <= together {
            return self.by_user(users, kind).await;
        }
        let which = kind.map(Which::of).unwrap_or_default();
        let groups = self.list(&which).await?;
        if self.transport.lacks_batch() {
            together = 1;
        }
        let Way::ByGroup(runs) = way(users.len(), &groups, &self.options, together) else {
            return self.by_user(users, kind).await;
        };
        let mut memberships = Memberships::default();
        let mut asked: HashMap<&str, Vec<GroupId>> = users.iter().map(|user| (*user, Vec::new())).collect();
        for run in runs {
            let run: Vec<_> = run.into_iter().filter_map(|at| groups.get(at)).collect();
            let paths: Vec<String> = run.iter().map(|group| members_path(group.id, false)).collect();
            for (group, part) in run.iter().zip(get_together(&self.transport, &paths, together).await?) {
                // A group that is gone meanwhile has no members.
                let Some(bytes) = there(part)? else { continue };
                let mut met = false;
                answer::each(&bytes, "getUsersByDynamicGroup", |member: MemberId| {
                    if let Some(groups) = asked.get_mut(member.user_id.as_str()) {
                        groups.push(group.id);
                        met = true;
                    }
                })?;
                if met {
                    memberships.names.insert(group.id, group.name.clone());
                }
            }
        }
        let met = asked.into_iter().filter(|(_, groups)| !groups.is_empty());
        memberships.groups = met.map(|(user, groups)| (user.to_owned(), groups)).collect();
        Ok(memberships)
    }

    async fn by_user(&self, users: &[&str], kind: Option<&str>) -> Result<Memberships, Failure> {
        let mut memberships = Memberships::default();
        let together = self.options.per_batch.clamp(1, 100);
        for users in users.chunks(together) {
            let paths: Vec<String> = users.iter().map(|user| groups_path(user, kind)).collect();
            for (user, part) in users.iter().zip(get_together(&self.transport, &paths, together).await?) {
                let Some(bytes) = there(part)? else { continue };
                let mut groups = Vec::new();
                for group in group_names(&bytes)? {
                    groups.push(group.id);
                    memberships.names.entry(group.id).or_insert(group.name);
                }
                groups.sort_unstable();
                if !groups.is_empty() {
                    memberships.groups.insert((*user).to_owned(), groups);
                }
            }
        }
        Ok(memberships)
    }

    /// The roles that users have through groups, in few requests; users without roles, and such as do not exist, are
    /// left out.
    ///
    /// # Errors
    /// As [`Groups::of_users`].
    pub async fn roles_of_users(&self, users: &[&str]) -> Result<HashMap<String, Vec<Role>>, Failure> {
        let mut found = HashMap::new();
        let together = self.options.per_batch.clamp(1, 100);
        for users in users.chunks(together) {
            let paths: Vec<String> = users.iter().map(|user| roles_path(user)).collect();
            for (user, part) in users.iter().zip(get_together(&self.transport, &paths, together).await?) {
                let Some(bytes) = there(part)? else { continue };
                let roles = roles(&bytes)?;
                if !roles.is_empty() {
                    found.insert((*user).to_owned(), roles);
                }
            }
        }
        Ok(found)
    }
}

/// The body of a part, unless it says that there is no such thing.
fn there(part: Part) -> Result<Option<bytes::Bytes>, Failure> {
    Ok(found(part.into_response())?.map(|response| response.bytes))
}
