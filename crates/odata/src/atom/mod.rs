//! Atom: feeds, entries, properties and links as XML (OData v2, "Atom Format"; RFC 4287). It is what SuccessFactors
//! answers when neither `$format` nor `Accept` ask for JSON, and what may be sent instead of JSON.
//!
//! Values stand here in the text form of XML (`2014-01-01T00:00:00`, `true`, `12`), beside the name of their type as
//! `m:type` has it. Reading takes any prefixes, refuses document types, and is bounded: at most [`MAX_NESTING`] entries
//! inside each other.

mod model;
mod print;
mod read;

pub use model::{Content, Document, Entry, Feed, Inline, Link, Value};
pub use print::{links, property, service};
pub use read::{AtomError, MAX_NESTING};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const DATA: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices";
const METADATA: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata";
const RELATED: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices/related/";
const SCHEME: &str = "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme";
