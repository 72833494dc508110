//! The table of function imports: `$metadata` declares them from it, requests find them in it.

use serde_json::Value as Json;

use super::Call;
use crate::schema::{Edm, Set};
use crate::serve::Refusal;

/// A function import.
#[derive(Clone, Copy)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// `GET` or `POST`.
    pub(crate) method: &'static str,
    pub(crate) parameters: &'static [Parameter],
    pub(crate) returns: Returns,
    /// Answers a call: what stands in `d`.
    pub(crate) call: fn(&Call<'_, '_>) -> Result<Json, Refusal>,
}

/// A parameter of a function import.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) edm: Edm,
    pub(crate) required: bool,
}

impl Parameter {
    /// A parameter that must be given.
    pub(crate) const fn required(name: &'static str, edm: Edm) -> Self {
        Self { name, edm, required: true }
    }

    /// A parameter that may be left out.
    pub(crate) const fn optional(name: &'static str, edm: Edm) -> Self {
        Self { name, edm, required: false }
    }
}

/// What a function import gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Returns {
    /// One value of a primitive type.
    Value(Edm),
    /// One entity.
    Entity(Set),
    /// Entities.
    Entities(Set),
    /// One complex value: type name and members.
    Complex(&'static str, &'static [(&'static str, Edm)]),
    /// Complex values.
    Complexes(&'static str, &'static [(&'static str, Edm)]),
}

/// All of them, in the order of their declaration in `$metadata`.
pub(crate) static FUNCTIONS: &[Function] = &[
    // Metadata is never stale here; what a tenant answers was not found.
    Function {
        name: "refreshMetadata",
        method: "GET",
        parameters: &[],
        returns: Returns::Value(Edm::String),
        call: |_| Ok(Json::from("Metadata is refreshed.")),
    },
];
