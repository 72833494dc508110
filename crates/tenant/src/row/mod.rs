//! From a page's bytes to rows: read what the shape asks for, judge it, cut it to what the mappings need.

mod parts;
mod person;
mod read;
mod refs;
mod shape;
mod unsaid;
mod user;

pub use person::{Frame, Judged, person};
pub use read::{Entity, Reading};
pub use shape::{Choice, Kind, Member, Refers, Shape, What};
pub use user::user;

/// The navigation under which the tenant lists employments.
pub(crate) const EMPLOYMENT: &str = "employmentNav";
/// The name under which a row lists all employments.
pub(crate) const EMPLOYMENTS: &str = "employments";
/// The navigation to job information.
pub(crate) const JOB: &str = "jobInfoNav";
/// The navigation to names.
pub(crate) const PERSONAL: &str = "personalInfoNav";
