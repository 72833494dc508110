//! Function imports: what they are called, what they take and give, and who answers.

mod call;
mod entities;
mod groups;
mod permissions;
mod roles;
mod table;
mod users;

pub(crate) use call::{Call, answer, named};
pub(crate) use table::{FUNCTIONS, Function, Returns};
