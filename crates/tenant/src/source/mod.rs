//! The tenant as a [`joinery_model::Source`].
//!
//! A full walk pages over the root set with everything expanded. A delta walk of persons first asks each entity set
//! that is read for the keys of whom changed or is due, then reads those people in batches; a delta walk of users pages
//! over the users that changed. [`joinery_model::Page::requests`] counts every request whose answer went into the page,
//! metadata included; what the transport repeats by itself is not seen here.

mod delta;
mod prepare;
mod reader;
mod starting;
mod walk;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod no_employments;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;

pub use reader::Reader;
