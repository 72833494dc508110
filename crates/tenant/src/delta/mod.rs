//! Whom a delta run must read: who changed, who is due, what was touched.
//!
//! *Changed*: `lastModifiedDateTime` of every segment that is read, asked of each entity set by itself and for keys
//! only. *Due*: a slice, an employment or a termination that begins or ends to count in the window; no `lastModified`
//! tells of those. *Touched*: an object that several people share (a department, a manager's user) for which either
//! holds; the journal knows whom it concerns.

mod gather;
mod question;
mod window;

pub(crate) use gather::{Gathered, first_days, gather};
pub(crate) use question::questions;
pub(crate) use window::Window;
