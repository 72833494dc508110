//! Groups and roles at the door: who may see them, and rows of DynamicGroup that are written.

mod access;
mod role_rows;
mod upsert;

pub(crate) use access::{may_read, may_see_group, may_see_roles, may_see_type};
pub(crate) use upsert::write_row;
