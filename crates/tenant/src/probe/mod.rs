//! Can everything be read that is needed? Each finding names one thing and, in the words of Admin Center, the
//! permission that is missing.

mod permission;
mod run;

pub(crate) use permission::permission_of;
pub(crate) use run::probe;
