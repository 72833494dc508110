//! SCIM 2.0 as text (RFC 7643, RFC 7644): what both a client and a server need to read and write; no input or output,
//! no clock, no knowledge of any product.
//!
//! - [`Path`] and [`Filter`]: the grammars of attribute paths and filters, parsed, printed, judged.
//! - [`get`] and [`put`]: where a path stands in a resource.
//! - [`PatchRequest`] and [`operations`]: the smallest PATCH that turns one resource into another.
//! - [`ListResponse`], [`ErrorMessage`]: messages, read tolerantly, written strictly.
//! - [`ServiceProviderConfig`], [`ResourceType`], [`Schema`]: what a server says about itself.
//!
//! Resources are JSON objects and not typed structures, because extensions and custom schemas are the rule in practice.

mod discovery;
mod filter;
mod grammar;
mod message;
mod patch;
mod path;
mod place;
pub mod urn;

pub use discovery::{Attribute, Mutability, ResourceType, Schema, ServiceProviderConfig};
pub use filter::Filter;
pub use grammar::GrammarError;
pub use message::{ErrorMessage, ListResponse, ScimType};
pub use patch::{Operation, PatchOp, PatchRequest, Write, operations, write_all};
pub use path::{AttrPath, Path};
pub use place::{Resource, extensions, get, is_multi_valued, put};
