//! Changes to the company. Each stamps the rows it touches with the clock's instant, at once, whatever day it is
//! dated for; when that day comes nothing is stamped again.

mod contact;
mod hire;
mod job;
mod leaver;
mod orders;
mod organization;
mod refused;
mod user;
mod write;

pub use hire::{Hire, Hired};
pub use job::{Leave, Move};
pub use leaver::Ending;
pub use refused::Refused;
pub(in crate::world) use write::Effects;
pub use write::{Done, Mail, Manner, Operation, PasswordPolicy, Purge, RowDone, RowWrite, Verb, WriteRefused};
