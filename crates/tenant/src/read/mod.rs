//! Reading a tenant's people page by page.

mod ahead;
mod batch;
mod get;
mod heal;
mod page;
mod place;
mod settings;

pub use get::Get;
pub use settings::ReadSettings;

pub(crate) use ahead::Ahead;
pub(crate) use batch::{batches, status_stated};
pub(crate) use heal::refused_members;
pub(crate) use page::{Parsed, parse};
pub(crate) use place::At;
