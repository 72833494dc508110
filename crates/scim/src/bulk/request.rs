//! Reading a bulk request.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::references::{of_text, of_value};
use crate::body::shown;
use crate::place::{Resource, member};
use crate::{Quirk, ScimError, Tolerance, urn};

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// It is made.
    Post,
    /// It is replaced.
    Put,
    /// It is changed.
    Patch,
    /// It is taken away.
    Delete,
}

impl Method {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::Post, Self::Put, Self::Patch, Self::Delete].into_iter().find(|is| is.word().eq_ignore_ascii_case(word))
    }
}

/// How much one request may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkLimits {
    /// Operations at the most.
    pub operations: usize,
    /// Bytes of the body at the most.
    pub bytes: usize,
}

impl BulkLimits {
    /// Refuses a body of more bytes, before it is read (section 3.7.4).
    ///
    /// # Errors
    /// 413 that names the limit.
    pub fn check_size(self, bytes: usize) -> Result<(), ScimError> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let detail = format!("The size of the bulk operation exceeds the maxPayloadSize ({}).", self.bytes);
        Err(ScimError::status(413, detail))
    }
}

/// One operation of a bulk request.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkOperation {
    /// What is done.
    pub method: Method,
    /// The client's name for what a POST makes.
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    pub version: Option<String>,
    /// `/Users`, or `/Users/2819c223`.
    pub path: String,
    /// The body.
    pub data: Option<Resource>,
}

/// A bulk request. An operation that is none in itself is an error of its own and leaves the others be.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRequest {
    /// How many errors end it; none goes on whatever happens. Zero counts as nothing said.
    pub fail_on_errors: Option<u64>,
    /// Its operations; of those that cannot be read what is known of them, for the answer.
    pub operations: Vec<Result<BulkOperation, BadOperation>>,
}

/// An operation that cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct BadOperation {
    /// Its method, as it was written.
    pub method: Option<String>,
    /// Its bulkId.
    pub bulk_id: Option<String>,
    /// What is wrong.
    pub error: ScimError,
}

impl BulkRequest {
    /// Reads one.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no bulk request, 413 for too many operations, `invalidValue` for a bulkId twice.
    pub fn read(body: &Resource, limits: BulkLimits, tolerance: &mut Tolerance) -> Result<Self, ScimError> {
        let schemas = member(body, "schemas").and_then(Json::as_array).into_iter().flatten();
        let named = schemas.filter_map(Json::as_str).any(|schema| schema.eq_ignore_ascii_case(urn::BULK_REQUEST));
        if !named && !tolerance.meets(Quirk::SchemasLeftOut) {
            return Err(ScimError::syntax(format!("`schemas` must name {}.", urn::BULK_REQUEST)));
        }
        let fail_on_errors = match member(body, "failOnErrors") {
            None | Some(Json::Null) => None,
            Some(value) => match value.as_u64() {
                Some(errors) => Some(errors).filter(|errors| *errors > 0),
                None => return Err(ScimError::value("`failOnErrors` must be a whole number above zero.")),
            },
        };
        let Some(Json::Array(operations)) = member(body, "Operations") else {
            return Err(ScimError::syntax("`Operations` must be an array."));
        };
        if operations.len() > limits.operations {
            let most = limits.operations;
            let detail = format!("The number of operations exceeds the maxOperations ({most}).");
            return Err(ScimError::status(413, detail));
        }
        let operations: Vec<_> = operations.iter().map(operation).collect();
        let mut seen = HashSet::new();
        for operation in operations.iter().flatten() {
            if let Some(id) = operation.bulk_id.as_ref().filter(|_| operation.method == Method::Post)
                && !seen.insert(id)
            {
                return Err(ScimError::value(format!("The bulkId `{}` stands twice.", shown(id))));
            }
        }
        Ok(Self { fail_on_errors, operations })
    }
}

impl BulkOperation {
    /// The bulkIds that it refers to.
    pub(super) fn references(&self) -> Vec<String> {
        let mut found: Vec<String> = of_text(&self.path).into_iter().map(str::to_owned).collect();
        for value in self.data.iter().flat_map(Resource::values) {
            of_value(value, &mut found);
        }
        found
    }
}

fn operation(operation: &Json) -> Result<BulkOperation, BadOperation> {
    let empty = Resource::new();
    let members = operation.as_object().unwrap_or(&empty);
    let text = |name: &str| member(members, name).and_then(Json::as_str).map(str::to_owned);
    let bad = |error| {
        let method = text("method").map(|method| shown(&method));
        Err(BadOperation { method, bulk_id: text("bulkId"), error })
    };
    let Some(method) = text("method").as_deref().and_then(Method::named) else {
        return bad(ScimError::syntax("`method` must be POST, PUT, PATCH or DELETE."));
    };
    let Some(path) = text("path") else { return bad(ScimError::syntax("`path` is missing.")) };
    let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let whole = steps.iter().all(|step| !step.is_empty() && *step != "." && *step != "..");
    let wanted = if method == Method::Post { 1 } else { 2 };
    if !path.starts_with('/') || !whole || steps.len() != wanted || path.contains(['?', '#']) {
        return bad(ScimError::syntax(if method == Method::Post {
            "`path` of a POST must be an endpoint such as /Users."
        } else {
            "`path` must be a resource's, such as /Users/2819c223."
        }));
    }
    let bulk_id = text("bulkId").filter(|id| !id.is_empty());
    if method == Method::Post && bulk_id.is_none() {
        return bad(ScimError::syntax("`bulkId` is required for a POST."));
    }
    let data = match member(members, "data") {
        Some(Json::Object(data)) => Some(data.clone()),
        _ if method == Method::Delete => None,
        _ => return bad(ScimError::syntax("`data` must be an object: the request's body.")),
    };
    Ok(BulkOperation { method, bulk_id, version: text("version"), path, data })
}
