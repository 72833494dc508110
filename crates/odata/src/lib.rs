//! OData as text: metadata, literals, filters, payloads; no input or output.
//!
//! The dialect is SuccessFactors' OData v2. Everything that reads is total: whatever the bytes, the answer is a value
//! or an error with a position, never a panic, and nesting is bounded ([`MAX_DEPTH`] for expressions, 128 for JSON).
//! No error carries a piece of the data it was made from, except names of properties, functions and options.
//!
//! | what | where |
//! |---|---|
//! | a value of a primitive type, in URLs and in JSON | [`Literal`], [`date`] |
//! | `$filter` | [`filter`] |
//! | query strings | [`Query`] |
//! | addresses of entities | [`EntityAddress`], [`KeyPredicate`] |
//! | `$metadata` | [`metadata`] |
//! | answers, error bodies, upsert | [`payload`] |
//! | the same as Atom | [`atom`] |
//! | several requests in one | [`batch`] |
//! | OData v4: options, payloads, metadata | [`v4`] |

pub mod atom;
pub mod batch;
pub mod date;
mod edm;
pub mod filter;
mod key;
mod literal;
pub mod metadata;
pub mod payload;
mod query;
mod scan;
pub mod v4;
mod value;

pub use edm::{Edm, TypeRef};
pub use filter::{BinaryOp, Expr, Field, Function, MAX_DEPTH};
pub use key::{EntityAddress, KeyPredicate, SEGMENT_UNSAFE};
pub use literal::Literal;
pub use metadata::{EntitySet, EntityType, FunctionImport, Metadata, Navigation, Property};
pub use payload::{Page, PayloadError, Selection, ServerError, Tree, UpsertResult, UpsertRow, read_selected};
pub use query::{Format, InlineCount, OrderBy, Paging, Query, QueryError};
pub use scan::SyntaxError;
pub use value::ValueError;
