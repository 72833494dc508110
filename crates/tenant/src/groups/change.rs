//! Adding members to static groups and removing them.

use std::collections::BTreeSet;

use joinery_model::Failure;
use joinery_odata::Literal;

use super::read::call;
use super::{Group, GroupId, Groups, Member, MemberWrites};
use crate::{Once, Request};

/// The most users of one call: what clients of the SCIM API may see at once, and far below what an address holds.
const MOST_USERS: usize = 100;
/// The longest list of users in an address, percent-encoded: gateways cut at about 8 KB.
const LONGEST: usize = 6_000;

/// What a change of members came to, by reading them after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersChanged {
    /// Users who are members now and were not, or are none now and were.
    pub changed: Vec<String>,
    /// Users for whom nothing was to be done.
    pub as_before: Vec<String>,
    /// Users whom the tenant did not add or remove: most often there is no such user.
    pub refused: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Remove,
}

impl Groups {
    /// Makes users members of a static group. Doing it again does nothing.
    ///
    /// # Errors
    /// When the connection is read only, the group is none or dynamic, an id cannot be sent, or it is not known whether
    /// a request was done and the members say that it was not: then nothing was sent a second time, and the same call
    /// may be made again.
    pub async fn add(&self, id: GroupId, users: &[&str]) -> Result<MembersChanged, Failure> {
        self.change(id, users, Change::Add).await
    }

    /// Takes users out of a static group. Doing it again does nothing.
    ///
    /// # Errors
    /// As [`Groups::add`].
    pub async fn remove(&self, id: GroupId, users: &[&str]) -> Result<MembersChanged, Failure> {
        self.change(id, users, Change::Remove).await
    }

    async fn change(&self, id: GroupId, users: &[&str], change: Change) -> Result<MembersChanged, Failure> {
        self.may_write()?;
        let wanted: BTreeSet<&str> = users.iter().copied().collect();
        if wanted.iter().any(|user| user.is_empty() || user.contains(',') || user.trim() != *user) {
            return Err(Failure::refused(format!(
                "group {id}: a userId is empty or holds a comma or outer blanks; the list of userIds is separated by commas"
            )));
        }
        let missing =
            || Failure::refused(format!("group {id}: the tenant has no such group, or the API user may not see it"));
        let group = self.get(id).await?.ok_or_else(missing)?;
        if !group.is_static {
            return Err(Failure::refused(format!(
                "group {id}: is a dynamic group; its members follow from its clauses, which are changed in Admin Center"
            )));
        }
        let before = self.members(id, false).await?.ok_or_else(missing)?;
        let is_member = |members: &[Member]| -> BTreeSet<String> {
            let named = members.iter().map(|member| member.user_id.as_str()).filter(|user| wanted.contains(user));
            named.map(str::to_owned).collect()
        };
        let was = is_member(&before);
        let there = |user: &str, members: &BTreeSet<String>| members.contains(user) == (change == Change::Add);
        let (as_before, to_do): (Vec<&str>, Vec<&str>) = wanted.iter().copied().partition(|user| there(user, &was));
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        if to_do.is_empty() {
            return Ok(MembersChanged { as_before: owned(as_before), ..MembersChanged::default() });
        }
        let unknown = match &self.options.writes {
            MemberWrites::Function { add, remove } => {
                let word = if change == Change::Add { add } else { remove };
                self.by_function(&group, word, &to_do).await?
            }
            MemberWrites::Authorization => self.by_authorization(&group, change, &to_do, &before).await?,
            MemberWrites::Scim => self.by_scim(&group, change, &to_do, &before).await?,
        };
        let after = is_member(&self.members(id, false).await?.ok_or_else(missing)?);
        let (changed, refused): (Vec<&str>, Vec<&str>) = to_do.into_iter().partition(|user| there(user, &after));
        match unknown {
            Some(failure) if !refused.is_empty() => {
                let left = refused.len();
                let message = format!(
                    "group {id}: whether a change was done is not known, and {left} users are not as wanted; nothing was \
                     sent again: make the same change again"
                );
                Err(Failure::later(message, None).because(failure))
            }
            _ => Ok(MembersChanged { changed: owned(changed), as_before: owned(as_before), refused: owned(refused) }),
        }
    }

    /// Calls `updateStaticGroup`, a GET that changes something: each call is sent at most once. `Some` when it is not
    /// known whether the last one was done; those after it were not sent then.
    async fn by_function(&self, group: &Group, word: &str, users: &[&str]) -> Result<Option<Failure>, Failure> {
        for users in runs(users) {
            let arguments = [
                ("groupId", Literal::Int64(group.id.0)),
                ("action", Literal::text(word)),
                ("userIds", Literal::text(users.join(","))),
            ];
            match self.transport.send_once(&Request::get(call("updateStaticGroup", &arguments))).await? {
                Once::Answered(response) => drop(response.ok()?),
                Once::Unknown(failure) => return Ok(Some(failure)),
            }
        }
        Ok(None)
    }
}

/// Cuts users into runs that fit into one address each.
fn runs<'u, 'l>(users: &'l [&'u str]) -> Vec<&'l [&'u str]> {
    let mut runs = Vec::new();
    let mut rest = users;
    while !rest.is_empty() {
        let mut used = 0;
        let fits = rest.iter().take(MOST_USERS).take_while(|user| {
            // A byte that needs escaping takes three characters; a quote is doubled first.
            let bytes = user.bytes().map(|byte| match byte {
                b'\'' => 6,
                byte if byte.is_ascii_alphanumeric() => 1,
                _ => 3,
            });
            used += bytes.sum::<usize>() + 3;
            used <= LONGEST
        });
        let fits = fits.count().max(1);
        let (run, after) = rest.split_at(fits);
        runs.push(run);
        rest = after;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_every_user_once_and_fit() {
        let ids: Vec<String> = (0..450).map(|n| format!("o'hara+{n}-{}", "x".repeat(n % 90))).collect();
        let users: Vec<&str> = ids.iter().map(String::as_str).collect();
        let cut = runs(&users);
        assert_eq!(cut.concat(), users);
        for run in cut {
            let path = call("updateStaticGroup", &[("userIds", Literal::text(run.join(",")))]);
            assert!(run.len() <= 100 && path.len() < 6_200, "{}", path.len());
        }
        assert!(runs(&[]).is_empty());
    }
}
