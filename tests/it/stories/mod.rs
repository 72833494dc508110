//! What happens in a company, and what must arrive.

mod basics;
mod lost_sight;
mod managers;
mod one_day;
mod operate;
mod outage;
mod people;
mod plan_apply;
pub mod scim_app;
mod users;
mod v4;
mod values;
