//! The data dictionary of the simulated tenant: entity sets, properties, navigations, as static tables.
//!
//! Types, lengths and flags are those of SAP's published metadata (API Business Accelerator Hub); navigations between
//! services are those that real tenants have. Labels are the properties' names in words unless declared.

pub mod account;
pub mod background;
pub mod catalogue;
mod define;
pub mod employment;
pub mod groups;
pub mod household;
pub mod job;
pub mod organization;
pub mod pay;
pub mod person;
pub mod picklist;
pub mod picklist_v2;
pub mod position;
pub mod relations;
mod sets;
pub mod user;

pub use define::{Edm, EntitySet, Flags, Navigation, Property};
pub use sets::Set;
