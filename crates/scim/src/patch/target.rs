//! What a path means in a schema.

use joinery_model::Op;
use serde_json::Value as Json;

use crate::body::shown;
use crate::place::Resource;
use crate::schema::{Attribute, Kind, Schema};
use crate::{AttrPath, Condition, Found, Literal, Path, Quirk, Resolving, ScimError, ScimType, Shape, Tolerance};

/// Where an operation works.
pub(super) enum Target<'a> {
    /// The resource itself.
    Resource,
    /// An extension, whole.
    Extension(&'a Schema),
    /// An attribute, some of its elements, a sub-attribute of either.
    Attribute(Place<'a>),
    /// Nothing that anybody knows, and that is to be passed over.
    Unknown,
}

/// An attribute, or a part of one.
pub(super) struct Place<'a> {
    pub(super) found: Found<'a>,
    /// Which elements of several values.
    pub(super) which: Option<Condition>,
}

impl Place<'_> {
    /// The path in the registry's spelling, without its filter: what messages name.
    pub(super) fn name(&self) -> String {
        self.found.path().to_string()
    }
}

/// Resolves the text of a path.
pub(super) fn target<'a>(
    shape: &'a Shape,
    text: Option<&str>,
    tolerance: &mut Tolerance,
) -> Result<Target<'a>, ScimError> {
    let Some(text) = text else { return Ok(Target::Resource) };
    if let Some(schema) = shape.extension(text) {
        return Ok(Target::Extension(schema));
    }
    if text.eq_ignore_ascii_case(&shape.core.id) {
        return Ok(Target::Resource);
    }
    let path = Path::read(text, tolerance).map_err(|error| ScimError::bad_path(&error))?;
    let sub = if path.filter.is_some() { None } else { path.sub.clone() };
    let attribute = AttrPath { urn: path.urn.clone(), name: path.name.clone(), sub };
    let unknown = |tolerance: &mut Tolerance| {
        if tolerance.meets(Quirk::UnknownAttributes) {
            return Ok(Target::Unknown);
        }
        // The path is well formed and yields nothing that could be operated on (table 9).
        Err(ScimError::new(
            ScimType::NoTarget,
            format!("`{}`: {} has no such attribute.", shown(text), shape.kind.name),
        ))
    };
    let Some(mut found) = shape.find(&attribute, tolerance) else { return unknown(tolerance) };
    let Some(filter) = &path.filter else { return Ok(Target::Attribute(Place { found, which: None })) };
    if !found.attribute.multi_valued || found.sub.is_some() {
        return Err(ScimError::new(
            ScimType::InvalidPath,
            format!("`{}` holds one value; brackets choose among several.", found.path()),
        ));
    }
    let which = shape.judge_elements(found.attribute, filter, Resolving::default(), tolerance)?;
    if let Some(sub) = &path.sub {
        match found.attribute.part(sub) {
            Some(sub) => found.sub = Some(sub),
            None => return unknown(tolerance),
        }
    }
    Ok(Target::Attribute(Place { found, which: Some(which) }))
}

/// The members that an element must have to be one of those, when equalities alone say so; nothing when more is asked for.
pub(super) fn implied(attribute: &Attribute, which: &Condition) -> Option<Resource> {
    let mut members = Resource::new();
    let parts = match which {
        Condition::And(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    for part in parts {
        let Condition::Compare(spot, Op::Eq, literal) = part else { return None };
        if attribute.kind != Kind::Complex {
            return None;
        }
        let value = match literal {
            Literal::Bool(value) => Json::Bool(*value),
            Literal::Number(value) => value.clone().into(),
            Literal::Text(text) | Literal::Instant(_, text) => (&**text).into(),
        };
        // Two values for one member cannot both be.
        if members.insert(spot.path.name.to_string(), value.clone()).is_some_and(|before| before != value) {
            return None;
        }
    }
    Some(members)
}
