//! OData v4 as text: query options, CSDL XML, and the addresses of contexts. Filters and keys of v4 are read into the
//! same trees as v2's ([`crate::Expr::parse_v4`], [`crate::EntityAddress::parse_v4`]).
//!
//! SuccessFactors serves no identity data by v4; who speaks it here speaks it by a name of their own.

mod csdl;
mod options;
mod value;

pub use csdl::to_csdl;
pub use options::{Expand, Options, OptionsError};
pub use value::{from_v2, to_v2};
