//! Schemas as data: what an attribute is, and the schemas of RFC 7643.

mod access;
mod attribute;
mod discovery;
mod document;
mod enterprise;
mod group;
mod resource;
#[cfg(test)]
mod rfc;
mod user;
mod words;

pub use access::{entitlement, role};
pub use attribute::{Attribute, Kind, Mutability, Returned, Uniqueness};
pub use discovery::{resource_type, schema, service_provider_config};
pub use document::Schema;
pub use enterprise::enterprise_user;
pub use group::group;
pub(crate) use resource::of_every_resource;
pub use user::user;
pub(crate) use words::{flag, text};
