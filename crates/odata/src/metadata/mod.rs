//! `$metadata`: what a tenant has, and what may be done with it.
//!
//! An EDMX document (OData v2, CSDL 2.0) with the annotations of SAP and SuccessFactors. Annotations are found by
//! their local names: documents of real tenants and of SAP's API hub bind `sap:` to different namespaces.

mod parse;
mod print;
mod types;

pub use parse::MetadataError;
pub(crate) use parse::{attribute, elements, required, schemas};
pub(crate) use print::escape;
pub use types::{
    Annotations, EntitySet, EntityType, FunctionImport, Metadata, Multiplicity, Navigation, Parameter, Property,
};
