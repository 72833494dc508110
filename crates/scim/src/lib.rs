//! SCIM 2.0 as text (RFC 7643, RFC 7644, RFC 9865): what both a client and a server need to read and write; no input or
//! output, no clock, no knowledge of any product.
//!
//! - [`Path`] and [`Filter`]: the grammars of attribute paths and filters, parsed, printed, judged.
//! - [`Registry`] and [`Shape`]: kinds of resources and their [`schema`]s as data; names, validation, projection, PATCH and
//!   the discovery documents derive from it.
//! - [`Condition`]: a filter against a schema, typed; judged here or compiled to the house's own filter.
//! - [`Tolerance`]: what clients bend, each bend by its name, allowed or not, and counted.
//! - [`get`] and [`put`]: where a path stands in a resource.
//! - [`PatchRequest`] and [`operations`]: the smallest PATCH that turns one resource into another.
//! - [`ListResponse`], [`ScimError`], [`ErrorMessage`]: messages, read tolerantly, written strictly.
//! - [`Search`], [`Projection`], [`SortBy`], [`Cursor`]: what a request asks to see, and which page of it.
//! - [`BulkRun`]: several requests in one; [`ETag`] and [`Precondition`]: versions.
//! - [`ServiceProviderConfig`] and [`Offer`]: what a server says it can do, read and written.
//!
//! Resources are JSON objects and not typed structures, because extensions and custom schemas are the rule in practice.

mod address;
mod asserted;
mod body;
mod bulk;
mod change;
mod condition;
mod config;
mod cursor;
mod error;
mod etag;
mod filter;
mod grammar;
mod message;
mod moment;
mod name;
mod openapi;
mod patch;
mod path;
mod place;
mod project;
mod quirk;
mod registry;
mod resource_type;
pub mod schema;
mod search;
mod sort;
pub mod urn;
mod value;

pub use address::{decode_id, encode_id};
pub use asserted::{Absent, Asserted, Changed};
pub use body::read_body;
pub use bulk::{BadOperation, BulkCall, BulkLimits, BulkOperation, BulkOutcome, BulkRequest, BulkRun, Method};
pub use change::AttributeChange;
pub use condition::{Condition, Judged, Literal, Resolving, Spot, Within, typed};
pub use config::{Offer, ServiceProviderConfig, SignIn};
pub use cursor::{Cursor, Question, Seal};
pub use error::{ErrorMessage, ScimError, ScimType};
pub use etag::{ETag, Precondition};
pub use filter::Filter;
pub use grammar::GrammarError;
pub use message::{ListResponse, PagePlace, list_bytes, list_of};
pub use name::Found;
pub use openapi::{About, Verbs};
pub use patch::{Asked, Delta, Operation, PatchOp, PatchRequest, Write, operations, read_patch, write_all};
pub use path::{AttrPath, Path};
pub use place::{Resource, extensions, get, is_multi_valued, put};
pub use project::Projection;
pub use quirk::{Quirk, Tolerance};
pub use registry::{Registry, RegistryError, Shape};
pub use resource_type::ResourceType;
pub use schema::{Attribute, Kind, Mutability, Schema};
pub use search::{PageLimits, Paging, Search};
pub use sort::{SortBy, SortKey};
pub use value::Rules;
