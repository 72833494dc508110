//! The control API: the strings of the puppet. JSON over HTTP under `/control`, on the tenant's own listener, without
//! signing in. Everything it does is a method of [`crate::Simulator`] too.

mod answer;
mod guard;
mod log;
mod look;
mod people;
mod row;

pub(crate) use answer::answer;
pub(crate) use guard::check;
