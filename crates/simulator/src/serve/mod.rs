//! The OData v2 service: requests in, JSON out.

mod door;
mod entity;
mod entry;
pub(crate) mod filter;
mod list;
mod metadata;
mod plan;
mod refusal;
mod render;
mod session;
mod snapshots;
mod statistics;
mod upsert;
mod view;

pub(crate) use door::{Cut, Door};
pub(crate) use entry::{entry, json_text};
pub(crate) use refusal::{Refusal, Wire};
pub(crate) use snapshots::Snapshots;
pub(crate) use statistics::Statistics;
pub use statistics::{Counts, Requests};
pub use view::{HiddenPeople, Visibility};
pub(crate) use view::{View, Views};
