//! Doing a bulk request one operation at a time: what is next, with references resolved, and what the answer is.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use super::references::put_value;
use super::request::{BadOperation, BulkOperation, BulkRequest, Method};
use crate::address::{decode_id, encode_id};
use crate::body::shown;
use crate::place::Resource;
use crate::{ScimError, urn};

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkCall {
    /// Which operation; to be given back with its outcome.
    pub at: usize,
    /// What is done.
    pub method: Method,
    /// The endpoint without its slash: `Users`.
    pub endpoint: String,
    /// The resource's id, decoded.
    pub id: Option<String>,
    /// The version that the resource must have: an `If-Match`.
    pub version: Option<String>,
    /// The body.
    pub data: Option<Resource>,
}

/// What became of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BulkOutcome {
    /// The HTTP status.
    pub status: u16,
    /// The resource's id, when one was made.
    pub id: Option<String>,
    /// The resource's address.
    pub location: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The body: of an error always, otherwise where one is wanted.
    pub response: Option<Json>,
}

impl BulkOutcome {
    /// Of an error.
    pub fn of_error(error: &ScimError, location: Option<String>) -> Self {
        Self { status: error.status, location, response: Some(error.body()), ..Self::default() }
    }
}

/// A bulk request that is being done.
#[derive(Debug)]
pub struct BulkRun {
    operations: Vec<Result<BulkOperation, BadOperation>>,
    /// For each operation the operations that it waits for.
    order: Vec<usize>,
    /// Operations in a circle of references, and those that wait for such.
    circular: BTreeSet<usize>,
    next: usize,
    /// bulkId to id, of what was made.
    ids: HashMap<String, String>,
    results: Vec<Option<BulkOutcome>>,
    errors: u64,
    fail_on_errors: Option<u64>,
    base: String,
}

impl BulkRun {
    /// Begins. Operations keep their order but for references: what is referred to comes first. `base` is the service's address without a
    /// slash at its end.
    pub fn new(request: BulkRequest, base: &str) -> Self {
        let (order, circular) = order(&request.operations);
        Self {
            results: request.operations.iter().map(|_| None).collect(),
            operations: request.operations,
            order,
            circular,
            next: 0,
            ids: HashMap::new(),
            errors: 0,
            fail_on_errors: request.fail_on_errors,
            base: base.to_owned(),
        }
    }

    /// What is next; nothing when all is done, or when there were as many errors as end it. Operations that cannot be done at all get
    /// their errors here.
    pub fn step(&mut self) -> Option<BulkCall> {
        while self.fail_on_errors.is_none_or(|most| self.errors < most) {
            let at = *self.order.get(self.next)?;
            self.next += 1;
            match self.call(at) {
                Ok(call) => return Some(call),
                Err(error) => self.done(at, BulkOutcome::of_error(&error, self.location(at))),
            }
        }
        None
    }

    fn call(&self, at: usize) -> Result<BulkCall, ScimError> {
        let operation = match &self.operations[at] {
            Ok(operation) => operation,
            Err(bad) => return Err(bad.error.clone()),
        };
        if self.circular.contains(&at) {
            let why = "The operations refer to each other in a circle, or to one that does; make the resources first and join them after.";
            return Err(ScimError::status(409, why));
        }
        for id in operation.references() {
            if !self.ids.contains_key(&id) {
                let made = |other: &Result<BulkOperation, BadOperation>| {
                    other
                        .as_ref()
                        .is_ok_and(|other| other.method == Method::Post && other.bulk_id.as_ref() == Some(&id))
                };
                return Err(if self.operations.iter().any(made) {
                    ScimError::status(409, format!("What bulkId `{}` names was not made.", shown(&id)))
                } else {
                    ScimError::value(format!("No POST has the bulkId `{}`.", shown(&id)))
                });
            }
        }
        let (endpoint, id) = self.place(operation);
        let mut data = operation.data.clone();
        for value in data.iter_mut().flat_map(Resource::values_mut) {
            put_value(value, &self.ids);
        }
        Ok(BulkCall { at, method: operation.method, endpoint, id, version: operation.version.clone(), data })
    }

    /// The endpoint and the id that an operation's path means, references resolved.
    fn place(&self, operation: &BulkOperation) -> (String, Option<String>) {
        let path = operation.path.trim_start_matches('/');
        let Some((endpoint, step)) = path.split_once('/') else { return (path.to_owned(), None) };
        let made = step.strip_prefix("bulkId:").and_then(|id| self.ids.get(id)).cloned();
        let id = made.unwrap_or_else(|| decode_id(step).unwrap_or_else(|| step.to_owned()));
        (endpoint.to_owned(), Some(id))
    }

    /// The address of what an operation is about, where it has one before it is done.
    fn location(&self, at: usize) -> Option<String> {
        let (endpoint, id) = self.place(self.operations.get(at)?.as_ref().ok()?);
        id.map(|id| format!("{}/{endpoint}/{}", self.base, encode_id(&id)))
    }

    /// Takes what became of an operation.
    pub fn done(&mut self, at: usize, mut outcome: BulkOutcome) {
        let Some(operation) = self.operations.get(at) else { return };
        let failed = outcome.status >= 400;
        if failed {
            self.errors += 1;
        } else if let (Ok(BulkOperation { method: Method::Post, bulk_id: Some(bulk_id), .. }), Some(id)) =
            (operation, &outcome.id)
        {
            self.ids.insert(bulk_id.clone(), id.clone());
        }
        if outcome.location.is_none() {
            outcome.location = self.location(at);
        }
        self.results[at] = Some(outcome);
    }

    /// The answer: what was done, in the order of the request. Operations that were not come to are not in it.
    pub fn response(self) -> Json {
        let results = self.operations.iter().zip(self.results).filter_map(|(operation, outcome)| {
            let outcome = outcome?;
            let (method, bulk_id) = match operation {
                Ok(operation) => (Some(operation.method.word().to_owned()), &operation.bulk_id),
                Err(bad) => (bad.method.clone(), &bad.bulk_id),
            };
            let mut result = json!({"status": outcome.status.to_string()});
            let texts = [
                ("method", method),
                ("bulkId", bulk_id.clone()),
                ("version", outcome.version),
                ("location", outcome.location),
            ];
            for (name, text) in texts {
                if let Some(text) = text {
                    result[name] = text.into();
                }
            }
            if let Some(response) = outcome.response {
                result["response"] = response;
            }
            Some(result)
        });
        json!({"schemas": [urn::BULK_RESPONSE], "Operations": results.collect::<Json>()})
    }
}

/// The order in which all is done, and the operations in or behind a circle.
fn order(operations: &[Result<BulkOperation, BadOperation>]) -> (Vec<usize>, BTreeSet<usize>) {
    let makers: HashMap<&str, usize> = operations
        .iter()
        .enumerate()
        .filter_map(|(at, operation)| {
            let operation = operation.as_ref().ok().filter(|operation| operation.method == Method::Post)?;
            Some((operation.bulk_id.as_deref()?, at))
        })
        .collect();
    let mut waits: Vec<BTreeSet<usize>> = Vec::with_capacity(operations.len());
    let mut waited: Vec<Vec<usize>> = vec![Vec::new(); operations.len()];
    for (at, operation) in operations.iter().enumerate() {
        let references = operation.as_ref().map(BulkOperation::references).unwrap_or_default();
        let on: BTreeSet<usize> = references.iter().filter_map(|id| makers.get(id.as_str()).copied()).collect();
        for other in &on {
            waited[*other].push(at);
        }
        waits.push(on);
    }
    let mut ready: BTreeSet<usize> = (0..operations.len()).filter(|at| waits[*at].is_empty()).collect();
    let mut order = Vec::with_capacity(operations.len());
    while let Some(at) = ready.pop_first() {
        order.push(at);
        for waiting in &waited[at] {
            if waits[*waiting].remove(&at) && waits[*waiting].is_empty() {
                ready.insert(*waiting);
            }
        }
    }
    let circular: BTreeSet<usize> = (0..operations.len()).filter(|at| !waits[*at].is_empty()).collect();
    order.extend(&circular);
    (order, circular)
}
