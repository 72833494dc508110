//! The OData services: requests in, JSON and XML out.

mod asked;
mod atom;
mod batch;
mod dictionary;
mod door;
mod entity;
mod entry;
pub(crate) mod filter;
mod function;
mod groups;
mod iam;
mod list;
mod metadata;
mod narrow;
mod plan;
mod read;
mod refusal;
mod render;
mod route;
mod session;
mod snapshots;
mod statistics;
mod turn;
mod v4;
mod view;
mod write;

pub(crate) use door::{Cut, Door};
pub(crate) use entry::{entry, json_text};
pub(crate) use refusal::{Refusal, Wire};
pub(crate) use session::Sessions;
pub(crate) use snapshots::Snapshots;
pub(crate) use statistics::Statistics;
pub use statistics::{Counts, Requests};
pub use view::{HiddenPeople, Visibility};
pub(crate) use view::{View, Views};
