//! Groups, roles and their members: what faces and syncs ask of a tenant about them.
//!
//! [`Groups`] is the one way in. Reading: [`Groups::list`], [`Groups::get`], [`Groups::members`], [`Groups::of_user`],
//! [`Groups::of_users`] for many users in few requests, [`Groups::roles_of`]. Changing: [`Groups::add`] and
//! [`Groups::remove`] for members of static groups, [`Groups::rename`] for both kinds; a connection that is read only
//! refuses these before anything is sent.
//!
//! What the tenant does not offer is not here: static groups are made in Admin Center, and no group is deleted.

mod answer;
mod authorization;
mod change;
mod group;
mod many;
mod many_plan;
mod options;
mod pools;
mod read;
mod rename;
mod scim;

pub use change::MembersChanged;
pub use group::{Group, GroupId, GroupName, Member, Role};
pub use many::Memberships;
pub use options::{GroupOptions, MemberWrites, Which};
pub use pools::{Clause, Pool, Pools};
pub use read::Groups;
