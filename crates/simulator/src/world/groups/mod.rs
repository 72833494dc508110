//! Groups, roles and permissions: static groups are lists, dynamic ones are evaluated over the present company.

mod cells;
mod change;
mod data;
mod edit;
mod field;
mod generate;
mod index;
mod judge;
mod permission;
mod relations;
mod role_change;
mod roles;
mod saved;
mod show;

pub use change::{StaticAction, StaticUnknown};
pub(super) use data::Groups;
pub use edit::{ExpressionEdit, FilterEdit, GroupEdit, GroupRefused, PoolEdit};
pub(super) use relations::is_of_groups;
pub use role_change::{RoleEdit, RuleEdit};
pub use roles::Permitted;
pub use show::{GroupShown, PoolShown};
