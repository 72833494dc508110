//! Can everything be read that is needed? Each finding names one thing and, in the words of Admin Center, the
//! permission that is missing.

mod clock;
mod permission;
mod rights;
mod run;
mod sight;
mod steps;

pub(crate) use permission::permission_of;
pub use rights::write_rights;
pub(crate) use run::probe;
pub use steps::sign_in_steps;
